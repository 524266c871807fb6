#include "daemon/forecast/arima/auto.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/arima/search.h"
#include "daemon/forecast/arima/unit_root.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

constexpr double kCentral95[] = {0.025, 0.975};

std::vector<double> Simulated(int n, double ar, double season, uint64_t seed) {
  NormalGenerator normal(seed);
  std::vector<double> values(n);
  double state = 0;
  for (int t = 0; t < n; ++t) {
    state = ar * state + normal.Next();
    values[t] = 10 + state + season * std::sin(t * M_PI / 2);
  }
  return values;
}

ModelInput InputOf(const std::vector<double>& values, int season, int horizon) {
  ModelInput input;
  input.values = values;
  input.season = season;
  input.horizon = horizon;
  input.probabilities = kCentral95;
  return input;
}

// By hand: the sums of the deviations from 2.5 are -1.5, -2, -1.5, 0, and their
// squares add up to 8.5; the deviations' squares to 5.
TEST(UnitRootTest, KpssStatisticOfFourValues) {
  EXPECT_DOUBLE_EQ(KpssStatistic({1, 2, 3, 4}), 8.5 / (4 * 5));
}

TEST(UnitRootTest, ALineNeedsOneDifferenceAndAParabolaTwo) {
  const std::vector<double> noise = Simulated(200, 0, 0, 3);
  std::vector<double> line = noise;
  std::vector<double> parabola = noise;
  for (int t = 0; t < 200; ++t) {
    line[t] += 0.1 * t;
    parabola[t] += 0.1 * t * t;
  }
  EXPECT_EQ(CountDifferences(noise, 2), 0);
  EXPECT_EQ(CountDifferences(line, 2), 1);
  EXPECT_EQ(CountDifferences(parabola, 2), 2);
  EXPECT_EQ(CountDifferences(parabola, 1), 1);
}

TEST(UnitRootTest, OnlyAStrongSeasonNeedsADifference) {
  EXPECT_TRUE(NeedsSeasonalDifference(Simulated(80, 0, 5, 1), 4));
  EXPECT_FALSE(NeedsSeasonalDifference(Simulated(80, 0, 0.5, 1), 4));
  EXPECT_FALSE(NeedsSeasonalDifference(Simulated(8, 0, 5, 1), 4));
}

TEST(SearchArimaTest, FindsAModelAtLeastAsGoodAsTheTrueOne) {
  const std::vector<double> values = Simulated(150, 0.6, 0, 11);
  const ArimaForm truth{.ar = 1, .has_constant = true};
  const absl::StatusOr<ArimaSearch> search = SearchArima(values, ArimaForm{});
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_LE(search->best.aicc, FitArima(values, truth)->aicc + 1e-6);
  EXPECT_FALSE(search->best.near_unit_root);
}

TEST(SearchArimaTest, RegressionsAreDifferencedByWhatTheyDoNotExplain) {
  const std::vector<double> noise = Simulated(100, 0, 0, 5);
  Regressors regressors(1);
  std::vector<double> values;
  for (int t = 0; t < 100; ++t) {
    regressors[0].push_back(t + std::sin(t));
    values.push_back(noise[t] + 3 * regressors[0][t]);
  }
  EXPECT_GT(FindDifferences(values, 1)->differences, 0);
  const absl::StatusOr<ArimaForm> form = FindDifferences(values, 1, regressors);
  ASSERT_TRUE(form.ok()) << form.status();
  EXPECT_EQ(form->differences, 0);
  const absl::StatusOr<ArimaSearch> search =
      SearchArima(values, *form, regressors);
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_NEAR(search->best.regression.back(), 3, 0.01);
}

TEST(AutoArimaTest, IsTheAverageByTheWeightsOfAkaike) {
  std::vector<double> values = Simulated(60, 0.5, 0, 9);
  for (size_t t = 1; t < values.size(); ++t) values[t] += values[t - 1] - 10;
  const ArimaForm form = *FindDifferences(values, 1);
  ASSERT_EQ(form.differences, 1);
  const ArimaSearch search = *SearchArima(values, form);
  double sum = 0;
  double weights = 0;
  int models = 0;
  for (const ArimaFit& fit : search.considered) {
    const bool is_best = fit.form == search.best.form;
    const double weight =
        is_best ? 1 : std::exp((search.best.aicc - fit.aicc) / 2);
    if (weight < 0.02) continue;
    const ArimaFit& used = is_best ? search.best : fit;
    sum += weight * PredictArima(search.design, used, 1, {})->mean[0];
    weights += weight;
    ++models;
  }
  ASSERT_GT(models, 1);
  const absl::StatusOr<Prediction> average = AutoArima(InputOf(values, 1, 1));
  ASSERT_TRUE(average.ok()) << average.status();
  EXPECT_NEAR(average->point[0], sum / weights, 1e-9);
  EXPECT_THAT(average->model, HasSubstr(search.best.form.Name()));
}

TEST(AutoArimaTest, TooFewValuesAreCounted) {
  const std::vector<double> values = {1, 3, kMissing, 2, 4};
  EXPECT_THAT(std::string(AutoArima(InputOf(values, 1, 1)).status().message()),
              HasSubstr("at least 5 values, and there are 4"));
}

TEST(AutoArimaTest, ALineIsContinued) {
  std::vector<double> values;
  for (int t = 0; t < 20; ++t) values.push_back(3 + 2 * t);
  for (const auto& method : {Arima, AutoArima}) {
    const absl::StatusOr<Prediction> prediction = method(InputOf(values, 1, 2));
    ASSERT_TRUE(prediction.ok()) << prediction.status();
    EXPECT_NEAR(prediction->point[1], 3 + 2 * 21, 1e-6);
  }
}

TEST(AutoArimaTest, ManyMissingValuesAreBridgedAndNoted) {
  std::vector<double> values = Simulated(300, 0.5, 0, 2);
  for (int t = 1; t < 299; t += 3) values[t] = kMissing;
  const absl::StatusOr<Prediction> prediction =
      AutoArima(InputOf(values, 1, 1));
  ASSERT_TRUE(prediction.ok()) << prediction.status();
  EXPECT_THAT(prediction->notes,
              ::testing::ElementsAre(HasSubstr("100 missing values")));
}

}  // namespace
}  // namespace headway::forecast
