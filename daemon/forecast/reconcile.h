// Reconciliation: forecasts of a hierarchy are changed as little as needed to
// add up, by MinT, the trace-minimising method.
//
// Wickramasuriya, Athanasopoulos, Hyndman 2019, "Optimal forecast
// reconciliation for hierarchical and grouped time series through trace
// minimization", JASA 114, with the covariance of the one-step errors shrunk
// towards its diagonal: Schäfer, Strimmer 2005, "A shrinkage approach to
// large-scale covariance matrix estimation and implications for functional
// genomics", Statistical Applications in Genetics and Molecular Biology 4. Pure
// functions.
#ifndef HEADWAY_DAEMON_FORECAST_RECONCILE_H_
#define HEADWAY_DAEMON_FORECAST_RECONCILE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::forecast {

// Which series are sums of which. In every list of series the aggregates come
// first, then the bottom series. `sums` is the summing matrix of the literature
// without its lower half, which is the identity.
struct Hierarchy {
  int bottom = 0;
  // [aggregate][bottom]: the weight of a bottom series, most often 0 or 1.
  std::vector<std::vector<double>> sums;

  int series() const { return static_cast<int>(sums.size()) + bottom; }
};

enum class NegativeForecasts {
  kKeep,
  // Bottom forecasts below zero become zero, and the aggregates are the sums of
  // the bottom forecasts after that (Di Fonzo, Girolimetto 2023,
  // "Spatio-temporal reconciliation of solar forecasts", Solar Energy 251).
  kSetToZero,
};

struct Reconciled {
  // [series][step]; every aggregate is the sum of its bottom series.
  std::vector<std::vector<double>> forecasts;
  // The variance of the reconciled errors one step ahead, if the base forecasts
  // are unbiased. [series]
  std::vector<double> variance;
  // The weight of the diagonal in the shrunk covariance, 0 to 1.
  double shrinkage = 0;
};

// The shrunk covariance of the errors, [series][series], and the weight of its
// diagonal, 0 to 1.
struct ShrunkCovariance {
  std::vector<std::vector<double>> covariance;
  double shrinkage = 0;
};
// `errors` is [series][period]. Errors count as having mean zero. Periods in
// which any error is missing (NaN) are left out. INVALID_ARGUMENT: fewer than
// two periods remain, or lengths differ.
absl::StatusOr<ShrunkCovariance> EstimateCovariance(
    absl::Span<const std::vector<double>> errors);

// `base` is [series][step], `errors` [series][period]: the in-sample errors of
// the models one step ahead. INVALID_ARGUMENT: sizes that do not match the
// hierarchy, a forecast or a weight that is not finite, too few errors.
// FAILED_PRECONDITION: the errors of an aggregate and of all its bottom series
// are zero, so that they do not tell which forecast to adjust, or one aggregate
// repeats another.
absl::StatusOr<Reconciled> Reconcile(
    const Hierarchy& hierarchy, absl::Span<const std::vector<double>> base,
    absl::Span<const std::vector<double>> errors, NegativeForecasts negative);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_RECONCILE_H_
