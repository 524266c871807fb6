#include "daemon/forecast/models/theta/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/optimize.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

// The limits of alpha in R's forecTheta and in statsforecast.
constexpr double kLeastAlpha = 0.1;
constexpr double kMostAlpha = 0.99;
constexpr double kStandardWeight = 0.5;
// The first errors only serve to start the line.
constexpr int kFirstError = 3;
// The variance of a uniform variable on an interval of length one.
constexpr double kUnitVariance = 1.0 / 12;

// The least-squares line through what was observed, by its mean and slope.
struct Line {
  double mean = 0;
  double slope = 0;

  static Line Through(absl::Span<const double> values) {
    Line line;
    for (size_t t = 0; t < values.size(); ++t) {
      line.Observe(static_cast<int>(t), values[t]);
    }
    return line;
  }

  // Adds period `t`, counted from 0, to those before it.
  void Observe(int t, double value) {
    slope =
        t == 0 ? 0 : ((t - 1) * slope + 6 * (value - mean) / (t + 1)) / (t + 2);
    mean = (t * mean + value) / (t + 1);
  }

  // Through `observed` periods, its value at period -1.
  double Intercept(int observed) const {
    return mean - slope * (observed + 1) / 2;
  }
};

// The factors that multiply the line's intercept and slope in the one-step
// forecast, besides the weight; `decay` is (1 - alpha)^t.
struct Loading {
  double intercept = 0;
  double slope = 0;
};

Loading LoadingOf(double alpha, double decay) {
  return {decay, (1 - decay * (1 - alpha)) / alpha};
}

// The line that each period's expectation extrapolates.
struct Terms {
  double intercept = 0;
  double slope = 0;
};

// Sums over errors, each being error - weight * part.
struct Sums {
  double part_part = 0;
  double part_error = 0;
  double error_error = 0;
  int errors = 0;
};

// The sum of squares as a function of alpha.
class ThetaObjective {
 public:
  ThetaObjective(absl::Span<const double> values, const ThetaForm& form)
      : form_(form), values_(values), filled_(FillGaps(values, 1)) {
    const int n = static_cast<int>(filled_.size());
    Line line = form.dynamic ? Line() : Line::Through(filled_);
    terms_.resize(n);
    for (int t = 0; t < n; ++t) {
      terms_[t] = {line.Intercept(form.dynamic ? t : n), line.slope};
      if (form.dynamic) line.Observe(t, filled_[t]);
    }
    if (form.dynamic) terms_[0] = {filled_[0], 0};
  }

  // The best fit for one alpha.
  ThetaFit Fit(double alpha) const {
    const Sums sums = Sum(alpha);
    ThetaFit fit;
    fit.form = form_;
    fit.alpha = alpha;
    fit.weight = kStandardWeight;
    if (form_.optimised && sums.part_part > 0) {
      fit.weight = std::clamp(sums.part_error / sums.part_part, 0.0, 1.0);
    }
    fit.sum_of_squares =
        std::max(0.0, sums.error_error - 2 * fit.weight * sums.part_error +
                          fit.weight * fit.weight * sums.part_part);
    fit.errors = sums.errors;
    return fit;
  }

 private:
  // The one-step forecast is base + weight * part.
  Sums Sum(double alpha) const {
    Sums sums;
    double base = filled_[0];
    double part = -(terms_[0].intercept + terms_[0].slope);
    double decay = 1;
    for (size_t t = 0; t < filled_.size(); ++t) {
      if (t >= kFirstError && !std::isnan(values_[t])) {
        const Loading loading = LoadingOf(alpha, decay);
        const double x = part + loading.intercept * terms_[t].intercept +
                         loading.slope * terms_[t].slope;
        const double error = filled_[t] - base;
        sums.part_part += x * x;
        sums.part_error += x * error;
        sums.error_error += error * error;
        ++sums.errors;
      }
      base += alpha * (filled_[t] - base);
      part *= 1 - alpha;
      decay *= 1 - alpha;
    }
    return sums;
  }

  const ThetaForm form_;
  absl::Span<const double> values_;
  std::vector<double> filled_;
  std::vector<Terms> terms_;
};

// The recursion at fixed parameters, and how far errors yet to come move it.
class ThetaRecursion {
 public:
  ThetaRecursion(const ThetaForm& form, double alpha, double weight,
                 absl::Span<const double> values)
      : form_(form), alpha_(alpha), weight_(weight) {
    if (form.dynamic) {
      level_ = values[0] * (1 - weight);
      return;
    }
    const int n = static_cast<int>(values.size());
    line_ = Line::Through(values);
    intercept_ = line_.Intercept(n);
    level_ = values[0] - weight * (intercept_ + line_.slope);
  }

  double Expected() const {
    const Loading loading = LoadingOf(alpha_, decay_);
    return level_ + weight_ * (loading.intercept * Intercept() +
                               loading.slope * line_.slope);
  }

  void Observe(double value) {
    level_ += alpha_ * (value - level_);
    if (form_.dynamic) line_.Observe(t_, value);
    decay_ *= 1 - alpha_;
    ++t_;
  }

  // The variance of the one-step forecast, for errors of variance one in the
  // periods that Spread has passed.
  double Variance() const {
    const Vector loading = StateLoading();
    double sum = 0;
    for (int i = 0; i < kStates; ++i) {
      for (int j = 0; j < kStates; ++j) {
        sum += loading[i] * covariance_[i][j] * loading[j];
      }
    }
    return sum;
  }

  // Lets an error of variance one into the next period, before it is observed
  // at its expectation: P' = F P F' + g g' with F = transition + g loading'.
  void Spread() {
    const double t = t_;
    const bool dynamic = form_.dynamic;
    const Vector loading = StateLoading();
    const Vector gain = {alpha_, dynamic ? 1 / (t + 1) : 0,
                         dynamic ? 6 / ((t + 1) * (t + 2)) : 0};
    Matrix f = {{{1 - alpha_, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    if (dynamic) {
      f[1][1] = t / (t + 1);
      f[2] = {0, -gain[2], (t - 1) / (t + 2)};
    }
    for (int i = 0; i < kStates; ++i) {
      for (int j = 0; j < kStates; ++j) f[i][j] += gain[i] * loading[j];
    }
    Matrix next = {};
    for (int i = 0; i < kStates; ++i) {
      for (int j = 0; j < kStates; ++j) {
        next[i][j] = gain[i] * gain[j];
        for (int k = 0; k < kStates; ++k) {
          for (int l = 0; l < kStates; ++l) {
            next[i][j] += f[i][k] * covariance_[k][l] * f[j][l];
          }
        }
      }
    }
    covariance_ = next;
  }

 private:
  // Level, mean and slope of the line.
  static constexpr int kStates = 3;
  using Vector = std::array<double, kStates>;
  using Matrix = std::array<Vector, kStates>;

  double Intercept() const {
    return form_.dynamic ? line_.Intercept(t_) : intercept_;
  }

  Vector StateLoading() const {
    const Loading loading = LoadingOf(alpha_, decay_);
    return {1, weight_ * loading.intercept,
            weight_ * (loading.slope - loading.intercept * (t_ + 1.0) / 2)};
  }

  const ThetaForm form_;
  const double alpha_;
  const double weight_;
  double level_ = 0;
  double intercept_ = 0;  // of a line that does not change
  Line line_;
  double decay_ = 1;
  int t_ = 0;
  Matrix covariance_ = {};
};

// The one-step forecasts of every value and of `horizon` periods after them;
// each of the latter then counts as observed.
std::vector<double> Expectations(const ThetaForm& form, double alpha,
                                 double weight, absl::Span<const double> filled,
                                 int horizon) {
  ThetaRecursion recursion(form, alpha, weight, filled);
  std::vector<double> expected;
  expected.reserve(filled.size() + horizon);
  for (double value : filled) {
    expected.push_back(recursion.Expected());
    recursion.Observe(value);
  }
  for (int h = 0; h < horizon; ++h) {
    expected.push_back(recursion.Expected());
    recursion.Observe(expected.back());
  }
  return expected;
}

// Derivatives of the expectations in alpha and the weight.
struct Slopes {
  std::vector<double> alpha;
  std::vector<double> weight;
};

Slopes ExpectationSlopes(const ThetaFit& fit, absl::Span<const double> filled,
                         int horizon) {
  constexpr double kStep = 1e-4;
  const auto difference = [&](double alpha_step, double weight_step) {
    std::vector<double> slopes =
        Expectations(fit.form, fit.alpha + alpha_step, fit.weight + weight_step,
                     filled, horizon);
    const std::vector<double> below =
        Expectations(fit.form, fit.alpha - alpha_step, fit.weight - weight_step,
                     filled, horizon);
    for (size_t i = 0; i < slopes.size(); ++i) {
      slopes[i] = (slopes[i] - below[i]) / (2 * kStep);
    }
    return slopes;
  };
  Slopes slopes;
  slopes.alpha = difference(kStep, 0);
  slopes.weight = difference(0, fit.form.optimised ? kStep : 0);
  return slopes;
}

// The variance that the uncertainty of alpha and the weight adds to forecasts
// (delta method). Each is known beforehand to lie in an interval of about
// length one. [horizon]
std::vector<double> ParameterVariance(const ThetaFit& fit,
                                      absl::Span<const double> values,
                                      absl::Span<const double> filled,
                                      int horizon) {
  const Slopes slopes = ExpectationSlopes(fit, filled, horizon);
  const double prior = fit.variance / kUnitVariance;
  double aa = prior;
  double ww = prior;
  double aw = 0;
  for (size_t t = kFirstError; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    aa += slopes.alpha[t] * slopes.alpha[t];
    ww += slopes.weight[t] * slopes.weight[t];
    aw += slopes.alpha[t] * slopes.weight[t];
  }
  const double determinant = aa * ww - aw * aw;
  std::vector<double> variances(horizon, 0.0);
  if (!(determinant > 0)) return variances;
  for (int h = 0; h < horizon; ++h) {
    const double a = slopes.alpha[values.size() + h];
    const double w = slopes.weight[values.size() + h];
    variances[h] = fit.variance / determinant *
                   std::max(0.0, a * a * ww - 2 * a * w * aw + w * w * aa);
  }
  return variances;
}

int ParameterCount(const ThetaForm& form) { return form.optimised ? 2 : 1; }

// The degrees of freedom of the variance.
double Degrees(const ThetaFit& fit) {
  return std::max(1, fit.errors - ParameterCount(fit.form));
}

// Akaike's criterion without its constant. A line through all values has two
// coefficients that were fitted to them.
double Aic(const ThetaFit& fit) {
  const int parameters =
      ParameterCount(fit.form) + 1 + (fit.form.dynamic ? 0 : 2);
  constexpr double kLeast = std::numeric_limits<double>::min();
  return fit.errors * std::log(std::max(fit.sum_of_squares, kLeast)) +
         2 * parameters;
}

using Fitter = ThetaFit (*)(absl::Span<const double>, StopRequest);

absl::StatusOr<Prediction> PredictAdjusted(const ModelInput& input,
                                           Fitter fitter) {
  const SeasonalAdjustment adjustment(input.values, input.season, input.stop);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  if (const int present = CountPresent(adjusted); present < kLeastThetaValues) {
    return absl::FailedPreconditionError(
        absl::StrCat("the Theta models need at least ", kLeastThetaValues,
                     " values, and there are ", present));
  }
  const ThetaFit fit = fitter(adjusted, input.stop);
  if (input.stop.requested()) return GivenUp();
  Prediction prediction =
      PredictTheta(fit, adjusted, input.horizon, input.probabilities);
  RestoreSeason(adjustment, static_cast<int>(input.values.size()), prediction);
  return prediction;
}

template <bool kDynamic, bool kOptimised>
ThetaFit FitForm(absl::Span<const double> values, StopRequest stop) {
  return FitTheta(values, {kDynamic, kOptimised}, stop);
}

}  // namespace

std::string ThetaName(const ThetaForm& form) {
  return absl::StrCat("Theta(", form.dynamic ? "D" : "",
                      form.optimised ? "OTM)" : "STM)");
}

ThetaFit FitTheta(absl::Span<const double> values, const ThetaForm& form,
                  StopRequest stop) {
  const ThetaObjective objective(values, form);
  constexpr int kGrid = 24;
  ThetaFit best = objective.Fit(MinimizeOnInterval(
      [&](double alpha) {
        stop.RequestedAfter(values.size());
        return objective.Fit(alpha).sum_of_squares;
      },
      kLeastAlpha, kMostAlpha, kGrid, stop));
  best.variance =
      best.sum_of_squares / std::max(1, best.errors - ParameterCount(form));
  return best;
}

ThetaFit SearchTheta(absl::Span<const double> values, StopRequest stop) {
  ThetaFit best = FitTheta(values, {}, stop);
  for (const ThetaForm& form :
       {ThetaForm{false, true}, {true, false}, {true, true}}) {
    if (stop.requested()) return best;
    const ThetaFit fit = FitTheta(values, form, stop);
    if (Aic(fit) < Aic(best)) best = fit;
  }
  return best;
}

Prediction PredictTheta(const ThetaFit& fit, absl::Span<const double> values,
                        int horizon, absl::Span<const double> probabilities) {
  const std::vector<double> filled = FillGaps(values, 1);
  ThetaRecursion recursion(fit.form, fit.alpha, fit.weight, filled);
  for (double value : filled) recursion.Observe(value);
  std::vector<double> variances =
      ParameterVariance(fit, values, filled, horizon);
  std::vector<double> point(horizon);
  for (int h = 0; h < horizon; ++h) {
    point[h] = recursion.Expected();
    variances[h] += fit.variance * (1 + recursion.Variance());
    recursion.Spread();
    recursion.Observe(point[h]);
  }
  return StudentPrediction(ThetaName(fit.form), std::move(point), variances,
                           Degrees(fit), probabilities);
}

absl::StatusOr<Prediction> StandardTheta(const ModelInput& input) {
  return PredictAdjusted(input, FitForm<false, false>);
}

absl::StatusOr<Prediction> OptimisedTheta(const ModelInput& input) {
  return PredictAdjusted(input, FitForm<false, true>);
}

absl::StatusOr<Prediction> DynamicStandardTheta(const ModelInput& input) {
  return PredictAdjusted(input, FitForm<true, false>);
}

absl::StatusOr<Prediction> DynamicTheta(const ModelInput& input) {
  return PredictAdjusted(input, FitForm<true, true>);
}

absl::StatusOr<Prediction> AutoTheta(const ModelInput& input) {
  return PredictAdjusted(input, SearchTheta);
}

}  // namespace headway::forecast
