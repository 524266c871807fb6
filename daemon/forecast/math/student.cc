#include "daemon/forecast/math/student.h"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "daemon/forecast/math/normal.h"

namespace headway::forecast {
namespace {

// std::lgamma sets a global variable, which threads would share.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

// The regularised incomplete beta function I_x(a, b), by Lentz's method, for x
// below (a + 1) / (a + b + 2), where the fraction converges fast. `rest` is
// 1 - x.
double BetaFraction(double x, double rest, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr int kTerms = 10000;
  const auto away_from_zero = [](double value) {
    return std::abs(value) < kTiny ? kTiny : value;
  };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < std::numeric_limits<double>::epsilon()) break;
  }
  const double log_front = LogGamma(a + b) - LogGamma(a) - LogGamma(b) +
                           a * std::log(x) + b * std::log(rest);
  return std::exp(log_front) * fraction / a;
}

double Density(double t, double degrees) {
  const double log_scale = LogGamma((degrees + 1) / 2) - LogGamma(degrees / 2) -
                           std::log(degrees * std::numbers::pi) / 2;
  return std::exp(log_scale - (degrees + 1) / 2 * std::log1p(t * t / degrees));
}

// The quantile by the normal one `z`, in powers of 1 / degrees (Abramowitz and
// Stegun 26.7.5). The last term is well above the error where it is small.
struct Expansion {
  double value = 0;
  double last_term = 0;
};

Expansion ExpandQuantile(double z, double degrees) {
  const double z2 = z * z;
  const double terms[] = {
      z * (z2 + 1) / 4, z * ((5 * z2 + 16) * z2 + 3) / 96,
      z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
      z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160};
  Expansion expansion{z, 0};
  double power = 1;
  for (double term : terms) {
    power /= degrees;
    expansion.value += term * power;
    expansion.last_term = std::abs(term * power);
  }
  return expansion;
}

}  // namespace

double StudentProbability(double t, double degrees) {
  if (t == 0) return 0.5;
  // Both tails together are I_x(degrees / 2, 1 / 2).
  const double x = degrees / (degrees + t * t);
  const double rest = t * t / (degrees + t * t);
  const double a = degrees / 2;
  const double tails = x < (a + 1) / (a + 2.5)
                           ? BetaFraction(x, rest, a, 0.5)
                           : 1 - BetaFraction(rest, x, 0.5, a);
  return t < 0 ? tails / 2 : 1 - tails / 2;
}

double StudentQuantile(double probability, double degrees) {
  // Worked in the lower tail, where probabilities keep their digits.
  const double tail = std::min(probability, 1 - probability);
  if (tail == 0.5) return 0;
  const Expansion expansion = ExpandQuantile(NormalQuantile(tail), degrees);
  double t = expansion.value;
  // The distribution function is convex there, so that from the second step on
  // Newton's method comes down on the quantile from above.
  constexpr int kSteps = 200;
  constexpr double kPrecision = 1e-14;
  for (int step = 0; step < kSteps; ++step) {
    if (step == 0 && expansion.last_term <= kPrecision * std::abs(t)) break;
    const double excess = StudentProbability(t, degrees) - tail;
    double next = t - excess / Density(t, degrees);
    if (!(next < 0)) next = t / 2;
    const bool done = std::abs(next - t) <= kPrecision * std::abs(t) ||
                      (step > 1 && next >= t);
    t = next;
    if (done) break;
  }
  return probability < 0.5 ? t : -t;
}

Prediction StudentPrediction(std::string model, std::vector<double> point,
                             absl::Span<const double> variance, double degrees,
                             absl::Span<const double> probabilities) {
  // The error is a fraction of the last term, and an interval needs no more.
  constexpr double kEnough = 1e-5;
  std::vector<double> scores(probabilities.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    const Expansion expansion =
        ExpandQuantile(NormalQuantile(probabilities[i]), degrees);
    scores[i] = expansion.last_term <= kEnough * std::abs(expansion.value)
                    ? expansion.value
                    : StudentQuantile(probabilities[i], degrees);
  }
  return ScoredPrediction(std::move(model), std::move(point), variance, scores);
}

}  // namespace headway::forecast
