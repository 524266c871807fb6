// ARIMA models: their orders, their polynomials, and coefficients that keep
// them stationary and invertible.
//
//   phi(B) Phi(B^m) (1-B)^d (1-B^m)^D (y_t - x_t' beta)
//       = theta(B) Theta(B^m) e_t
//
// with phi(B) = 1 - phi_1 B - ..., theta(B) = 1 + theta_1 B + ... as in R's
// `arima`, and e_t independent normal (Box, Jenkins 1970, "Time Series
// Analysis: Forecasting and Control"). A constant is the mean of the series if
// d + D = 0 and the slope of a line ("drift") if d + D = 1; there is none if d
// + D is larger.
//
// The coefficients are functions of free numbers, by way of partial
// autocorrelations (Barndorff-Nielsen, Schou 1973, "On the parametrization of
// autoregressive models by partial autocorrelations", Journal of Multivariate
// Analysis 3; Monahan 1984, "A note on enforcing stationarity in
// autoregressive-moving average models", Biometrika 71), so that every point
// of a search is stationary and invertible. Plain types and pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FORM_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FORM_H_

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

  // The number of coefficients of the four polynomials.
  int coefficients() const { return ar + ma + seasonal_ar + seasonal_ma; }
  // The number of values that differencing uses up.
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

// Coefficients from free numbers, in the order ar, ma, seasonal ar, seasonal
// ma. A free number x gives the partial autocorrelation x / sqrt(1 + x^2).
ArimaCoefficients FromFree(const ArimaForm& form, absl::Span<const double> x);
// The inverse of FromFree. Coefficients that are not stationary or invertible
// are shrunk until they are.
std::vector<double> ToFree(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);

// A polynomial in B without its leading 1: the lags with a coefficient, rising,
// and their coefficients.
struct LagPolynomial {
  std::vector<int> lags;
  std::vector<double> coefficients;
  int degree() const { return lags.empty() ? 0 : lags.back(); }
};

// The product of a polynomial of `degree` in B and one of `seasonal_degree` in
// B^season, with its lags set and its coefficients zero.
LagPolynomial ProductLags(int degree, int seasonal_degree, int season);

// Sets the coefficients of `product`, whose lags are those of ProductLags. Each
// of the three polynomials is 1 + `sign` times the sum of its terms.
void MultiplyInto(absl::Span<const double> factor,
                  absl::Span<const double> seasonal, int season, double sign,
                  LagPolynomial& product);

// phi Phi, written as 1 - sum, and theta Theta, written as 1 + sum.
LagPolynomial ArPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);
LagPolynomial MaPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients);

// (1-B)^d (1-B^m)^D of `values`, of which there are more than differencing uses
// up.
std::vector<double> Difference(absl::Span<const double> values,
                               const ArimaForm& form);
// The coefficients of (1-B)^d (1-B^m)^D, the leading 1 included. [lost + 1]
std::vector<double> DifferencingPolynomial(const ArimaForm& form);

// Whether any polynomial has a root with a modulus below 1.01. R's auto.arima
// rejects such models.
bool IsNearUnitRoot(const ArimaForm& form,
                    const ArimaCoefficients& coefficients);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_FORM_H_
