#include "daemon/forecast/paths.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "daemon/base/thread_pool.h"
#include "daemon/forecast/batch.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/path_functions.h"
#include "daemon/scores/scores.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A law of normal values with these standard deviations and no mean.
PathLaw NormalLaw(const std::vector<double>& deviations) {
  Forecast forecast;
  forecast.probabilities = PathProbabilities();
  for (double deviation : deviations) {
    std::vector<double>& row = forecast.quantiles.emplace_back();
    for (double p : forecast.probabilities) {
      row.push_back(deviation * NormalQuantile(p));
    }
  }
  return MakePathLaw({1, 2, 3}, forecast, Bounds::kNone).value();
}

double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xy / std::sqrt(xx * yy);
}

std::vector<double> Step(const Forecast& forecast, size_t h) {
  std::vector<double> values;
  for (const std::vector<double>& path : forecast.paths) {
    values.push_back(path[h]);
  }
  return values;
}

std::vector<double> RandomWalk(int n, uint64_t seed) {
  NormalGenerator normal(seed);
  std::vector<double> values = {100};
  for (int i = 1; i < n; ++i) values.push_back(values.back() + normal.Next());
  return values;
}

TEST(MakePathLawTest, ARandomWalkKeepsEveryInnovation) {
  const PathLaw law =
      NormalLaw({1, std::sqrt(2.0), std::sqrt(3.0), std::sqrt(4.0)});
  for (double weight : law.weights) EXPECT_NEAR(weight, 1, 1e-9);
}

TEST(MakePathLawTest, AnAutoregressionForgetsAtItsRate) {
  std::vector<double> deviations;
  double variance = 0;
  for (int h = 0; h < 6; ++h) {
    variance += std::pow(0.49, h);
    deviations.push_back(std::sqrt(variance));
  }
  const PathLaw law = NormalLaw(deviations);
  for (int j = 0; j < 6; ++j) {
    EXPECT_NEAR(law.weights[j], std::pow(0.7, j), 1e-9);
  }
}

TEST(MakePathLawTest, WhereTheVarianceDoesNotGrowNothingIsKept) {
  const PathLaw law = NormalLaw({2, 2, 1, 2});
  EXPECT_THAT(law.weights, testing::ElementsAre(1, 0, 0, 0));
}

TEST(MakePathLawTest, NeedsQuantiles) {
  Forecast forecast;
  forecast.probabilities = {0.5};
  EXPECT_THAT(
      std::string(
          MakePathLaw({1, 2}, forecast, Bounds::kNone).status().message()),
      HasSubstr("PathProbabilities"));
}

TEST(DrawPathsTest, StepsOfARandomWalkAreCorrelatedAsTheirVariancesSay) {
  const PathLaw law =
      NormalLaw({1, std::sqrt(2.0), std::sqrt(3.0), std::sqrt(4.0)});
  const auto paths = DrawPaths({{&law, 3}}, {}, 4000)->at(0);
  EXPECT_NEAR(Correlation(paths[0], paths[3]), 0.5, 0.05);
  EXPECT_NEAR(Correlation(paths[1], paths[3]), std::sqrt(0.5), 0.05);
}

TEST(DrawPathsTest, SeriesAreCorrelatedInTheSamePeriod) {
  const PathLaw law = NormalLaw({1, 1, 1});
  // The second series begins one period later.
  const auto paths =
      DrawPaths({{&law, 3, 10}, {&law, 4, 11}}, {{1, 0.8}, {0.8, 1}}, 4000);
  EXPECT_NEAR(Correlation(paths->at(0)[1], paths->at(1)[0]), 0.8, 0.03);
  EXPECT_NEAR(Correlation(paths->at(0)[0], paths->at(1)[0]), 0, 0.06);
}

TEST(DrawPathsTest, TheFirstOfSeveralSeriesIsDrawnAsAlone) {
  const PathLaw law = NormalLaw({1, 2});
  EXPECT_EQ(DrawPaths({{&law, 3}, {&law, 9}}, {{1, 0.5}, {0.5, 1}}, 50)->at(0),
            DrawPaths({{&law, 3}}, {}, 50)->at(0));
}

TEST(DrawPathsTest, RefusesACorrelationThatIsNone) {
  const PathLaw law = NormalLaw({1});
  const auto message = [&](std::vector<std::vector<double>> correlation) {
    return std::string(
        DrawPaths({{&law, 1}, {&law, 2}}, correlation, 5).status().message());
  };
  EXPECT_THAT(message({{1, 1}, {1, 1}}), HasSubstr("not positive definite"));
  EXPECT_THAT(message({{1}}), HasSubstr("give 2 of 2"));
}

TEST(PathsTest, HaveTheQuantilesOfTheForecast) {
  Options options;
  options.method = "auto_fast";
  options.paths = 2000;
  options.probabilities = {0.025, 0.1, 0.5, 0.9, 0.975};
  const auto forecast = MakeForecast(RandomWalk(80, 5), options);
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  for (int h = 0; h < options.horizon; ++h) {
    const double width =
        forecast->quantiles[h].back() - forecast->quantiles[h].front();
    for (size_t i = 0; i < options.probabilities.size(); ++i) {
      EXPECT_NEAR(SampleQuantile(Step(*forecast, h), options.probabilities[i]),
                  forecast->quantiles[h][i], 0.002 * width)
          << h << " " << options.probabilities[i];
    }
  }
}

TEST(PathsTest, LeaveTheQuantilesAsTheyAre) {
  Options options;
  options.horizon = 5;
  const std::vector<double> values = RandomWalk(60, 6);
  const auto without = MakeForecast(values, options);
  options.paths = 10;
  const auto with = MakeForecast(values, options);
  EXPECT_EQ(with->quantiles, without->quantiles);
  EXPECT_EQ(with->point, without->point);
  EXPECT_EQ(with->probabilities, without->probabilities);
  EXPECT_THAT(with->paths, SizeIs(10));
  EXPECT_THAT(with->paths, Each(SizeIs(5)));
}

TEST(PathsTest, LieWithinTheBounds) {
  std::vector<double> shares;
  for (int i = 0; i < 60; ++i) shares.push_back(i % 3 == 0 ? 100 : 97 + i % 3);
  Options options;
  options.method = "auto_fast";
  options.bounds = Bounds::kPercent;
  options.paths = 1000;
  const auto forecast = MakeForecast(shares, options);
  for (const std::vector<double>& path : forecast->paths) {
    for (double value : path) {
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 100);
    }
  }
}

TEST(PathsTest, AFewAreASampleAndNotStrata) {
  // The median would be the only stratum of one.
  Options options;
  options.method = "naive";
  options.paths = 1;
  const std::vector<double> values = RandomWalk(60, 7);
  double farthest = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    options.seed = seed;
    const auto forecast = MakeForecast(values, options);
    farthest = std::max(farthest,
                        std::abs(forecast->paths[0][0] - forecast->point[0]));
  }
  EXPECT_GT(farthest, 0.5);
}

TEST(PathsTest, AConstantSeriesHasConstantPaths) {
  Options options;
  options.paths = 3;
  options.horizon = 2;
  const auto forecast = MakeForecast(std::vector<double>(20, 7.0), options);
  EXPECT_THAT(forecast->paths, Each(testing::ElementsAre(7, 7)));
}

TEST(PathsTest, AreTheSameBitsOnAnyNumberOfThreads) {
  Options options;
  options.method = "auto_fast";
  options.paths = 20;
  std::vector<std::vector<double>> series;
  for (uint64_t i = 0; i < 8; ++i) series.push_back(RandomWalk(50, i));
  std::vector<Job> jobs;
  for (const std::vector<double>& values : series) {
    jobs.push_back({values, &options});
  }
  ThreadPool pool({.threads = 3});
  const auto one = MakeForecasts(jobs, nullptr, 1);
  const auto four = MakeForecasts(jobs, &pool, 4);
  for (size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(one[i]->paths, four[i]->paths);
  }
}

TEST(PathsTest, AnotherSeedGivesOtherPaths) {
  Options options;
  options.method = "naive";
  options.paths = 5;
  const std::vector<double> values = RandomWalk(50, 8);
  const auto first = MakeForecast(values, options);
  options.seed = 2;
  EXPECT_NE(MakeForecast(values, options)->paths, first->paths);
}

// As the paths, but with no dependence from step to step.
std::vector<std::vector<double>> Shuffled(
    std::vector<std::vector<double>> paths) {
  for (size_t h = 0; h < paths[0].size(); ++h) {
    for (size_t p = paths.size(); p-- > 1;) {
      const size_t other = static_cast<size_t>(UniformAt(h, p) * (p + 1.0));
      std::swap(paths[p][h], paths[other][h]);
    }
  }
  return paths;
}

// The sum and the maximum of each path.
std::vector<std::vector<double>> SumsAndMaxima(
    const std::vector<std::vector<double>>& paths) {
  std::vector<std::vector<double>> both;
  for (const std::vector<double>& path : paths) {
    both.push_back({std::accumulate(path.begin(), path.end(), 0.0),
                    *std::max_element(path.begin(), path.end())});
  }
  return both;
}

TEST(PathsTest, ScoreSumsAndMaximaBetterThanIndependentSteps) {
  constexpr size_t kPast = 120;
  Options options;
  options.method = "arima";
  options.horizon = 12;
  options.paths = 200;
  double together = 0;
  double apart = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    NormalGenerator normal(seed);
    std::vector<double> values = {0};
    while (values.size() < kPast + 12) {
      values.push_back(0.7 * values.back() + normal.Next());
    }
    const std::vector<double> past(values.begin(), values.begin() + kPast);
    const std::vector<double> future(values.begin() + kPast, values.end());
    const auto forecast = MakeForecast(past, options);
    const std::vector<double> actual = SumsAndMaxima({future})[0];
    together += scores::EnergyScore(actual, SumsAndMaxima(forecast->paths));
    apart +=
        scores::EnergyScore(actual, SumsAndMaxima(Shuffled(forecast->paths)));
  }
  EXPECT_LT(together, 0.97 * apart);
}

TEST(PathsTest, ACountOutOfRangeIsNamed) {
  Options options;
  for (int count : {-1, 10'001}) {
    options.paths = count;
    EXPECT_THAT(std::string(CheckOptions(options).message()),
                HasSubstr("paths are out of range; choose 0 to 10000"));
  }
}

TEST(PathsTest, AStopWhileTheyAreDrawnIsCancelled) {
  const PathLaw law = NormalLaw(std::vector<double>(50, 1.0));
  int asked = 0;
  const auto drawn =
      DrawPaths({{&law, 1}}, {}, 10, [&asked] { return ++asked == 20; });
  EXPECT_TRUE(absl::IsCancelled(drawn.status()));
  EXPECT_EQ(asked, 20);
}

}  // namespace
}  // namespace headway::forecast
