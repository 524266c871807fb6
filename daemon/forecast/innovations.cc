#include "daemon/forecast/innovations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/ridge.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/math/transform.h"
#include "daemon/forecast/reconcile.h"

namespace headway::forecast {
namespace {

constexpr size_t kOrder = 2;
// Fewer tell nothing of a correlation. A convention.
constexpr int kLeastPeriods = 12;
// What is left of independence where the data would have none, so that no
// series is a function of the others.
constexpr double kLeastShrinkage = 0.001;

// The values before the one at t, the latest first.
std::vector<double> PastOf(absl::Span<const double> changes, size_t t) {
  std::vector<double> past;
  for (size_t lag = 1; lag <= kOrder; ++lag) past.push_back(changes[t - lag]);
  return past;
}

bool AllPresent(absl::Span<const double> values) {
  return std::none_of(values.begin(), values.end(),
                      [](double value) { return std::isnan(value); });
}

// changes[t] is the change to the value at t.
std::vector<double> ChangesOf(absl::Span<const double> values) {
  std::vector<double> changes(values.size(),
                              std::numeric_limits<double>::quiet_NaN());
  double sum = 0;
  int count = 0;
  for (size_t t = 1; t < values.size(); ++t) {
    changes[t] = values[t] - values[t - 1];
    if (std::isnan(changes[t])) continue;
    sum += changes[t];
    ++count;
  }
  for (double& change : changes) change -= count > 0 ? sum / count : 0;
  return changes;
}

int CommonPeriods(absl::Span<const std::vector<double>> innovations) {
  int common = 0;
  for (size_t t = 0; t < innovations[0].size(); ++t) {
    common += std::all_of(innovations.begin(), innovations.end(),
                          [t](const auto& row) {
                            return t < row.size() && std::isfinite(row[t]);
                          });
  }
  return common;
}

}  // namespace

absl::StatusOr<std::vector<double>> Innovations(absl::Span<const double> values,
                                                int season, Bounds bounds) {
  std::vector<double> innovations(values.size(),
                                  std::numeric_limits<double>::quiet_NaN());
  const Curve curve = bounds == Bounds::kNone ? Curve::kStraight : Curve::kLog;
  ASSIGN_OR_RETURN(const Transform transform,
                   Transform::Create(bounds, curve, values));
  if (CountPresent(values) < 2) return innovations;
  std::vector<double> scaled;
  for (double value : values) scaled.push_back(transform.Forward(value));
  const std::vector<double> changes =
      ChangesOf(SeasonalAdjustment(scaled, season).Adjusted(scaled));
  NormalEquations equations(kOrder);
  for (size_t t = kOrder + 1; t < changes.size(); ++t) {
    const std::vector<double> past = PastOf(changes, t);
    if (!std::isnan(changes[t]) && AllPresent(past)) {
      equations.Add(past, changes[t]);
    }
  }
  if (equations.observations() <= static_cast<int>(kOrder)) return innovations;
  const RidgeFit fit = FitRidge(equations);
  for (size_t t = kOrder + 1; t < changes.size(); ++t) {
    const std::vector<double> past = PastOf(changes, t);
    if (!AllPresent(past)) continue;
    innovations[t] = changes[t];
    for (size_t lag = 0; lag < kOrder; ++lag) {
      innovations[t] -= fit.coefficients[lag] * past[lag];
    }
  }
  return innovations;
}

absl::StatusOr<InnovationCorrelation> CorrelateInnovations(
    absl::Span<const std::vector<double>> innovations) {
  InnovationCorrelation result;
  const size_t series = innovations.size();
  result.correlation.assign(series, std::vector<double>(series));
  for (size_t i = 0; i < series; ++i) result.correlation[i][i] = 1;
  if (series < 2) return result;
  result.periods = CommonPeriods(innovations);
  if (result.periods < kLeastPeriods) return result;
  ASSIGN_OR_RETURN(const ShrunkCovariance estimate,
                   EstimateCovariance(innovations));
  const std::vector<std::vector<double>>& covariance = estimate.covariance;
  result.shrinkage = std::max(estimate.shrinkage, kLeastShrinkage);
  // What EstimateCovariance has not shrunk.
  const double more =
      estimate.shrinkage < kLeastShrinkage ? 1 - kLeastShrinkage : 1;
  for (size_t i = 0; i < series; ++i) {
    for (size_t j = 0; j < series; ++j) {
      const double scale = std::sqrt(covariance[i][i] * covariance[j][j]);
      if (i == j || !(scale > 0)) continue;
      result.correlation[i][j] = more * covariance[i][j] / scale;
    }
  }
  return result;
}

}  // namespace headway::forecast
