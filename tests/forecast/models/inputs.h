// Inputs that the tests of several models share.
#ifndef HEADWAY_TESTS_FORECAST_MODELS_INPUTS_H_
#define HEADWAY_TESTS_FORECAST_MODELS_INPUTS_H_

#include <cstdint>
#include <vector>

#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/normal.h"

namespace headway::forecast {

// Borrows `values`.
inline ModelInput InputOf(const std::vector<double>& values, int horizon) {
  ModelInput input;
  input.values = values;
  input.horizon = horizon;
  return input;
}

// A line that starts at 50, with standard normal errors.
inline std::vector<double> NoisyLine(int n, double slope, uint64_t seed) {
  NormalGenerator normal(seed);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) values[t] = 50 + slope * t + normal.Next();
  return values;
}

}  // namespace headway::forecast

#endif  // HEADWAY_TESTS_FORECAST_MODELS_INPUTS_H_
