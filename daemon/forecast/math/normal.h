// The normal distribution, and random numbers that are the same everywhere.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_

#include <cstdint>

namespace headway::forecast {

// The standard normal quantile of `probability` in (0, 1), to about 16 digits
// (Wichura 1988, algorithm AS 241, PPND16).
double NormalQuantile(double probability);

// Standard normal numbers by inversion of SplitMix64 (Steele, Lea and Flood
// 2014). The standard library's distributions differ between implementations;
// these do not.
class NormalGenerator {
 public:
  explicit NormalGenerator(uint64_t seed) : state_(seed) {}
  double Next();

 private:
  uint64_t state_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_
