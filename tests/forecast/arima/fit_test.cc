// The likelihood and the forecasts of ARIMA models, against the multivariate
// normal distribution written out in full.
#include "daemon/forecast/arima/fit.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/form.h"
#include "daemon/forecast/arima/likelihood.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hwy/highway.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

using Matrix = std::vector<std::vector<double>>;

// Coefficients of all four kinds for a season of 4, none near the unit circle.
const ArimaForm kForm = {
    .ar = 2, .ma = 1, .seasonal_ar = 1, .seasonal_ma = 1, .season = 4};
const ArimaCoefficients kCoefficients = {{0.5, -0.3}, {0.4}, {0.6}, {-0.5}};

std::vector<double> Noise(int n, uint64_t seed = 1) {
  NormalGenerator normal(seed);
  std::vector<double> values(n);
  for (double& value : values) value = normal.Next();
  return values;
}

// The first `n` autocovariances for errors of variance one, from the weights of
// past errors.
std::vector<double> Autocovariances(const LagPolynomial& ar,
                                    const LagPolynomial& ma, int n) {
  constexpr int kWeights = 2000;
  std::vector<double> psi(kWeights + n);
  psi[0] = 1;
  for (size_t i = 0; i < ma.lags.size(); ++i) {
    psi[ma.lags[i]] += ma.coefficients[i];
  }
  for (int t = 1; t < static_cast<int>(psi.size()); ++t) {
    for (size_t i = 0; i < ar.lags.size() && ar.lags[i] <= t; ++i) {
      psi[t] += ar.coefficients[i] * psi[t - ar.lags[i]];
    }
  }
  std::vector<double> covariances(n);
  for (int lag = 0; lag < n; ++lag) {
    for (int t = 0; t < kWeights; ++t) {
      covariances[lag] += psi[t] * psi[t + lag];
    }
  }
  return covariances;
}

Matrix CovarianceMatrix(const ArimaForm& form,
                        const ArimaCoefficients& coefficients, int n) {
  const std::vector<double> covariances = Autocovariances(
      ArPolynomial(form, coefficients), MaPolynomial(form, coefficients), n);
  Matrix matrix(n, std::vector<double>(n));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) matrix[i][j] = covariances[std::abs(i - j)];
  }
  return matrix;
}

// rows * matrix * rows'.
Matrix Transform(const Matrix& rows, const Matrix& matrix) {
  Matrix result(rows.size(), std::vector<double>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows.size(); ++j) {
      for (size_t k = 0; k < matrix.size(); ++k) {
        for (size_t l = 0; l < matrix.size(); ++l) {
          result[i][j] += rows[i][k] * matrix[k][l] * rows[j][l];
        }
      }
    }
  }
  return result;
}

struct Whitened {
  std::vector<double> values;
  double log_determinant = 0;
};

// The values times the inverse of the Cholesky factor.
Whitened Whiten(Matrix matrix, std::vector<double> values) {
  Whitened whitened;
  const size_t n = values.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      for (size_t k = 0; k < j; ++k)
        matrix[i][j] -= matrix[i][k] * matrix[j][k];
      matrix[i][j] =
          i == j ? std::sqrt(matrix[i][i]) : matrix[i][j] / matrix[j][j];
    }
    for (size_t k = 0; k < i; ++k) values[i] -= matrix[i][k] * values[k];
    values[i] /= matrix[i][i];
    whitened.log_determinant += 2 * std::log(matrix[i][i]);
  }
  whitened.values = values;
  return whitened;
}

// With the variance that makes it largest.
double DenseLogLikelihood(const Matrix& matrix,
                          const std::vector<double>& values) {
  const Whitened whitened = Whiten(matrix, values);
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (double value : whitened.values) sum += value * value;
  return -0.5 *
         (n * std::log(2 * M_PI * sum / n) + n + whitened.log_determinant);
}

double LogLikelihoodOf(const std::vector<double>& values, const ArimaForm& form,
                       const ArimaCoefficients& coefficients) {
  const absl::StatusOr<ArimaDesign> design = MakeArimaDesign(values, form, {});
  EXPECT_TRUE(design.ok()) << design.status();
  ArimaLikelihood likelihood(*design, form);
  likelihood.SetPoint(0, ToFree(form, coefficients));
  likelihood.Evaluate(1);
  return likelihood.LogLikelihood(likelihood.sum_of_squares(0));
}

TEST(ArimaLikelihoodTest, IsThatOfTheMultivariateNormal) {
  const std::vector<double> values = Noise(40);
  EXPECT_NEAR(
      LogLikelihoodOf(values, kForm, kCoefficients),
      DenseLogLikelihood(CovarianceMatrix(kForm, kCoefficients, 40), values),
      1e-9);
}

TEST(ArimaLikelihoodTest, WithMissingValuesIsThatOfTheOthers) {
  std::vector<double> values = Noise(40);
  const Matrix full = CovarianceMatrix(kForm, kCoefficients, 40);
  Matrix selection;
  std::vector<double> present;
  for (int t = 0; t < 40; ++t) {
    if (t == 7 || t == 8 || t == 30) {
      values[t] = kMissing;
      continue;
    }
    selection.emplace_back(40)[t] = 1;
    present.push_back(values[t]);
  }
  EXPECT_NEAR(LogLikelihoodOf(values, kForm, kCoefficients),
              DenseLogLikelihood(Transform(selection, full), present), 1e-9);
}

// What is known across a gap is the sum of the changes in it.
TEST(ArimaLikelihoodTest, OfChangesAcrossAGapIsThatOfTheirSum) {
  ArimaForm form = kForm;
  form.differences = 1;
  std::vector<double> values = Noise(30);
  const Matrix full = CovarianceMatrix(kForm, kCoefficients, 29);
  Matrix sums;
  std::vector<double> changes;
  int last = 0;
  for (int t = 1; t < 30; ++t) {
    if (t == 12 || t == 13) continue;
    std::vector<double>& row = sums.emplace_back(29);
    for (int s = last; s < t; ++s) row[s] = 1;
    changes.push_back(values[t] - values[last]);
    last = t;
  }
  values[12] = values[13] = kMissing;
  EXPECT_NEAR(LogLikelihoodOf(values, form, kCoefficients),
              DenseLogLikelihood(Transform(sums, full), changes), 1e-9);
}

TEST(ArimaLikelihoodTest, OfALaneDoesNotDependOnTheOthers) {
  const std::vector<double> values = Noise(60);
  const ArimaDesign design = *MakeArimaDesign(values, kForm, {});
  ArimaLikelihood likelihood(design, kForm);
  std::vector<double> x = ToFree(kForm, kCoefficients);
  likelihood.SetPoint(0, x);
  likelihood.Evaluate(1);
  const double alone = likelihood.sum_of_squares(0);
  for (int lane = 0; lane < ArimaLikelihood::kLanes; ++lane) {
    std::vector<double> other = x;
    other[0] += lane - 5;
    likelihood.SetPoint(lane, other);
  }
  likelihood.Evaluate(ArimaLikelihood::kLanes);
  EXPECT_EQ(likelihood.sum_of_squares(5), alone);
}

// The bits of the sums of squares of all lanes, for series and orders that fill
// and do not fill a register.
std::vector<double> SumsOfSquares() {
  std::vector<double> sums;
  const Regressors regressors = {Noise(61, 2), Noise(61, 3)};
  for (const int columns : {0, 1, 2}) {
    const ArimaDesign design = *MakeArimaDesign(
        Noise(61), kForm, {regressors.begin(), regressors.begin() + columns});
    ArimaLikelihood likelihood(design, kForm);
    for (const int lanes : {1, 3, ArimaLikelihood::kLanes}) {
      for (int lane = 0; lane < lanes; ++lane) {
        std::vector<double> x = ToFree(kForm, kCoefficients);
        x[1] += 0.1 * lane;
        likelihood.SetPoint(lane, x);
      }
      likelihood.Evaluate(lanes);
      for (int lane = 0; lane < lanes; ++lane) {
        sums.push_back(likelihood.sum_of_squares(lane));
      }
    }
  }
  return sums;
}

TEST(ArimaLikelihoodTest, IsTheSameOnEveryInstructionSet) {
  const std::vector<double> best = SumsOfSquares();
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    EXPECT_EQ(SumsOfSquares(), best) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(ArimaTest, FreeNumbersGiveTheCoefficientsBack) {
  const ArimaCoefficients back = FromFree(kForm, ToFree(kForm, kCoefficients));
  EXPECT_THAT(back.ar, Pointwise(DoubleNear(1e-14), kCoefficients.ar));
  EXPECT_THAT(back.ma, Pointwise(DoubleNear(1e-14), kCoefficients.ma));
  EXPECT_THAT(back.seasonal_ar,
              Pointwise(DoubleNear(1e-14), kCoefficients.seasonal_ar));
  EXPECT_THAT(back.seasonal_ma,
              Pointwise(DoubleNear(1e-14), kCoefficients.seasonal_ma));
}

TEST(ArimaTest, RootsWithinOnePercentOfTheUnitCircleAreNear) {
  ArimaForm form{.ar = 1};
  EXPECT_TRUE(IsNearUnitRoot(form, {.ar = {1 / 1.009}}));
  EXPECT_FALSE(IsNearUnitRoot(form, {.ar = {1 / 1.011}}));
  form = {.ma = 2};
  EXPECT_TRUE(IsNearUnitRoot(form, {.ma = {0, 1 / (1.009 * 1.009)}}));
  EXPECT_FALSE(IsNearUnitRoot(form, {.ma = {0, 1 / (1.011 * 1.011)}}));
  // The roots in B are the twelfth roots of those in B^12.
  form = {.seasonal_ar = 1, .season = 12};
  EXPECT_TRUE(IsNearUnitRoot(form, {.seasonal_ar = {0.9}}));
  EXPECT_FALSE(IsNearUnitRoot(form, {.seasonal_ar = {0.87}}));
}

TEST(ArimaTest, NamesAreThoseOfR) {
  EXPECT_EQ((ArimaForm{.ar = 1,
                       .differences = 1,
                       .ma = 2,
                       .seasonal_ma = 1,
                       .season = 12,
                       .has_constant = true})
                .Name(),
            "ARIMA(1,1,2)(0,0,1)[12] with drift");
  EXPECT_EQ(ArimaForm{.ar = 1}.Name(), "ARIMA(1,0,0) with zero mean");
}

TEST(FitArimaTest, NoPointNearbyHasALargerLikelihood) {
  const std::vector<double> values = Noise(80, 7);
  const absl::StatusOr<ArimaFit> fit = FitArima(values, kForm);
  ASSERT_TRUE(fit.ok()) << fit.status();
  for (size_t i = 0; i < fit->free.size(); ++i) {
    for (double change : {-0.01, 0.01}) {
      std::vector<double> x = fit->free;
      x[i] += change;
      EXPECT_LE(LogLikelihoodOf(values, kForm, FromFree(kForm, x)),
                fit->log_likelihood + 1e-9);
    }
  }
}

TEST(FitArimaTest, ARegressionTakesUpWhatIsAdded) {
  constexpr int kSize = 60;
  const Regressors regressors = {Noise(kSize, 2)};
  std::vector<double> values = Noise(kSize, 3);
  const ArimaForm form{.ar = 1, .differences = 1, .has_constant = true};
  const absl::StatusOr<ArimaFit> before = FitArima(values, form, regressors);
  ASSERT_TRUE(before.ok()) << before.status();
  for (int t = 0; t < kSize; ++t) values[t] += 5 * regressors[0][t] + 2 * t;
  const absl::StatusOr<ArimaFit> after = FitArima(values, form, regressors);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_NEAR(after->log_likelihood, before->log_likelihood, 1e-6);
  EXPECT_NEAR(after->regression[0], before->regression[0] + 2, 1e-4);
  EXPECT_NEAR(after->regression[1], before->regression[1] + 5, 1e-4);
}

TEST(FitArimaTest, WhatItCannotFitItNames) {
  const auto error = [](const std::vector<double>& values,
                        const ArimaForm& form, const Regressors& regressors) {
    return std::string(FitArima(values, form, regressors).status().message());
  };
  const std::vector<double> values = Noise(10);
  EXPECT_THAT(error({1, 2, 4}, kForm, {}), HasSubstr("at least 6 values"));
  EXPECT_THAT(error(values, {.ar = 11}, {}), HasSubstr("an order of 11"));
  EXPECT_THAT(error(values, {.season = 0}, {}), HasSubstr("season 0"));
  EXPECT_THAT(error(values, {.differences = 2, .has_constant = true}, {}),
              HasSubstr("no constant"));
  EXPECT_THAT(error(values, {}, {{1, 2}}),
              HasSubstr("regressor 1 has 2 values, and the series 10"));
  EXPECT_THAT(error(values, {}, {std::vector<double>(10, kMissing)}),
              HasSubstr("regressor 1 is nan at position 1"));
  EXPECT_THAT(error(values, {}, {std::vector<double>(10, 3.0)}),
              HasSubstr("regressor 1 depends on"));
}

// The mean and the variance of the normal distribution of the last values given
// the first, by the same Cholesky factor.
struct Conditional {
  std::vector<double> mean;
  std::vector<double> variance;
};

Conditional Condition(Matrix matrix, const std::vector<double>& known) {
  const size_t n = matrix.size();
  std::vector<double> whitened(n);
  Conditional result;
  for (size_t i = 0; i < n; ++i) {
    double mean = 0;
    double variance = matrix[i][i];
    for (size_t j = 0; j < i; ++j) {
      for (size_t k = 0; k < j; ++k)
        matrix[i][j] -= matrix[i][k] * matrix[j][k];
      matrix[i][j] /= matrix[j][j];
      if (j < known.size()) {
        mean += matrix[i][j] * whitened[j];
        variance -= matrix[i][j] * matrix[i][j];
      }
      matrix[i][i] -= matrix[i][j] * matrix[i][j];
    }
    matrix[i][i] = std::sqrt(matrix[i][i]);
    if (i < known.size()) {
      whitened[i] = (known[i] - mean) / matrix[i][i];
    } else {
      result.mean.push_back(mean);
      result.variance.push_back(variance);
    }
  }
  return result;
}

TEST(PredictArimaTest, IsTheConditionalDistributionWithMissingValues) {
  constexpr int kSize = 24;
  constexpr int kHorizon = 9;
  std::vector<double> values = Noise(kSize, 5);
  const Matrix full = CovarianceMatrix(kForm, kCoefficients, kSize + kHorizon);
  Matrix selection;
  std::vector<double> known;
  for (int t = 0; t < kSize + kHorizon; ++t) {
    if (t == kSize - 2 || t == kSize - 5) {
      values[t] = kMissing;
      continue;
    }
    selection.emplace_back(kSize + kHorizon)[t] = 1;
    if (t < kSize) known.push_back(values[t]);
  }
  const Conditional dense = Condition(Transform(selection, full), known);

  const ArimaDesign design = *MakeArimaDesign(values, kForm, {});
  ArimaFit fit;
  fit.form = kForm;
  fit.coefficients = kCoefficients;
  fit.free = ToFree(kForm, kCoefficients);
  fit.variance = 1;
  const ArimaPath path = *PredictArima(design, fit, kHorizon, {});
  EXPECT_THAT(path.mean, Pointwise(DoubleNear(1e-9), dense.mean));
  EXPECT_THAT(path.variance, Pointwise(DoubleNear(1e-9), dense.variance));
}

TEST(PredictArimaTest, OfARandomWalkWithDriftIsItsLine) {
  const std::vector<double> values = {3, 5, 4, 8, 9, 12};
  const ArimaForm form{.differences = 1, .has_constant = true};
  const ArimaFit fit = *FitArima(values, form);
  EXPECT_NEAR(fit.regression[0], 9.0 / 5, 1e-12);
  const ArimaPath path =
      *PredictArima(*MakeArimaDesign(values, form, {}), fit, 3, {});
  EXPECT_THAT(path.mean, Pointwise(DoubleNear(1e-9),
                                   std::vector<double>{13.8, 15.6, 17.4}));
  const double v = fit.variance;
  EXPECT_THAT(path.variance, Pointwise(DoubleNear(1e-9),
                                       std::vector<double>{v, 2 * v, 3 * v}));
}

TEST(PredictArimaTest, FutureRegressorsCount) {
  const Regressors regressors = {Noise(40, 2)};
  std::vector<double> values = Noise(40, 3);
  for (int t = 0; t < 40; ++t) values[t] += 5 * regressors[0][t];
  const ArimaForm form{.ar = 1, .has_constant = true};
  const ArimaDesign design = *MakeArimaDesign(values, form, regressors);
  const ArimaFit fit = *FitArima(values, form, regressors);
  const ArimaPath low = *PredictArima(design, fit, 2, {{0, 0}});
  const ArimaPath high = *PredictArima(design, fit, 2, {{1, 2}});
  EXPECT_NEAR(high.mean[0] - low.mean[0], fit.regression[1], 1e-12);
  EXPECT_NEAR(high.mean[1] - low.mean[1], 2 * fit.regression[1], 1e-12);
}

TEST(PredictArimaTest, FutureRegressorsAreChecked) {
  const Regressors regressors = {Noise(40, 2)};
  const std::vector<double> values = Noise(40, 3);
  const ArimaForm form{.ar = 1};
  const ArimaDesign design = *MakeArimaDesign(values, form, regressors);
  const ArimaFit fit = *FitArima(values, form, regressors);
  const auto error = [&](const Regressors& future) {
    return std::string(PredictArima(design, fit, 2, future).status().message());
  };
  EXPECT_THAT(error({}), HasSubstr("1 regressors, and future values of 0"));
  EXPECT_THAT(error({{1}}), HasSubstr("1 future values; the horizon of 2"));
  EXPECT_THAT(error({{1, kMissing}}), HasSubstr("a future value of nan"));
}

}  // namespace
}  // namespace headway::forecast
