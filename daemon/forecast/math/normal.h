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

// Number `counter` of the stream of `seed`, between 0 and 1 and never one of
// them: SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom
// Number Generators", OOPSLA), any number of which can be had without those
// before it. Pure.
double UniformAt(uint64_t seed, uint64_t counter);

// The same as a standard normal number, by inversion. The distributions of the
// standard library differ between implementations; these do not. Pure.
double NormalAt(uint64_t seed, uint64_t counter);

// Standard normal numbers 1, 2, ... of a stream. Not thread-safe.
class NormalGenerator {
 public:
  explicit NormalGenerator(uint64_t seed) : seed_(seed) {}
  double Next() { return NormalAt(seed_, ++counter_); }

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_NORMAL_H_
