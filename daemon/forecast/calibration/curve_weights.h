// How much the methods on each scale count, by what the series itself says of
// its scale.
//
// The evidence for a scale is the likelihood of the values if their changes on
// it, over one period or over one season, whichever vary less, are independent
// and normal of one variance: the likelihood by which Box and Cox choose a
// power (1964, "An Analysis of Transformations", Journal of the Royal
// Statistical Society B 26).
//
// That the changes grow with the level does not say that growth goes on as it
// was: on series of the competitions forecasts on logarithms, where these are
// much the likelier, overshoot. So the straight scale gives way only if the
// logarithms keep to a line, to which they return from what drives them away,
// or if the evidence is overwhelming.
#ifndef HEADWAY_DAEMON_FORECAST_CALIBRATION_CURVE_WEIGHTS_H_
#define HEADWAY_DAEMON_FORECAST_CALIBRATION_CURVE_WEIGHTS_H_

#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

struct CurveWeights {
  // What a method counts on a scale. One each without evidence.
  double straight = 1;
  double log = 1;
  double exponential = 0;
  // The log-likelihood per value of the logarithmic scale over the straight
  // one, and of the exponential over the logarithmic one; 0 if unknown.
  double bend = 0;
  double further_bend = 0;
};

// `values` holds at least two that differ, the first and the last present; NaN
// marks a missing one. Weights are as without evidence if the curves do not
// differ under these bounds, or if a value is not positive. Pure.
CurveWeights WeighCurves(absl::Span<const double> values, Bounds bounds,
                         int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_CALIBRATION_CURVE_WEIGHTS_H_
