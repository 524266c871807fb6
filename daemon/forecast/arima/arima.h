// ARIMA models: their form, their polynomials, and coefficients that keep them
// stationary and invertible.
//
//   phi(B) Phi(B^m) (1-B)^d (1-B^m)^D (y_t - x_t' beta) = theta(B) Theta(B^m)
//   e_t
//
// with phi(B) = 1 - phi_1 B - ..., theta(B) = 1 + theta_1 B + ... as in R's
// `arima`, and e_t independent normal (Box and Jenkins 1970). A constant is
// the mean of the series where d + D = 0, the slope of a line ("drift") where
// d + D = 1, and is left out above.
//
// Coefficients are mapped to free numbers through their partial
// autocorrelations (Barndorff-Nielsen and Schou 1973; Monahan 1984), so that
// every point of the search is stationary and invertible. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_ARIMA_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_ARIMA_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

struct ArimaForm {
  int ar = 0;
  int differences = 0;
  int ma = 0;
  int seasonal_ar = 0;
  int seasonal_differences = 0;
  int seasonal_ma = 0;
  int season = 1;
  bool has_constant = false;

  // Coefficients of the four polynomials.
  int coefficients() const { return ar + ma + seasonal_ar + seasonal_ma; }
  // Values that differencing uses up.
  int lost() const { return differences + season * seasonal_differences; }
  // "ARIMA(1,1,1)(0,1,1)[12] with drift", as R writes it.
  std::string Name() const;

  friend bool operator==(const ArimaForm&, const ArimaForm&) = default;
};

struct ArimaCoefficients {
  std::vector<double> ar;
  std::vector<double> ma;
  std::vector<double> seasonal_ar;
  std::vector<double> seasonal_ma;
};

// Between coefficients and free numbers, in the order ar, ma, seasonal ar,
// seasonal ma. A partial autocorrelation r is r = x / sqrt(1 + x^2).
ArimaCoefficients FromFree(const ArimaForm& form, absl::Span<const double> x);
// Coefficients that are not stationary or invertible are shrunk until they are.
std::vector<double> ToFree(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);

// A polynomial without its leading 1: coefficients by rising lag, zeros left
// out.
struct LagPolynomial {
  std::vector<int> lags;
  std::vector<double> coefficients;
  int degree() const { return lags.empty() ? 0 : lags.back(); }
};

// The lags of the product of a polynomial of `degree` in B and one of
// `seasonal_degree` in B^season, with coefficients of zero.
LagPolynomial ProductLags(int degree, int seasonal_degree, int season);

// The coefficients of `product`, whose lags are those of ProductLags. The
// factors are 1 + sign * sum of their coefficients, and so is the product.
void MultiplyInto(absl::Span<const double> factor,
                  absl::Span<const double> seasonal, int season, double sign,
                  LagPolynomial& product);

// phi Phi as 1 - sum, theta Theta as 1 + sum.
LagPolynomial ArPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);
LagPolynomial MaPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);

// (1-B)^d (1-B^m)^D of `values`, which are more than it uses up.
std::vector<double> Difference(absl::Span<const double> values,
                               const ArimaForm& form);
// The coefficients of (1-B)^d (1-B^m)^D, the leading 1 included. [lost + 1]
std::vector<double> DifferencingPolynomial(const ArimaForm& form);

// Whether a root of any polynomial has a modulus below 1.01: R's auto.arima
// rejects such models.
bool IsNearUnitRoot(const ArimaForm& form,
                    const ArimaCoefficients& coefficients);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_ARIMA_H_
