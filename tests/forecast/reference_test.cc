// Agreement with R's forecast package 8.20 and statsforecast 2.1.1 on M3
// series. Every test prints what it measured.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/ets/likelihood.h"
#include "daemon/forecast/ets/predict.h"
#include "daemon/forecast/models/theta/classical.h"
#include "daemon/forecast/models/theta/fit.h"
#include "gtest/gtest.h"
#include "tests/forecast/reference_data.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// Of each set. More say the same and cost time under the sanitizers.
constexpr int kSample = 100;
constexpr double kReferenceProbabilities[] = {0.025, 0.975};

// Mean absolute difference of two paths over the mean size of the reference.
double RelativeDifference(const std::vector<double>& ours,
                          const std::vector<double>& reference) {
  double difference = 0;
  double size = 0;
  for (size_t h = 0; h < reference.size(); ++h) {
    difference += std::abs(ours[h] - reference[h]);
    size += std::abs(reference[h]);
  }
  return difference / size;
}

std::vector<double> QuantilePath(const Prediction& prediction, int index) {
  std::vector<double> path;
  for (const std::vector<double>& step : prediction.quantiles) {
    path.push_back(step[index]);
  }
  return path;
}

ModelInput InputOf(const ReferenceSeries& series) {
  ModelInput input;
  input.values = series.values;
  input.season = series.season;
  input.horizon = static_cast<int>(series.ets_forecast.point.size());
  input.probabilities = kReferenceProbabilities;
  return input;
}

class ReferenceTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::optional<std::vector<ReferenceSeries>> loaded =
        LoadReference(GetParam(), kSample);
    if (!loaded) {
      GTEST_SKIP() << "no reference data; set HEADWAY_SHARED_DATA to the "
                      "directory that holds reference/ and competitions/";
    }
    series_ = *std::move(loaded);
    ASSERT_EQ(series_.size(), static_cast<size_t>(kSample));
  }

  void Print(const char* what, double value) {
    std::printf("[ measured ] M3 %s: %s %.4g\n", GetParam(), what, value);
  }

  std::vector<ReferenceSeries> series_;
};

TEST_P(ReferenceTest, RecursionReproducesTheLikelihoodOfR) {
  double worst = 0;
  for (const ReferenceSeries& series : series_) {
    EtsLikelihood likelihood(series.values, series.ets.form, series.season);
    const double ours =
        -likelihood.Evaluate(series.ets.smoothing, series.ets.initial) / 2;
    worst = std::max(worst, std::abs(ours / series.ets.log_likelihood - 1));
  }
  Print("largest relative difference of the log-likelihood", worst);
  EXPECT_LT(worst, 1e-12);
}

// Given R's parameters and states. Two kinds of forms are left out, because R
// differs from the book there: of multiplicative seasons with a damped trend R
// takes the first step undamped, and of seasons without a trend it moves the
// wrong seasonal state in the variance. With these two changes R's numbers come
// out to 1e-10; without them ours agree with simulation, see
// EtsClosedMomentsTest.
TEST_P(ReferenceTest, ForecastsReproduceThoseOfR) {
  double worst_mean = 0;
  double worst_bound = 0;
  for (const ReferenceSeries& series : series_) {
    EtsFit fit = series.ets;
    EtsLikelihood likelihood(series.values, fit.form, series.season);
    likelihood.Evaluate(fit.smoothing, fit.initial);
    fit.final = likelihood.FinalState();
    const ModelInput input = InputOf(series);
    const Prediction ours =
        PredictEts(fit, input.horizon, input.probabilities, 1);
    if (fit.form.season == kMultiplicative && fit.form.damped) continue;
    worst_mean = std::max(
        worst_mean, RelativeDifference(ours.mean, series.ets_forecast.point));
    if (fit.form.season == kAdditive && !fit.form.has_trend()) continue;
    worst_bound = std::max(
        {worst_bound,
         RelativeDifference(QuantilePath(ours, 0), series.ets_forecast.lower),
         RelativeDifference(QuantilePath(ours, 1), series.ets_forecast.upper)});
  }
  Print("largest relative difference of the ETS point forecasts", worst_mean);
  Print("largest relative difference of the ETS 95 % bounds", worst_bound);
  EXPECT_LT(worst_mean, 1e-8);
  EXPECT_LT(worst_bound, 1e-8);
}

// The rest are series whose likelihood has several maxima, where R's simplex
// happened on a better one, and optima on the curved edge of the admissible
// region, along which a gradient search does not move.
TEST_P(ReferenceTest, LikelihoodOfTheSameFormIsAtLeastThatOfR) {
  constexpr double kTolerance = 1e-3;
  Share share;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<EtsFit> fit =
        FitEts(series.values, series.ets.form, series.season);
    ASSERT_TRUE(fit.ok()) << series.id << ": " << fit.status();
    share.Count(fit->log_likelihood >= series.ets.log_likelihood - kTolerance);
  }
  Print("share with a log-likelihood at least R's less 0.001", share.value());
  EXPECT_GE(share.value(), 0.96);
}

// Another form is chosen where a better maximum makes it the better one.
TEST_P(ReferenceTest, SearchChoosesTheFormOfROrOneOfLowerAicc) {
  constexpr double kTolerance = 1e-3;
  Share same;
  Share good;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<EtsFit> fit = SearchEts(series.values, series.season);
    ASSERT_TRUE(fit.ok()) << series.id << ": " << fit.status();
    const bool is_same = fit->form == series.ets.form;
    same.Count(is_same);
    good.Count(is_same || fit->aicc <= series.ets.aicc + kTolerance);
  }
  Print("share with the form of R", same.value());
  Print("share with the form of R or an AICc at least as good", good.value());
  EXPECT_GE(good.value(), 0.98);
}

// R's simplex stops short of the best initial level, which moves the variance
// more than the points: of 900 series, the variance differs by more than 1e-4
// on 118, and R's is the larger one on each.
TEST_P(ReferenceTest, ThetaAgreesWithR) {
  constexpr double kTolerance = 1e-3;
  Share points;
  Share bounds;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<Prediction> ours = Theta(InputOf(series));
    ASSERT_TRUE(ours.ok()) << series.id << ": " << ours.status();
    const ReferenceForecast& r = series.theta_forecast;
    points.Count(RelativeDifference(ours->point, r.point) < kTolerance);
    bounds.Count(
        RelativeDifference(QuantilePath(*ours, 0), r.lower) < kTolerance &&
        RelativeDifference(QuantilePath(*ours, 1), r.upper) < kTolerance);
  }
  Print("share of Theta points within 0.1 % of R", points.value());
  Print("share of Theta 95 % bounds within 0.1 % of R", bounds.value());
  EXPECT_GE(points.value(), 0.95);
  EXPECT_GE(bounds.value(), 0.85);
}

// Ours is the least sum of squares from a level at the first value;
// statsforecast fits the level too, from one start to a loose tolerance.
TEST_P(ReferenceTest, DynamicThetaAgreesWithStatsforecast) {
  constexpr double kTolerance = 0.01;
  Share share;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<Prediction> ours = DynamicTheta(InputOf(series));
    ASSERT_TRUE(ours.ok()) << series.id << ": " << ours.status();
    share.Count(
        RelativeDifference(ours->point, series.dynamic_theta_forecast.point) <
        kTolerance);
  }
  Print("share of dynamic Theta points within 1 % of statsforecast",
        share.value());
  EXPECT_GE(share.value(), 0.75);
}

INSTANTIATE_TEST_SUITE_P(M3, ReferenceTest,
                         ::testing::Values("Yearly", "Quarterly", "Monthly"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace headway::forecast
