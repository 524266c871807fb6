// What series did that their own past did not tell, and how far it goes
// together between them: what paths of several series are drawn together by
// (paths.h).
//
// Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_INNOVATIONS_H_
#define HEADWAY_DAEMON_FORECAST_INNOVATIONS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The errors one step ahead of an autoregression of order two on the changes
// from one value to the next, seasonally adjusted, on the scale without bounds;
// one for each value, NaN where there is none. The model of the forecast itself
// is not asked: a combination has no one error. NaN marks a missing value.
// INVALID_ARGUMENT: a value outside the bounds.
absl::StatusOr<std::vector<double>> Innovations(absl::Span<const double> values,
                                                int season, Bounds bounds);

struct InnovationCorrelation {
  // [series][series], positive definite.
  std::vector<std::vector<double>> correlation;
  // The weight of independence in it, 0 to 1.
  double shrinkage = 1;
  // In which every series has an innovation.
  int periods = 0;
};

// The correlation of innovations of the same periods, [series][period], shrunk
// towards independence by as much as the data are few (EstimateCovariance in
// reconcile.h, after Schäfer, Strimmer 2005). Series with fewer than 12 periods
// in common count as independent. INVALID_ARGUMENT: lengths that differ.
absl::StatusOr<InnovationCorrelation> CorrelateInnovations(
    absl::Span<const std::vector<double>> innovations);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_INNOVATIONS_H_
