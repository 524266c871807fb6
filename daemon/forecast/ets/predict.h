// Forecasts of a fitted form of exponential smoothing.
//
// Mean and variance are exact where they have a closed form (Hyndman, Koehler,
// Ord, Snyder 2008, chapter 6: classes 1, 2 and 3); quantiles are then normal,
// as in R. The other forms are simulated. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_PREDICT_H_
#define HEADWAY_DAEMON_FORECAST_ETS_PREDICT_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The path of the values if all further innovations are zero. [horizon]
std::vector<double> EtsPoint(const EtsFit& fit, int horizon);

struct EtsMoments {
  std::vector<double> mean;      // [horizon]
  std::vector<double> variance;  // [horizon]
};

// Whether EtsClosedMoments is defined for the form: no multiplicative trend,
// and no additive errors with a multiplicative season.
bool HasClosedMoments(const EtsForm& form);
// Any numbers once `stop` is requested.
EtsMoments EtsClosedMoments(const EtsFit& fit, int horizon,
                            StopRequest stop = {});

// Sample paths with normal innovations. [horizon][path], each step sorted in
// rising order.
std::vector<std::vector<double>> SimulateEts(const EtsFit& fit, int horizon,
                                             int paths, uint64_t seed);

Prediction PredictEts(const EtsFit& fit, int horizon,
                      absl::Span<const double> probabilities, uint64_t seed);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_PREDICT_H_
