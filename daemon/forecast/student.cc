#include "daemon/forecast/student.h"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "daemon/forecast/normal.h"

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
  double low = NormalQuantile(tail);
  // The tail is heavier than the normal one.
  double high = low;
  while (StudentProbability(low, degrees) > tail) {
    high = low;
    low *= 2;
  }
  constexpr int kSteps = 200;
  double t = high;
  for (int step = 0; step < kSteps; ++step) {
    const double excess = StudentProbability(t, degrees) - tail;
    (excess > 0 ? high : low) = t;
    double next = t - excess / Density(t, degrees);
    if (std::abs(next - t) <= 1e-15 * std::abs(t)) break;
    // Newton's step may leave the bracket; the middle never does.
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    t = next;
  }
  return probability < 0.5 ? t : -t;
}

Prediction StudentPrediction(std::string model, std::vector<double> point,
                             absl::Span<const double> variance, double degrees,
                             absl::Span<const double> probabilities) {
  std::vector<double> scores(probabilities.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i] = StudentQuantile(probabilities[i], degrees);
  }
  return ScoredPrediction(std::move(model), std::move(point), variance, scores);
}

}  // namespace headway::forecast
