#include "daemon/pipeline/forecasting/ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/series/period.h"
#include "tests/query/test_store.h"

namespace headway::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A random walk of logarithms: positive, and rising by about 1 % a step.
std::vector<double> GrowingWalk(int n, uint64_t seed, double from = 100) {
  forecast::NormalGenerator normal(seed);
  std::vector<double> values = {from};
  for (int i = 1; i < n; ++i) {
    values.push_back(values.back() * std::exp(0.01 + 0.04 * normal.Next()));
  }
  return values;
}

// A store, and the forecast of an expression over it.
class AheadTest : public ::testing::Test {
 protected:
  void Add(const std::string& metric, const std::string& of,
           const std::string& first, std::vector<double> values,
           const std::string& unit = "USD") {
    store_.Add(metric, {{"of", of}}, unit,
               query::From(first, std::move(values)));
  }

  void Define(const std::string& name, const std::string& text,
              const std::string& unit, ForecastDefinition definition = {}) {
    store_.Define(name, text, unit);
    Indicator& indicator = indicators_[name];
    indicator.name = name;
    indicator.forecast = definition;
    indicator.forecast.method = "theta";
  }

  query::Panel Panel(const std::string& expression) {
    return store_.Evaluate(expression).value();
  }

  Ahead Look(const std::string& expression) {
    const std::unique_ptr<store::Reader> reader = store_.NewReader();
    const query::Expression parsed = query::Parse(expression).value();
    query::Context context;
    context.reader = reader.get();
    context.indicators = &store_.indicators();
    return LookAhead({&parsed, context, &indicators_}, Panel(expression),
                     task_);
  }

  std::vector<v1::Forecast> Forecasts(const std::string& expression) {
    const Ahead ahead = Look(expression);
    task_.ahead = &ahead;
    std::vector<v1::Forecast> forecasts;
    const std::vector<MadeForecast> all =
        MakeForecasts(Panel(expression), task_).value();
    for (const MadeForecast& made : all) {
      EXPECT_TRUE(made.status.ok()) << made.status;
      forecasts.push_back(made.forecast);
    }
    task_.ahead = nullptr;
    return forecasts;
  }

  static ForecastTask Task() {
    ForecastTask task;
    task.indicator = "test";
    task.definition.method = "theta";
    task.definition.through = Through::kIndicators;
    task.definition.horizon = 12;
    task.as_of = absl::FromUnixSeconds(1700000000);
    task.issue_time = task.as_of;
    return task;
  }

  query::TestStore store_;
  std::map<std::string, Indicator> indicators_;
  ForecastTask task_ = Task();
};

// The rows of a column's paths from the period after its last observation on.
std::vector<std::vector<double>> Rows(const query::LabelledColumn& column) {
  std::vector<std::vector<double>> rows;
  for (size_t row = 0; row < column.paths->rows(); ++row) {
    const double* values = column.paths->Row(row);
    rows.emplace_back(values, values + column.paths->paths);
  }
  return rows;
}

TEST_F(AheadTest, SharesOfEachPathSumToOneHundred) {
  Add("sales", "a", "2015-01", GrowingWalk(90, 1));
  Add("sales", "b", "2015-01", GrowingWalk(90, 2, 30));
  Add("sales", "c", "2015-01", GrowingWalk(90, 3, 10));
  const Ahead ahead = Look("share(sales)");
  ASSERT_TRUE(ahead.status.ok()) << ahead.status;
  ASSERT_EQ(ahead.columns.size(), 3);
  for (size_t row = 0; row < 12; ++row) {
    for (size_t p = 0; p < 1000; ++p) {
      double sum = 0;
      for (const query::LabelledColumn& column : ahead.columns) {
        const double share = column.paths->Row(row)[p];
        EXPECT_GE(share, 0);
        sum += share;
      }
      ASSERT_NEAR(sum, 100, 1e-9);
    }
  }
}

TEST_F(AheadTest, AYearOnYearChangeFollowsFromTheLevelOfItsPath) {
  Add("revenue", "x", "2012-01", GrowingWalk(120, 4));
  Define("level", "sum(revenue)", "USD");
  const auto level = Rows(Look("level").columns[0]);
  const auto yoy = Rows(Look("yoy(level)").columns[0]);
  const std::vector<double> known =
      Panel("level").columns[0].observations.values;
  for (size_t h = 0; h < 12; ++h) {
    const double base = known[known.size() - 12 + h];
    for (size_t p = 0; p < 1000; ++p) {
      ASSERT_NEAR(yoy[h][p], 100 * (level[h][p] / base - 1), 1e-9);
    }
  }
}

// Releases of two countries: the leader's records come first.
class FrontierTest : public AheadTest {
 protected:
  void SetUp() override {
    store::Batch batch;
    for (int i = 0; i < 12; ++i) {
      batch.updates.push_back(Release("USA", i, 30 * i, 100 + 5 * i));
      batch.updates.push_back(Release("CHN", i, 30 * i + 150, 100 + 5 * i));
      // Below the record of its day.
      batch.updates.push_back(Release("CHN", 100 + i, 30 * i + 160, 60));
    }
    store_.Commit(batch);
    task_.definition.horizon = 26;
  }

  static store::VintageUpdate Release(const std::string& country, int model,
                                      int day, double score) {
    store::VintageUpdate update;
    update.info.key = {"score",
                       query::L({{"country", country},
                                 {"model", absl::StrCat(country, model)}}),
                       series::Frequency::kDaily};
    update.info.unit = series::Unit::Parse("index").value();
    update.known_at = query::Midnight(2024, 6, 1);
    update.ordinals = {series::ParsePeriod("2023-01-01")->ordinal + day};
    update.values = {score};
    return update;
  }
};

TEST_F(FrontierTest, ARunningMaximumNeverFallsOnAnyPath) {
  const Ahead ahead =
      Look("fill(resample(cummax(max by (country) (score)), \"W\", \"last\"))");
  ASSERT_TRUE(ahead.status.ok()) << ahead.status;
  ASSERT_EQ(ahead.columns.size(), 2);
  for (const query::LabelledColumn& column : ahead.columns) {
    std::vector<double> latest(1000, column.observations.values.back());
    for (const std::vector<double>& row : Rows(column)) {
      for (size_t p = 0; p < 1000; ++p) {
        if (std::isnan(row[p])) continue;
        ASSERT_GE(row[p], latest[p]);
        latest[p] = row[p];
      }
    }
    EXPECT_GT(*std::max_element(latest.begin(), latest.end()), 160);
  }
}

TEST_F(FrontierTest, NoQuantileOfARunningMaximumLiesBelowWhatWasReached) {
  for (const v1::Forecast& forecast :
       Forecasts("fill(resample(cummax(max by (country) (score)), \"W\", "
                 "\"last\"))")) {
    double reached = forecast.last().value();
    for (const v1::ForecastStep& step : forecast.steps()) {
      EXPECT_GE(step.quantiles(0).value(), reached);
      reached = step.quantiles(0).value();
    }
  }
}

TEST_F(FrontierTest, ALagIsForecastThroughBothFrontiers) {
  const std::string leader = "max(score{country=\"USA\"})";
  const std::string follower = "max(score{country=\"CHN\"})";
  task_.definition.horizon = 0;
  const auto forecast = Forecasts("resample(frontier_lag(" + leader + ", " +
                                  follower + "), \"W\", \"last\")")[0];
  EXPECT_THAT(forecast.model(), HasSubstr("paths of"));
  EXPECT_THAT(forecast.model(), HasSubstr("series with score"));
}

TEST_F(AheadTest, ARatioOfSeriesThatMoveTogetherIsSurerThanOfOthers) {
  // b is a half of a, nearly; c is by itself.
  std::vector<double> a = GrowingWalk(120, 5);
  std::vector<double> b = a;
  forecast::NormalGenerator noise(6);
  for (double& value : b) value *= 0.5 * std::exp(0.001 * noise.Next());
  Add("x", "a", "2012-01", a);
  Add("x", "b", "2012-01", b);
  Add("x", "c", "2012-01", GrowingWalk(120, 7, 50));
  const auto width = [&](const std::string& of) {
    const v1::Forecast forecast =
        Forecasts("100 * sum(x{of=\"" + of + "\"}) / sum(x{of=\"a\"})")[0];
    const v1::ForecastStep& step = forecast.steps(5);
    const int last = step.quantiles_size() - 1;
    return std::log(step.quantiles(last).value() / step.quantiles(0).value());
  };
  EXPECT_LT(width("b"), 0.5 * width("c"));
}

TEST_F(AheadTest, TheForecastSaysWhatItWasMadeThrough) {
  Add("x", "a", "2015-01", GrowingWalk(80, 8));
  Add("x", "b", "2015-01", GrowingWalk(80, 9));
  const v1::Forecast forecast = Forecasts("sum(x)")[0];
  EXPECT_EQ(forecast.model(), "paths of x{of=\"a\"}, x{of=\"b\"}");
  const std::string notes = absl::StrJoin(forecast.notes(), "\n");
  EXPECT_THAT(notes, HasSubstr("through x{of=\"a\"}: "));
  EXPECT_THAT(notes, HasSubstr("2 monthly columns are drawn together"));
}

TEST_F(AheadTest, AMixtureLiesBetweenItsHalves) {
  Add("x", "a", "2012-01", GrowingWalk(120, 10));
  const auto median = [&](Through through) {
    task_.definition.through = through;
    return Forecasts("yoy(sum(x))")[0].steps(8).point();
  };
  const double direct = median(Through::kDirect);
  const double through = median(Through::kIndicators);
  const double mixed = median(Through::kMixture);
  EXPECT_GT(mixed, std::min(direct, through));
  EXPECT_LT(mixed, std::max(direct, through));
}

TEST_F(AheadTest, TheHalvesOfAMixtureAreItsMembers) {
  Add("x", "a", "2012-01", GrowingWalk(120, 10));
  task_.definition.through = Through::kMixture;
  const v1::Forecast forecast = Forecasts("yoy(sum(x))")[0];
  ASSERT_EQ(forecast.members_size(), 2);
  EXPECT_EQ(forecast.members(0).model(), "paths of x{of=\"a\"}");
  EXPECT_EQ(forecast.members(0).weight(), 0.5);
  EXPECT_EQ(forecast.members(1).weight(), 0.5);
}

TEST_F(AheadTest, ASeriesIsForecastByThePoolOfTheIndicatorThatReadsIt) {
  Add("x", "a", "2015-01", GrowingWalk(80, 18));
  task_.definition.models = {"theta", "naive"};
  EXPECT_THAT(
      absl::StrJoin(Forecasts("sum(x)")[0].notes(), "\n"),
      AllOf(HasSubstr("through x{of=\"a\"}: theta ("), HasSubstr("+ naive (")));
}

TEST_F(AheadTest, WhatCannotGoOnIsForecastDirectlyAndANoteSaysWhy) {
  Add("x", "a", "2015-01", GrowingWalk(80, 11));
  const v1::Forecast forecast = Forecasts("first_release(x)")[0];
  EXPECT_EQ(forecast.steps_size(), 12);
  EXPECT_THAT(absl::StrJoin(forecast.notes(), "\n"),
              HasSubstr("made directly, not through its inputs: "));
  EXPECT_THAT(absl::StrJoin(forecast.notes(), "\n"),
              HasSubstr("has no vintages"));
}

TEST_F(AheadTest, ASeriesThatEndedLongAgoDoesNotGoOn) {
  Add("x", "alive", "2015-01", GrowingWalk(80, 12));
  Add("x", "dead", "2010-01", GrowingWalk(40, 13));
  const Ahead ahead = Look("sum(x)");
  ASSERT_TRUE(ahead.status.ok()) << ahead.status;
  EXPECT_EQ(ahead.model, "paths of x{of=\"alive\"}");
}

TEST_F(AheadTest, ADailySeriesWithoutAPatternIsNamed) {
  series::Observations x = query::From("2024-01-01", GrowingWalk(30, 14));
  for (size_t i = 0; i < x.size(); ++i)
    x.ordinals[i] += static_cast<int32_t>(5 * i + i % 3);
  store_.Add("rating", {}, "index", x);
  const Ahead ahead = Look("resample(max(rating), \"M\", \"last\")");
  EXPECT_TRUE(absl::IsFailedPrecondition(ahead.status));
  EXPECT_THAT(std::string(ahead.status.message()),
              HasSubstr("rating{}: has values on 30 of"));
}

TEST_F(AheadTest, TheSameTaskGivesTheSameBits) {
  Add("x", "a", "2015-01", GrowingWalk(80, 15));
  Add("x", "b", "2015-01", GrowingWalk(80, 16));
  EXPECT_EQ(Rows(Look("sum(x)").columns[0]), Rows(Look("sum(x)").columns[0]));
}

TEST_F(AheadTest, AStopIsCancelled) {
  Add("x", "a", "2015-01", GrowingWalk(80, 17));
  task_.stopped = [] { return true; };
  EXPECT_TRUE(absl::IsCancelled(Look("sum(x)").status));
}

}  // namespace
}  // namespace headway::pipeline
