// The method "bates_granger": a weighted mean of the methods for long seasons.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The mean of "ridge_ar", "mstl" and "flair" (of "auto_ces" instead of "flair"
// for a season of 1), with weights in inverse proportion to the squared errors
// of their forecasts of the last values, as many as the horizon and at most a
// quarter, from the values before them (Bates, Granger 1969, "The Combination
// of Forecasts", Operational Research Quarterly 20). Points, means and
// quantiles are averaged (Lichtendahl, Grushka-Cockayne, Winkler 2013). Weights
// are equal if no value can be held out, and a member that the series is too
// short for is left out. FAILED_PRECONDITION: no member is left. Pure.
absl::StatusOr<Prediction> BatesGranger(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_BATES_GRANGER_H_
