#include "daemon/forecast/models/ces/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/constants.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

constexpr CesSmoothing kLower = {0.01, 0.01, 0.01, 0.01};
constexpr CesSmoothing kUpper = {2, 1.9, 1.5, 1.5};
// The initial level and potential, which the variance counts as estimated.
constexpr int kStates = 2;
// Each value is seen three times, with its derivatives.
constexpr size_t kStepsPerValue = 10;

using Matrix = std::array<CesSmoothing, kMaxCesParameters>;

// Whether the form without a season forgets its start: both roots of the
// recursion of its states in the values lie within the unit circle.
bool IsStable(const CesSmoothing& smoothing) {
  const auto& [a0, a1, b0, b1] = smoothing;
  const double trace = 2 - 2 * a0 + a1;
  const double determinant =
      (1 - a0 + a1) * (1 - a0) + (1 - a1) * (1 - a0 - a1);
  return determinant < 1 && std::abs(trace) < 1 + determinant;
}

// The lower factor of Cholesky for the first `n` rows; false where the matrix
// is not positive definite.
bool Factor(const Matrix& matrix, int n, Matrix& lower) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = matrix[i][j];
      for (int k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
      if (i != j) {
        lower[i][j] = sum / lower[j][j];
        continue;
      }
      if (!(sum > 0)) return false;
      lower[i][i] = std::sqrt(sum);
    }
  }
  return true;
}

CesSmoothing SolveFactored(const Matrix& lower, int n, CesSmoothing right) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < i; ++k) right[i] -= lower[i][k] * right[k];
    right[i] /= lower[i][i];
  }
  for (int i = n; i-- > 0;) {
    for (int k = i + 1; k < n; ++k) right[i] -= lower[k][i] * right[k];
    right[i] /= lower[i][i];
  }
  return right;
}

// Levenberg-Marquardt within the box.
class CesMinimizer {
 public:
  // The penalty is `charge` times the squares of (a1 - 1) and (b1 - 1). A run
  // of the recursion takes `steps` steps.
  CesMinimizer(CesRecursion& recursion, int parameters, double charge,
               size_t steps, StopRequest stop)
      : recursion_(recursion),
        parameters_(parameters),
        charge_(charge),
        steps_(steps),
        stop_(stop) {}

  // Goes on from `start`, and keeps the best of all starts.
  void Run(const CesSmoothing& start) {
    constexpr int kMaxSteps = 60;
    constexpr double kTolerance = 1e-6;
    constexpr double kMostDamping = 1e8;
    CesSmoothing here = start;
    CesErrors errors = Evaluate(here);
    double damping = 0.01;
    for (int i = 0; i < kMaxSteps && damping < kMostDamping; ++i) {
      const std::optional<CesSmoothing> next = Step(here, errors, damping);
      if (!next || stop_.RequestedAfter(steps_)) break;
      const CesErrors trial = Evaluate(*next);
      const double gain = errors.sum_of_squares - trial.sum_of_squares;
      if (!(gain > 0)) {
        damping *= 5;
        continue;
      }
      const bool done = gain < kTolerance * errors.sum_of_squares;
      here = *next;
      errors = trial;
      damping = std::max(damping / 5, 1e-9);
      if (done) break;
    }
    if (errors.sum_of_squares < best_errors_.sum_of_squares) {
      best_ = here;
      best_errors_ = errors;
    }
  }

  const CesSmoothing& best() const { return best_; }
  // With the penalty in.
  const CesErrors& best_errors() const { return best_errors_; }

 private:
  CesErrors Evaluate(const CesSmoothing& smoothing) {
    CesErrors errors;
    errors.sum_of_squares = kInfinity;
    if (!IsStable(smoothing)) return errors;
    errors = recursion_.Run(smoothing);
    for (int i = 1; i < parameters_; i += 2) {
      const double growth = smoothing[i] - 1;
      errors.sum_of_squares += charge_ * growth * growth;
      errors.gradient[i] += charge_ * growth;
      errors.curvature[i][i] += charge_;
    }
    if (!std::isfinite(errors.sum_of_squares)) {
      errors.sum_of_squares = kInfinity;
    }
    return errors;
  }

  // Absent if no free parameter lowers the sum.
  std::optional<CesSmoothing> Step(const CesSmoothing& here,
                                   const CesErrors& errors,
                                   double damping) const {
    std::array<int, kMaxCesParameters> free;
    int n = 0;
    for (int i = 0; i < parameters_; ++i) {
      const double slope = errors.gradient[i];
      if ((here[i] <= kLower[i] && slope > 0) ||
          (here[i] >= kUpper[i] && slope < 0)) {
        continue;
      }
      free[n++] = i;
    }
    Matrix matrix;
    CesSmoothing right;
    for (int i = 0; i < n; ++i) {
      right[i] = -errors.gradient[free[i]];
      for (int j = 0; j <= i; ++j) {
        matrix[i][j] = errors.curvature[free[i]][free[j]];
      }
      matrix[i][i] *= 1 + damping;
    }
    Matrix lower;
    if (n == 0 || !Factor(matrix, n, lower)) return std::nullopt;
    const CesSmoothing step = SolveFactored(lower, n, right);
    CesSmoothing next = here;
    for (int i = 0; i < n; ++i) {
      const int k = free[i];
      next[k] = std::clamp(here[k] + step[i], kLower[k], kUpper[k]);
    }
    return next;
  }

  CesRecursion& recursion_;
  const int parameters_;
  const double charge_;
  const size_t steps_;
  const StopRequest stop_;
  CesSmoothing best_ = {};
  CesErrors best_errors_ = {.sum_of_squares = kInfinity};
};

absl::Status CheckForm(absl::Span<const double> values, CesForm form,
                       int season) {
  // AICc divides by what smoothing parameters and the variance leave.
  const int least = CesParameterCount(form) + kStates + 1;
  const int present = CountPresent(values);
  if (present < least) {
    return absl::FailedPreconditionError(
        absl::StrCat(CesName(form), " needs at least ", least,
                     " values, and there are ", present));
  }
  if (form == CesForm::kNone) return absl::OkStatus();
  if (season < 2 || values.size() < 2 * static_cast<size_t>(season)) {
    return absl::FailedPreconditionError(
        absl::StrCat(CesName(form),
                     " needs two cycles of at least 2 periods, and there are ",
                     values.size(), " values in cycles of ", season));
  }
  return absl::OkStatus();
}

Matrix Inverse(const Matrix& matrix, int n) {
  Matrix lower;
  Matrix inverse = {};
  if (!Factor(matrix, n, lower)) return inverse;
  for (int i = 0; i < n; ++i) {
    CesSmoothing unit = {};
    unit[i] = 1;
    inverse[i] = SolveFactored(lower, n, unit);
  }
  return inverse;
}

}  // namespace

absl::StatusOr<CesFit> FitCes(absl::Span<const double> values, CesForm form,
                              int season, StopRequest stop) {
  RETURN_IF_ERROR(CheckForm(values, form, season));
  if (stop.requested()) return GivenUp();
  const int parameters = CesParameterCount(form);
  // A middling point, and one of fast growth.
  const CesSmoothing starts[] = {
      {1.3, 1, form == CesForm::kPartial ? 0.1 : 1.3, 1}, {1.5, 1.1, 0.3, 0.9}};
  CesRecursion recursion(values, form, season, stop);
  const CesErrors first = recursion.Run(starts[0]);
  const double precision = season / kCesGrowth;
  CesMinimizer minimizer(
      recursion, parameters,
      precision * precision * first.sum_of_squares / first.count,
      kStepsPerValue * values.size(), stop);
  for (const CesSmoothing& start : starts) minimizer.Run(start);
  if (stop.requested()) return GivenUp();
  const CesErrors errors = recursion.Run(minimizer.best());
  if (!std::isfinite(errors.sum_of_squares)) {
    return absl::FailedPreconditionError(absl::StrCat(
        CesName(form), " finds no stable parameters for these values"));
  }
  CesFit fit;
  fit.form = form;
  fit.season = form == CesForm::kNone ? 1 : season;
  fit.smoothing = minimizer.best();
  fit.final = recursion.FinalState();
  fit.sum_of_squares = errors.sum_of_squares;
  const double n = errors.count;
  const double k = parameters + 1;
  constexpr double kLeast = std::numeric_limits<double>::min();
  fit.aicc = n * std::log(std::max(fit.sum_of_squares, kLeast)) + 2 * k +
             2 * k * (k + 1) / (n - k - 1);
  fit.degrees = n - parameters - kStates;
  fit.variance = fit.sum_of_squares / fit.degrees;
  fit.covariance = Inverse(minimizer.best_errors().curvature, parameters);
  for (CesSmoothing& row : fit.covariance) {
    for (double& element : row) element *= fit.variance;
  }
  return fit;
}

absl::StatusOr<CesFit> SearchCes(absl::Span<const double> values, int season,
                                 StopRequest stop) {
  absl::StatusOr<CesFit> best = FitCes(values, CesForm::kNone, season, stop);
  for (CesForm form : {CesForm::kSimple, CesForm::kPartial, CesForm::kFull}) {
    if (!CheckForm(values, form, season).ok()) continue;
    absl::StatusOr<CesFit> fit = FitCes(values, form, season, stop);
    if (stop.requested()) return GivenUp();
    if (fit.ok() && (!best.ok() || fit->aicc < best->aicc)) {
      best = std::move(fit);
    }
  }
  return best;
}

Prediction PredictCes(const CesFit& fit, int horizon,
                      absl::Span<const double> probabilities) {
  CesPath path =
      ContinueCes(fit.form, fit.season, fit.smoothing, fit.final, horizon);
  std::vector<double> variances(horizon);
  double responses = 0;
  for (int h = 0; h < horizon; ++h) {
    responses += path.responses[h] * path.responses[h];
    variances[h] = fit.variance * responses;
    const CesSmoothing& slope = path.point_derivatives[h];
    for (int i = 0; i < kMaxCesParameters; ++i) {
      for (int j = 0; j < kMaxCesParameters; ++j) {
        variances[h] += slope[i] * fit.covariance[i][j] * slope[j];
      }
    }
  }
  return StudentPrediction(CesName(fit.form), std::move(path.point), variances,
                           fit.degrees, probabilities);
}

absl::StatusOr<Prediction> AutoCes(const ModelInput& input) {
  ASSIGN_OR_RETURN(const CesFit fit,
                   SearchCes(input.values, input.season, input.stop));
  return PredictCes(fit, input.horizon, input.probabilities);
}

}  // namespace headway::forecast
