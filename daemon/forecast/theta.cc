#include "daemon/forecast/theta.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets_fit.h"
#include "daemon/forecast/seasonality.h"

namespace headway::forecast {
namespace {

constexpr double kLeastAlpha = 0.1;
constexpr double kMostAlpha = 0.99;
// 1 - 1 / theta for the largest theta.
constexpr double kMostWeight = 1 - 1e-10;
// The first errors only serve to start the line.
constexpr int kFirstError = 3;

double LeastSquaresSlope(absl::Span<const double> values) {
  const double n = static_cast<double>(values.size());
  double product = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    product += values[t] * (static_cast<double>(t) - (n - 1) / 2);
  }
  return product / (n * (n * n - 1) / 12);
}

// The line of the dynamic model: what is known of it before period `t`
// (counted from 0) is observed.
struct DynamicLine {
  double mean = 0;
  double slope = 0;

  double Intercept(int t) const { return mean - slope * (t + 1) / 2; }

  void Observe(int t, double value) {
    slope =
        t == 0 ? 0 : ((t - 1) * slope + 6 * (value - mean) / (t + 1)) / (t + 2);
    mean = (t * mean + value) / (t + 1);
  }
};

// The extrapolated line's part in the forecast, weighted by 1 - 1 / theta.
// `decay` is (1 - alpha)^t.
double LinePart(const DynamicLine& line, int t, double alpha, double decay) {
  return line.Intercept(t) * decay +
         line.slope * (1 - decay * (1 - alpha)) / alpha;
}

// The normal equations of the errors in the initial level's distance from
// `level` and in the weight, for one alpha.
struct NormalEquations {
  double decay_decay = 0, decay_line = 0, line_line = 0;
  double decay_error = 0, line_error = 0, error_error = 0;
  int errors = 0;
};

struct Solution {
  double level_change = 0;
  double weight = 0;
  double sum_of_squares = 0;
};

Solution Solve(const NormalEquations& e) {
  Solution solution;
  // Where the initial level has decayed away, nothing tells it.
  const bool has_level = e.decay_decay > 1e-12 * e.errors;
  const double shared = has_level ? e.decay_line / e.decay_decay : 0;
  const double variance = e.line_line - shared * e.decay_line;
  const double covariance = e.line_error - shared * e.decay_error;
  if (variance > 1e-12 * e.line_line) {
    solution.weight = std::clamp(covariance / variance, 0.0, kMostWeight);
  }
  if (has_level) {
    solution.level_change =
        (e.decay_error - solution.weight * e.decay_line) / e.decay_decay;
  }
  const double c = solution.level_change;
  const double w = solution.weight;
  solution.sum_of_squares =
      std::max(0.0, e.error_error - 2 * c * e.decay_error -
                        2 * w * e.line_error + c * c * e.decay_decay +
                        2 * c * w * e.decay_line + w * w * e.line_line);
  return solution;
}

class DynamicThetaObjective {
 public:
  explicit DynamicThetaObjective(absl::Span<const double> values)
      : values_(values), filled_(FillGaps(values, 1)) {
    lines_.resize(values.size());
    DynamicLine line;
    for (size_t t = 0; t < filled_.size(); ++t) {
      lines_[t] = line;
      line.Observe(static_cast<int>(t), filled_[t]);
    }
  }

  DynamicThetaFit Fit(double alpha) const {
    const double start = filled_[0] / 2;
    NormalEquations e;
    double level = start;
    double decay = 1;
    for (size_t t = 0; t < filled_.size(); ++t) {
      if (t >= kFirstError && !std::isnan(values_[t])) {
        const double part =
            LinePart(lines_[t], static_cast<int>(t), alpha, decay);
        const double error = filled_[t] - level;
        e.decay_decay += decay * decay;
        e.decay_line += decay * part;
        e.line_line += part * part;
        e.decay_error += decay * error;
        e.line_error += part * error;
        e.error_error += error * error;
        ++e.errors;
      }
      level += alpha * (filled_[t] - level);
      decay *= 1 - alpha;
    }
    const Solution solution = Solve(e);
    DynamicThetaFit fit;
    fit.alpha = alpha;
    fit.theta = 1 / (1 - solution.weight);
    fit.level = start + solution.level_change;
    fit.sum_of_squares = solution.sum_of_squares;
    fit.errors = e.errors;
    return fit;
  }

 private:
  absl::Span<const double> values_;
  std::vector<double> filled_;
  // Before each value is observed.
  std::vector<DynamicLine> lines_;
};

// A symmetric matrix over (level, mean, slope), and vectors.
using Vector3 = double[3];
struct Covariance {
  double v[3][3] = {};
};

// The forecast of the dynamic model is linear in its state, with coefficients
// that change with time, so that its errors are normal and their variance
// follows exactly.
class DynamicThetaForecaster {
 public:
  DynamicThetaForecaster(const DynamicThetaFit& fit, double variance,
                         absl::Span<const double> values)
      : alpha_(fit.alpha),
        weight_(1 - 1 / fit.theta),
        variance_(variance),
        level_(fit.level) {
    for (double value : values) {
      level_ += alpha_ * (value - level_);
      line_.Observe(t_, value);
      decay_ *= 1 - alpha_;
      ++t_;
    }
  }

  // The next point forecast and its variance; the period then counts as
  // observed at its forecast.
  std::pair<double, double> Next() {
    const double point = level_ + weight_ * LinePart(line_, t_, alpha_, decay_);
    const double t = t_;
    const Vector3 loading = {1, weight_ * decay_,
                             weight_ * ((1 - decay_ * (1 - alpha_)) / alpha_ -
                                        decay_ * (t + 1) / 2)};
    const double variance = variance_ + Variance(loading);
    const Vector3 gain = {alpha_, 1 / (t + 1), 6 / ((t + 1) * (t + 2))};
    const double transition[3][3] = {{1 - alpha_, 0, 0},
                                     {0, t / (t + 1), 0},
                                     {0, -gain[2], (t - 1) / (t + 2)}};
    Propagate(transition, gain, loading);
    level_ += alpha_ * (point - level_);
    line_.Observe(t_, point);
    decay_ *= 1 - alpha_;
    ++t_;
    return {point, variance};
  }

 private:
  double Variance(const Vector3& loading) const {
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        sum += loading[i] * covariance_.v[i][j] * loading[j];
      }
    }
    return sum;
  }

  // P' = F P F' + s g g' with F = transition + gain loading'.
  void Propagate(const double (&transition)[3][3], const Vector3& gain,
                 const Vector3& loading) {
    double f[3][3];
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        f[i][j] = transition[i][j] + gain[i] * loading[j];
      }
    }
    Covariance next;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        double sum = variance_ * gain[i] * gain[j];
        for (int k = 0; k < 3; ++k) {
          for (int l = 0; l < 3; ++l) {
            sum += f[i][k] * covariance_.v[k][l] * f[j][l];
          }
        }
        next.v[i][j] = sum;
      }
    }
    covariance_ = next;
  }

  const double alpha_;
  const double weight_;
  const double variance_;
  double level_;
  double decay_ = 1;
  int t_ = 0;
  DynamicLine line_;
  Covariance covariance_;
};

}  // namespace

absl::StatusOr<Prediction> Theta(const ModelInput& input) {
  const int n = static_cast<int>(input.values.size());
  const SeasonalAdjustment adjustment(input.values, input.season);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  const absl::StatusOr<EtsFit> fit = FitEts(adjusted, EtsForm{}, 1);
  if (!fit.ok()) return Annotate(fit.status(), "the Theta method");
  const double alpha = fit->smoothing.alpha;
  const double slope = LeastSquaresSlope(FillGaps(adjusted, 1)) / 2;
  const double lag = (1 - std::pow(1 - alpha, n)) / alpha;
  std::vector<double> point(input.horizon);
  std::vector<double> variance(input.horizon);
  for (int h = 0; h < input.horizon; ++h) {
    const double adjusted_point = fit->final.level + slope * (h + lag);
    point[h] = adjustment.Restored(adjusted_point, n + h);
    // As R has it: the variance stays on the adjusted scale.
    variance[h] = fit->variance * (1 + h * alpha * alpha);
  }
  return NormalPrediction("Theta", std::move(point), variance,
                          input.probabilities);
}

DynamicThetaFit FitDynamicTheta(absl::Span<const double> values) {
  const DynamicThetaObjective objective(values);
  constexpr int kGrid = 24;
  const double width = (kMostAlpha - kLeastAlpha) / kGrid;
  DynamicThetaFit best = objective.Fit(kLeastAlpha);
  for (int i = 1; i <= kGrid; ++i) {
    const DynamicThetaFit fit = objective.Fit(kLeastAlpha + i * width);
    if (fit.sum_of_squares < best.sum_of_squares) best = fit;
  }
  // Golden section between the best point's neighbours on the grid.
  double low = std::max(kLeastAlpha, best.alpha - width);
  double high = std::min(kMostAlpha, best.alpha + width);
  constexpr double kGolden = 0.6180339887498949;
  DynamicThetaFit left = objective.Fit(high - kGolden * (high - low));
  DynamicThetaFit right = objective.Fit(low + kGolden * (high - low));
  while (high - low > 1e-6) {
    if (left.sum_of_squares < right.sum_of_squares) {
      high = right.alpha;
      right = left;
      left = objective.Fit(high - kGolden * (high - low));
    } else {
      low = left.alpha;
      left = right;
      right = objective.Fit(low + kGolden * (high - low));
    }
  }
  for (const DynamicThetaFit& fit : {left, right}) {
    if (fit.sum_of_squares < best.sum_of_squares) best = fit;
  }
  return best;
}

absl::StatusOr<Prediction> DynamicTheta(const ModelInput& input) {
  constexpr int kParameters = 3;
  const int n = static_cast<int>(input.values.size());
  const SeasonalAdjustment adjustment(input.values, input.season);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  if (CountPresent(adjusted) <= kFirstError + kParameters) {
    return absl::FailedPreconditionError(
        absl::StrCat("the dynamic Theta method needs at least ",
                     kFirstError + kParameters + 1, " values, and there are ",
                     CountPresent(adjusted)));
  }
  const DynamicThetaFit fit = FitDynamicTheta(adjusted);
  const double variance =
      fit.sum_of_squares / std::max(1, fit.errors - kParameters);
  DynamicThetaForecaster forecaster(fit, variance, FillGaps(adjusted, 1));
  std::vector<double> point;
  std::vector<double> variances;
  for (int h = 0; h < input.horizon; ++h) {
    const auto [next, spread] = forecaster.Next();
    point.push_back(next);
    variances.push_back(spread);
  }
  Prediction prediction =
      NormalPrediction("Dynamic optimised Theta", std::move(point), variances,
                       input.probabilities);
  RestoreSeason(adjustment, n, prediction);
  return prediction;
}

}  // namespace headway::forecast
