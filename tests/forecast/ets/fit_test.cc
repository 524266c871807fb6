#include "daemon/forecast/ets/fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/ets/auto.h"
#include "daemon/forecast/ets/likelihood.h"
#include "daemon/forecast/ets/predict.h"
#include "daemon/forecast/ets/start.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/student.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;
using ::testing::HasSubstr;

constexpr int kSeason = 4;

// All 30 forms.
std::vector<EtsForm> AllForms() {
  std::vector<EtsForm> forms;
  for (EtsComponent error : {kAdditive, kMultiplicative}) {
    for (EtsComponent season : {kNone, kAdditive, kMultiplicative}) {
      forms.push_back({error, kNone, false, season});
      for (EtsComponent trend : {kAdditive, kMultiplicative}) {
        for (bool damped : {false, true}) {
          forms.push_back({error, trend, damped, season});
        }
      }
    }
  }
  return forms;
}

EtsSmoothing SmoothingOf(const EtsForm& form) {
  EtsSmoothing smoothing;
  smoothing.alpha = 0.4;
  if (form.has_trend()) smoothing.beta = 0.1;
  if (form.has_season()) smoothing.gamma = 0.2;
  if (form.damped) smoothing.phi = 0.9;
  return smoothing;
}

EtsState StateOf(const EtsForm& form) {
  EtsState state;
  state.level = 100;
  if (form.trend == kAdditive) state.growth = 1.5;
  if (form.trend == kMultiplicative) state.growth = 1.02;
  if (form.season == kAdditive) state.seasonal = {-12, 5, 10, -3};
  if (form.season == kMultiplicative) state.seasonal = {0.9, 1.1, 1.2, 0.8};
  return state;
}

std::vector<double> SeasonalValues(int n) {
  NormalGenerator normal(3);
  const double season[] = {0.9, 1.05, 1.2, 0.85};
  std::vector<double> values(n);
  double level = 100;
  for (int t = 0; t < n; ++t) {
    level += 1 + 2 * normal.Next();
    values[t] = level * season[t % kSeason] + normal.Next();
  }
  return values;
}

// Simple exponential smoothing of (10, 12, 11) with alpha 1/2 from level 8: the
// fitted values are 8, 9, 10.5, the errors 2, 3, 0.5, the last level 10.75.
TEST(EtsLikelihoodTest, AgreesWithSimpleSmoothingByHand) {
  const std::vector<double> values = {10, 12, 11};
  EtsLikelihood likelihood(values, EtsForm{}, 1);
  EtsSmoothing smoothing;
  smoothing.alpha = 0.5;
  EtsState initial;
  initial.level = 8;
  EXPECT_NEAR(likelihood.Evaluate(smoothing, initial), 3 * std::log(13.25),
              1e-12);
  EXPECT_DOUBLE_EQ(likelihood.FinalState().level, 10.75);
}

// With multiplicative errors the fitted values are the same, the errors 1/4,
// 1/3, 1/21.
TEST(EtsLikelihoodTest, AgreesWithMultiplicativeErrorsByHand) {
  const std::vector<double> values = {10, 12, 11};
  EtsForm form;
  form.error = kMultiplicative;
  EtsLikelihood likelihood(values, form, 1);
  EtsSmoothing smoothing;
  smoothing.alpha = 0.5;
  EtsState initial;
  initial.level = 8;
  const double squares = 1.0 / 16 + 1.0 / 9 + 1.0 / 441;
  EXPECT_NEAR(likelihood.Evaluate(smoothing, initial),
              3 * std::log(squares) + 2 * std::log(8 * 9 * 10.5), 1e-12);
}

TEST(EtsLikelihoodTest, MissingValueMovesTheStateWithoutAnInnovation) {
  const std::vector<double> values = {10, kMissing, 11};
  EtsForm form;
  form.trend = kAdditive;
  EtsLikelihood likelihood(values, form, 1);
  EtsSmoothing smoothing;
  smoothing.alpha = 0.5;
  smoothing.beta = 0.1;
  EtsState initial;
  initial.level = 8;
  initial.growth = 1;
  // Fitted 9, error 1: level 9.5, growth 1.1; then 10.6; then fitted 11.7.
  EXPECT_NEAR(likelihood.Evaluate(smoothing, initial),
              2 * std::log(1 + 0.7 * 0.7), 1e-12);
  EXPECT_EQ(likelihood.observed(), 2);
}

TEST(EtsLikelihoodTest, GradientAgreesWithDifferencesForEveryForm) {
  std::vector<double> values = SeasonalValues(30);
  values[7] = kMissing;
  for (const EtsForm& form : AllForms()) {
    EtsLikelihood likelihood(values, form, kSeason);
    EtsSmoothing smoothing = SmoothingOf(form);
    EtsState state = StateOf(form);
    EtsLikelihood::Gradient gradient;
    likelihood.EvaluateWithGradient(smoothing, state, gradient);
    const auto expect_slope = [&](const char* name, double& x, double slope) {
      const double centre = x;
      const double step = 1e-5 * std::max(1e-2, std::abs(centre));
      x = centre + step;
      const double above = likelihood.Evaluate(smoothing, state);
      x = centre - step;
      const double below = likelihood.Evaluate(smoothing, state);
      x = centre;
      const double difference = (above - below) / (2 * step);
      EXPECT_NEAR(slope, difference, 1e-4 * (1 + std::abs(difference)))
          << EtsName(form) << " " << name;
    };
    expect_slope("alpha", smoothing.alpha, gradient.smoothing.alpha);
    if (form.has_trend()) {
      expect_slope("beta", smoothing.beta, gradient.smoothing.beta);
      expect_slope("growth", state.growth, gradient.initial.growth);
    }
    if (form.damped) {
      expect_slope("phi", smoothing.phi, gradient.smoothing.phi);
    }
    if (form.has_season()) {
      expect_slope("gamma", smoothing.gamma, gradient.smoothing.gamma);
      expect_slope("seasonal", state.seasonal[2], gradient.initial.seasonal[2]);
    }
    expect_slope("level", state.level, gradient.initial.level);
  }
}

TEST(FitEtsTest, EveryFormHasAFiniteFit) {
  const std::vector<double> values = SeasonalValues(40);
  for (const EtsForm& form : AllForms()) {
    const absl::StatusOr<EtsFit> fit = FitEts(values, form, kSeason);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_TRUE(std::isfinite(fit->log_likelihood)) << EtsName(form);
    EXPECT_LE(fit->smoothing.beta, fit->smoothing.alpha) << EtsName(form);
    EXPECT_LE(fit->smoothing.gamma, 1 - fit->smoothing.alpha) << EtsName(form);
  }
}

TEST(FitEtsTest, RecoversTheSmoothingParameterOfALongSimulatedSeries) {
  NormalGenerator normal(11);
  std::vector<double> values;
  double level = 50;
  for (int t = 0; t < 2000; ++t) {
    const double error = normal.Next();
    values.push_back(level + error);
    level += 0.3 * error;
  }
  const EtsFit fit = FitEts(values, EtsForm{}, 1).value();
  EXPECT_NEAR(fit.smoothing.alpha, 0.3, 0.06);
  EXPECT_NEAR(fit.variance, 1, 0.1);
}

// Each share of its interval: with full weight on the priors, the fit stays
// where the priors are.
TEST(FitEtsTest, ShrinkageDrawsParametersTowardsItsMeans) {
  const std::vector<double> values = SeasonalValues(40);
  const EtsForm form = {kAdditive, kAdditive, false, kNone};
  EtsShrinkage shrinkage;
  shrinkage.alpha_mean = 0.25;
  shrinkage.alpha_weight = 1e4;
  shrinkage.beta_weight = 1e4;
  const EtsFit fit = FitEts(values, form, 1, shrinkage).value();
  EXPECT_NEAR(fit.smoothing.alpha, 0.25, 0.001);
  EXPECT_NEAR(fit.smoothing.beta, 0, 0.001);
}

TEST(FitEtsTest, ShrinkageOfStatesDrawsThemTowardsTheirStart) {
  const std::vector<double> values = SeasonalValues(40);
  const EtsForm form = {kAdditive, kAdditive, false, kAdditive};
  const EtsState start = StartingState(values, form, kSeason);
  EtsShrinkage shrinkage;
  shrinkage.state_weight = 1e6;
  const EtsFit fit = FitEts(values, form, kSeason, shrinkage).value();
  EXPECT_NEAR(fit.initial.level, start.level, 0.01);
  EXPECT_NEAR(fit.initial.growth, start.growth, 0.01);
  EXPECT_NEAR(fit.initial.seasonal[2], start.seasonal[2], 0.01);
}

// Searches are given up only where they do not matter.
TEST(FitEtsFormsTest, BestFormIsFittedAsWellAsOnItsOwn) {
  const std::vector<double> values = SeasonalValues(60);
  const EtsShrinkage shrinkage = ForecastShrinkage(kSeason);
  const std::vector<EtsFit> fits =
      FitEtsForms(values, kSeason, shrinkage).value();
  const EtsFit& best = *std::min_element(fits.begin(), fits.end(),
                                         [](const EtsFit& a, const EtsFit& b) {
                                           return a.charged_aic < b.charged_aic;
                                         });
  const EtsFit alone = FitEts(values, best.form, kSeason, shrinkage).value();
  EXPECT_NEAR(best.charged_aic, alone.charged_aic, 0.02);
  EXPECT_NEAR(best.smoothing.alpha, alone.smoothing.alpha, 0.01);
}

TEST(FitEtsTest, MultiplicativeFormOfValuesAtZeroIsAnErrorThatSaysSo) {
  const std::vector<double> values = {1, 2, 0, 3, 2, 1, 4, 2};
  const EtsForm form = {kMultiplicative, kNone, false, kNone};
  EXPECT_THAT(FitEts(values, form, 1).status().ToString(),
              HasSubstr("ETS(M,N,N) needs values above zero"));
}

TEST(DefaultEtsFormsTest, AreTheFifteenThatRTriesOnPositiveSeasonalValues) {
  EXPECT_EQ(DefaultEtsForms(SeasonalValues(40), kSeason).size(), 15u);
}

// The book's formula for a damped trend with alpha 0.4, beta 0.1, phi 0.9:
// c_1 = 0.4 + 0.1 * 0.9, c_2 = 0.4 + 0.1 * (0.9 + 0.81).
TEST(EtsClosedMomentsTest, AgreesWithTheDampedTrendByHand) {
  EtsFit fit;
  fit.form = {kAdditive, kAdditive, true, kNone};
  fit.smoothing = SmoothingOf(fit.form);
  fit.final = StateOf(fit.form);
  fit.variance = 4;
  const EtsMoments moments = EtsClosedMoments(fit, 3);
  EXPECT_NEAR(moments.mean[2], 100 + 1.5 * (0.9 + 0.81 + 0.729), 1e-12);
  EXPECT_NEAR(moments.variance[2], 4 * (1 + 0.49 * 0.49 + 0.571 * 0.571),
              1e-12);
}

TEST(EtsClosedMomentsTest, AgreeWithSimulationForEveryFormThatHasThem) {
  constexpr int kHorizon = 6;
  constexpr int kPaths = 20000;
  for (const EtsForm& form : AllForms()) {
    if (!HasClosedMoments(form)) continue;
    EtsFit fit;
    fit.form = form;
    fit.season = form.has_season() ? kSeason : 1;
    fit.smoothing = SmoothingOf(form);
    fit.final = StateOf(form);
    fit.variance = form.error == kAdditive ? 16 : 0.01;
    const EtsMoments moments = EtsClosedMoments(fit, kHorizon);
    const auto samples = SimulateEts(fit, kHorizon, kPaths, 5);
    for (int h = 0; h < kHorizon; ++h) {
      double sum = 0;
      double squares = 0;
      for (double value : samples[h]) {
        sum += value - moments.mean[h];
        squares += (value - moments.mean[h]) * (value - moments.mean[h]);
      }
      const double deviation = std::sqrt(moments.variance[h]);
      EXPECT_NEAR(sum / kPaths / deviation, 0, 4 / std::sqrt(kPaths))
          << EtsName(form) << " " << h;
      // Five standard errors of a normal variance: the products have somewhat
      // heavier tails.
      EXPECT_NEAR(squares / kPaths / moments.variance[h], 1,
                  5 * std::sqrt(2.0 / kPaths))
          << EtsName(form) << " " << h;
    }
  }
}

TEST(PredictEtsTest, SimulatedQuantilesAreOrderedAndRepeatable) {
  const EtsForm form = {kMultiplicative, kMultiplicative, true, kNone};
  const EtsFit fit = FitEts(SeasonalValues(40), form, 1).value();
  const Prediction first = PredictEts(fit, 4, {0.1, 0.5, 0.9}, 42);
  const Prediction second = PredictEts(fit, 4, {0.1, 0.5, 0.9}, 42);
  EXPECT_EQ(first.quantiles, second.quantiles);
  EXPECT_NE(first.quantiles, PredictEts(fit, 4, {0.1, 0.5, 0.9}, 43).quantiles);
  for (const std::vector<double>& step : first.quantiles) {
    EXPECT_LT(step[0], step[1]);
    EXPECT_LT(step[1], step[2]);
  }
}

// Multiplicative errors as large as these would be compounded.
TEST(AutoEtsTest, IntervalsOfVolatileValuesDoNotExplode) {
  NormalGenerator normal(8);
  std::vector<double> values;
  double largest = 0;
  for (int t = 0; t < 200; ++t) {
    values.push_back(std::exp(1.5 * normal.Next()));
    largest = std::max(largest, values.back());
  }
  constexpr double kProbabilities[] = {0.025, 0.975};
  ModelInput input;
  input.values = values;
  input.season = 7;
  input.horizon = 60;
  input.probabilities = kProbabilities;
  const Prediction prediction = AutoEts(input).value();
  for (const std::vector<double>& step : prediction.quantiles) {
    EXPECT_LT(step[1], largest);
    EXPECT_GT(step[0], -largest);
  }
}

// The mixture of the forms, one period ahead.
TEST(AutoEtsTest, AveragesTheFormsThatCountAndAddsTheirDisagreement) {
  const std::vector<double> values = SeasonalValues(40);
  constexpr double kProbabilities[] = {0.9};
  ModelInput input;
  input.values = values;
  input.season = kSeason;
  input.probabilities = kProbabilities;
  const std::vector<EtsFit> fits =
      FitEtsForms(values, kSeason, ForecastShrinkage(kSeason)).value();
  double least = fits[0].charged_aic;
  for (const EtsFit& fit : fits) least = std::min(least, fit.charged_aic);
  double total = 0;
  double mean = 0;
  double second = 0;
  double parameters = 0;
  for (const EtsFit& fit : fits) {
    if (fit.charged_aic > least + kEtsFarBehind) continue;
    const double weight = std::sqrt(std::exp((least - fit.charged_aic) / 2));
    const int count = CountEtsParameters(fit.form, kSeason);
    const EtsMoments moments = EtsClosedMoments(fit, 1);
    total += weight;
    mean += weight * moments.mean[0];
    second += weight * (moments.variance[0] * (1 + count / 40.0) +
                        moments.mean[0] * moments.mean[0]);
    parameters += weight * count;
  }
  mean /= total;
  const double deviation = std::sqrt(second / total - mean * mean);
  const Prediction prediction = AutoEts(input).value();
  EXPECT_THAT(prediction.model, HasSubstr(" averaged with "));
  EXPECT_NEAR(prediction.mean[0], mean, 1e-9 * mean);
  EXPECT_NEAR(prediction.quantiles[0][0],
              mean + StudentQuantile(0.9, 40 - parameters / total) * deviation,
              1e-4 * deviation);
}

TEST(AutoEtsTest, LongSeasonIsTakenOutByDecomposition) {
  NormalGenerator normal(5);
  std::vector<double> values;
  for (int t = 0; t < 4 * 52; ++t) {
    values.push_back(100 + 20 * std::sin(t * 2 * M_PI / 52) + normal.Next());
  }
  ModelInput input;
  input.values = values;
  input.season = 52;
  input.horizon = 52;
  const Prediction prediction = AutoEts(input).value();
  EXPECT_THAT(prediction.model, HasSubstr("on seasonally adjusted values"));
  EXPECT_NEAR(prediction.point[12], 120, 3);
  EXPECT_NEAR(prediction.point[38], 80, 3);
}

}  // namespace
}  // namespace headway::forecast
