#include "daemon/evidence/counterfactual/random.h"

#include <cmath>

#include "daemon/forecast/math/normal.h"

namespace headway::evidence {

double RandomStream::Uniform() {
  return forecast::UniformAt(seed_, ++counter_);
}

double RandomStream::Normal() { return forecast::NormalAt(seed_, ++counter_); }

double RandomStream::Gamma(double shape) {
  if (shape < 1) {
    return Gamma(shape + 1) * std::pow(Uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = Normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(Uniform()) < 0.5 * x * x + d * (1 - v + std::log(v))) {
      return d * v;
    }
  }
}

double RandomStream::GammaAbove(double shape, double rate, double least) {
  const double mode = (shape - 1) / rate;
  if (shape <= 1 || least <= mode) {
    while (true) {
      const double x = Gamma(shape) / rate;
      if (x > least) return x;
    }
  }
  const double tilt = rate - (shape - 1) / least;
  while (true) {
    const double x = least - std::log(Uniform()) / tilt;
    const double accept =
        (shape - 1) * (std::log(x / least) - (x - least) / least);
    if (std::log(Uniform()) < accept) return x;
  }
}

}  // namespace headway::evidence
