#include "daemon/forecast/arima/predict.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/arima/likelihood.h"

namespace headway::forecast {
namespace {

// Continues differenced values by the autoregression, and sums them up to
// levels.
class Continuation {
 public:
  Continuation(const ArimaForm& form, const ArimaCoefficients& coefficients,
               int horizon)
      : ar_(ArPolynomial(form, coefficients)), horizon_(horizon) {
    const std::vector<double> polynomial = DifferencingPolynomial(form);
    for (size_t lag = 1; lag < polynomial.size(); ++lag) {
      if (polynomial[lag] == 0) continue;
      integration_.lags.push_back(static_cast<int>(lag));
      integration_.coefficients.push_back(-polynomial[lag]);
    }
  }

  // `first` are the predictions of the next differenced values, as many as the
  // filter has; `levels` end with the last period.
  std::vector<double> Levels(absl::Span<const double> first,
                             absl::Span<const double> levels) const {
    std::vector<double> path(horizon_);
    const int given = static_cast<int>(first.size());
    for (int h = 0; h < horizon_; ++h) {
      path[h] = h < given ? first[h] : Combine(ar_, path, h, {});
    }
    for (int h = 0; h < horizon_; ++h) {
      path[h] += Combine(integration_, path, h, levels);
    }
    return path;
  }

 private:
  // The sum over the lags of `path` before h, preceded by `before`.
  static double Combine(const LagPolynomial& polynomial,
                        absl::Span<const double> path, int h,
                        absl::Span<const double> before) {
    double sum = 0;
    const int start = static_cast<int>(before.size());
    for (size_t i = 0; i < polynomial.lags.size(); ++i) {
      const int at = h - polynomial.lags[i];
      if (at >= 0) {
        sum += polynomial.coefficients[i] * path[at];
      } else if (start + at >= 0) {
        sum += polynomial.coefficients[i] * before[start + at];
      }
    }
    return sum;
  }

  const LagPolynomial ar_;
  LagPolynomial integration_;
  const int horizon_;
};

// The filter's gain beyond the last value, with no more errors to see.
class GainBeyond {
 public:
  GainBeyond(const ArmaFilter& filter, const LagPolynomial& ar)
      : ar_(ar),
        gain_(filter.gain()),
        direction_(filter.direction()),
        variance_(filter.variance()) {}

  const std::vector<double>& gain() const { return gain_; }
  double variance() const { return variance_; }
  bool is_steady() const {
    return std::all_of(direction_.begin(), direction_.end(),
                       [](double part) { return part == 0; });
  }

  // The recursion of arma_filter.cc.
  void Advance() {
    const int order = static_cast<int>(gain_.size());
    const double partial = direction_[0];
    const double factor = 1 - partial * partial;
    double beyond = 0;
    for (size_t i = 0; i < ar_.lags.size(); ++i) {
      beyond += ar_.coefficients[i] * direction_[order - ar_.lags[i]];
    }
    for (int i = 0; i < order; ++i) {
      const double moved = i + 1 < order ? direction_[i + 1] : beyond;
      const double gain = gain_[i];
      gain_[i] = (gain - partial * moved) / factor;
      direction_[i] = (moved - partial * gain) / factor;
    }
    variance_ *= factor;
  }

 private:
  const LagPolynomial& ar_;
  std::vector<double> gain_;
  std::vector<double> direction_;
  double variance_;
};

// Adds what the errors to come contribute.
void AddErrors(const ArmaFilter& filter, const LagPolynomial& ar,
               const Continuation& continuation, StopRequest stop,
               std::vector<double>& variance) {
  GainBeyond beyond(filter, ar);
  std::vector<double> effect;
  const int horizon = static_cast<int>(variance.size());
  for (int s = 0; s < horizon && !stop.requested(); ++s) {
    if (s == 0 || !beyond.is_steady()) {
      if (s > 0) beyond.Advance();
      std::vector<double> first = {1};
      first.insert(first.end(), beyond.gain().begin(), beyond.gain().end());
      effect = continuation.Levels(first, {});
      stop.RequestedAfter(4 * ar.lags.size() * horizon);
    }
    stop.RequestedAfter(horizon - s);
    for (int h = s; h < horizon; ++h) {
      variance[h] += beyond.variance() * effect[h - s] * effect[h - s];
    }
  }
}

// Adds what is not known of missing values.
void AddMissingVariance(const std::vector<std::vector<double>>& paths,
                        const std::vector<double>& covariance,
                        std::vector<double>& variance) {
  const size_t n = paths.size();
  for (size_t h = 0; h < variance.size(); ++h) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        variance[h] += paths[i][h] * covariance[i * n + j] * paths[j][h];
      }
    }
  }
}

absl::Status CheckFuture(const ArimaFit& fit, int horizon,
                         const Regressors& future) {
  const size_t wanted = fit.regression.size() - fit.form.has_constant;
  if (future.size() != wanted) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model has ", wanted, " regressors, and future values of ",
        future.size(), " were given"));
  }
  for (size_t i = 0; i < future.size(); ++i) {
    if (static_cast<int>(future[i].size()) != horizon) {
      return absl::InvalidArgumentError(absl::StrCat(
          "regressor ", i + 1, " has ", future[i].size(),
          " future values; the horizon of ", horizon, " needs as many"));
    }
    for (double value : future[i]) {
      if (std::isfinite(value)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("regressor ", i + 1, " has a future value of ", value,
                       "; every one must be a finite number"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ArimaPath> PredictArima(const ArimaDesign& design,
                                       const ArimaFit& fit, int horizon,
                                       const Regressors& future,
                                       StopRequest stop) {
  RETURN_IF_ERROR(CheckFuture(fit, horizon, future));
  ArimaLikelihood likelihood(design, fit.form, stop);
  likelihood.SetPoint(0, fit.free);
  likelihood.Evaluate(1);
  if (stop.requested()) return GivenUp();
  const ArmaFilter& filter = likelihood.filter();
  const LagPolynomial ar = ArPolynomial(fit.form, fit.coefficients);
  const Continuation continuation(fit.form, fit.coefficients, horizon);
  const absl::Span<const double> regression = likelihood.regression(0);

  std::vector<double> errors = design.levels;
  std::vector<double> first = filter.predictions(0);
  std::vector<std::vector<double>> missing_paths;
  for (size_t side = 0; side < regression.size(); ++side) {
    const std::vector<double>& levels =
        design.side_levels[likelihood.used_sides()[side]];
    const std::vector<double> predictions =
        filter.predictions(static_cast<int>(side) + 1);
    for (size_t t = 0; t < errors.size(); ++t) {
      errors[t] -= regression[side] * levels[t];
    }
    for (size_t i = 0; i < first.size(); ++i) {
      first[i] -= regression[side] * predictions[i];
    }
    if (static_cast<int>(side) < design.missing) {
      missing_paths.push_back(continuation.Levels(predictions, levels));
    }
  }

  ArimaPath path;
  path.mean = continuation.Levels(first, errors);
  auto coefficient = fit.regression.begin();
  if (fit.form.has_constant) {
    const bool is_slope =
        fit.form.differences + fit.form.seasonal_differences == 1;
    for (int h = 0; h < horizon; ++h) {
      const double period = static_cast<double>(design.levels.size()) + h + 1;
      path.mean[h] += *coefficient * (is_slope ? period : 1);
    }
    ++coefficient;
  }
  for (const std::vector<double>& column : future) {
    for (int h = 0; h < horizon; ++h) path.mean[h] += *coefficient * column[h];
    ++coefficient;
  }

  const std::vector<double> side_variances = likelihood.SideVariances();
  for (size_t i = side_variances.size() - future.size();
       i < side_variances.size(); ++i) {
    path.effect_variance.push_back(fit.variance * side_variances[i]);
  }

  path.variance.assign(horizon, 0.0);
  AddErrors(filter, ar, continuation, stop, path.variance);
  if (stop.requested()) return GivenUp();
  if (design.missing > 0) {
    AddMissingVariance(missing_paths, likelihood.MissingCovariance(),
                       path.variance);
  }
  for (double& variance : path.variance) variance *= fit.variance;
  return path;
}

}  // namespace headway::forecast
