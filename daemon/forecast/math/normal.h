// The normal distribution, and random numbers that are the same on every
// platform.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_

#include <cstdint>

namespace headway::forecast {

// The standard normal quantile of `probability` in (0, 1), to about 16 digits
// (Wichura 1988, "The Percentage Points of the Normal Distribution", Applied
// Statistics 37, algorithm AS 241, PPND16). Pure.
double NormalQuantile(double probability);

// Standard normal numbers by inversion of SplitMix64 (Steele, Lea, Flood 2014,
// "Fast Splittable Pseudorandom Number Generators", OOPSLA). The distributions
// of the standard library differ between implementations; these do not. Not
// thread-safe.
class NormalGenerator {
 public:
  explicit NormalGenerator(uint64_t seed) : state_(seed) {}
  double Next();

 private:
  uint64_t state_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_
