#include "daemon/evidence/math/distributions.h"

#include <cmath>
#include <limits>

namespace headway::evidence {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kTiny = 1e-300;
constexpr int kMostTerms = 10000;

// The regularised incomplete beta function by its continued fraction (DLMF
// 8.17.22), for x below the mean.
double BetaFraction(double a, double b, double x) {
  double c = 1;
  double d = 1 / (1 - (a + b) * x / (a + 1));
  double h = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    h *= d * c;
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    h *= d * c;
    if (std::abs(d * c - 1) < kEpsilon) break;
  }
  return h;
}

double RegularisedBeta(double a, double b, double x, double one_minus_x) {
  if (x <= 0) return 0;
  if (one_minus_x <= 0) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
               a * std::log(x) + b * std::log(one_minus_x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, one_minus_x) / b;
}

// The upper regularised incomplete gamma function: DLMF 8.11.4 and 8.9.2.
double UpperGamma(double a, double x) {
  const double front = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n <= kMostTerms && term > sum * kEpsilon; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double h = d;
  for (int n = 1; n <= kMostTerms; ++n) {
    const double factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    h *= d * c;
    if (std::abs(d * c - 1) < kEpsilon) break;
  }
  return front * h;
}

}  // namespace

double FUpperTail(double f, double degrees1, double degrees2) {
  if (!(f > 0)) return 1;
  const double total = degrees1 * f + degrees2;
  return RegularisedBeta(degrees2 / 2, degrees1 / 2, degrees2 / total,
                         degrees1 * f / total);
}

double ChiSquaredUpperTail(double x, double degrees) {
  if (!(x > 0)) return 1;
  return UpperGamma(degrees / 2, x / 2);
}

}  // namespace headway::evidence
