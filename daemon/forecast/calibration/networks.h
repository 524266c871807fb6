// The networks of spread.h as numbers. networks.cc is written by
// tools/bench/calibration/learn.py.
#ifndef HEADWAY_DAEMON_FORECAST_CALIBRATION_NETWORKS_H_
#define HEADWAY_DAEMON_FORECAST_CALIBRATION_NETWORKS_H_

#include "absl/types/span.h"

namespace headway::forecast {

inline constexpr int kInputs = 24;
inline constexpr int kOutputs = 3;

// Of one hidden unit: the hyperbolic tangent of the weighted sum of the inputs
// and `bias`, which adds its part to each output.
struct Unit {
  float bias;
  float inputs[kInputs];
  float outputs[kOutputs];
};

// The mean of several networks of one hidden layer is one network with all
// their units.
struct Network {
  // An input is centred, divided by its scale, and cut off at 4.
  float centres[kInputs];
  float scales[kInputs];
  float biases[kOutputs];
  absl::Span<const Unit> units;
};

const Network& SpreadNetwork();

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_CALIBRATION_NETWORKS_H_
