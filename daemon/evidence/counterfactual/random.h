// A stream of random numbers that is the same on every platform.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_RANDOM_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_RANDOM_H_

#include <cstdint>

namespace headway::evidence {

// Not thread-safe. All draws of a seed come from one stream, in order.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed) : seed_(seed) {}

  // Between 0 and 1, never one of them.
  double Uniform();
  double Normal();
  // Of mean `shape` and scale 1; shape > 0. Marsaglia, Tsang 2000, "A Simple
  // Method for Generating Gamma Variables", ACM TOMS 26.
  double Gamma(double shape);
  // The same times 1 / rate, given that it is above `least` >= 0. Its tail by
  // rejection from an exponential (Philippe 1997, "Simulation of right and left
  // truncated gamma distributions by mixtures", Statistics and Computing 7).
  double GammaAbove(double shape, double rate, double least);

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_RANDOM_H_
