// The mean of the methods for long seasons, weighted by what each of them did
// on the end of the series.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The method "bates_granger": the mean of "ridge_ar", "mstl" and "flair" (of
// "auto_ces" instead of "flair" for a season of 1), with weights in inverse
// proportion to the squared errors of their forecasts of the last horizon, and
// at most the last quarter, from what lies before (Bates, Granger, "The
// Combination of Forecasts", Operational Research Quarterly 1969). Points,
// means and quantiles are averaged (Lichtendahl, Grushka-Cockayne, Winkler
// 2013). Weights are equal where nothing can be held out, and a member that the
// series is too short for is left out. FAILED_PRECONDITION: that leaves none. A
// pure function.
absl::StatusOr<Prediction> BatesGranger(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_
