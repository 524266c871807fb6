// Growth curves, for adoption and shares that level off.
//
//   logistic  y = limit / (1 + exp(-(t - midpoint) / scale))
//             Verhulst 1838; Fisher, Pry 1971, "A simple substitution model of
//             technological change", Technological Forecasting 3. A negative
//             scale gives a falling curve.
//   Gompertz  y = limit exp(-exp(-(t - midpoint) / scale))
//             Gompertz 1825; Winsor 1932, "The Gompertz curve as a growth
//             curve", PNAS 18. The midpoint is the inflection, at 37 % of the
//             limit.
//   Bass      y = limit (F(t) - F(t - 1)), F(t) = (1 - e) / (1 + (q / p) e),
//             e = exp(-(p + q) t)
//             Bass 1969, "A new product growth model for consumer durables",
//             Management Science 15. y is the number of adopters in each
//             period, not their sum, as in Srinivasan, Mason 1986, "Nonlinear
//             least squares estimation of new product diffusion models",
//             Marketing Science 5, and the limit is the size of the market.
//
// t is 1 for the first value. Fitted by least squares; missing values (NaN) are
// left out. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_GROWTH_CURVE_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_GROWTH_CURVE_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

enum class GrowthCurve { kLogistic, kGompertz, kBass };

struct GrowthFit {
  GrowthCurve curve = GrowthCurve::kLogistic;
  double limit = 0;
  // Midpoint and scale, or p and q for Bass.
  std::array<double, 2> shape = {};
  double sum_of_squares = 0;
  int observed = 0;
  // The standard error of the limit.
  double limit_error = 0;
};

// The model is linear in the limit, so that the search runs over the two shape
// parameters alone (variable projection: Golub, Pereyra 1973, "The
// differentiation of pseudo-inverses and nonlinear least squares problems whose
// variables separate", SIAM Journal on Numerical Analysis 10), from the best
// few starts of a grid. For a series of n values the midpoint lies in
// [-2 n, 3 n] and the absolute value of the scale in [n / 100, 2 n]; p lies in
// [1e-7, 0.9], q in [1e-5, 5].
//
// FAILED_PRECONDITION: fewer than six values, or values that no curve with a
// positive limit fits better than zero does. CANCELLED: `stop` was requested.
absl::StatusOr<GrowthFit> FitGrowthCurve(absl::Span<const double> values,
                                         GrowthCurve curve,
                                         StopRequest stop = {});

// The value of the curve at period t.
double GrowthValue(const GrowthFit& fit, double t);

// Student's intervals, with the variance of the residuals plus that of the
// parameters by the delta method (Seber, Wild 1989, "Nonlinear Regression",
// 5.1). Errors count as independent. A note says so if the limit is less than
// twice its standard error, as for growth that has yet to slow down.
Prediction PredictGrowthCurve(absl::Span<const double> values,
                              const GrowthFit& fit, int horizon,
                              absl::Span<const double> probabilities);

// The methods "logistic", "gompertz" and "bass". FAILED_PRECONDITION as
// FitGrowthCurve.
absl::StatusOr<Prediction> Logistic(const ModelInput& input);
absl::StatusOr<Prediction> Gompertz(const ModelInput& input);
absl::StatusOr<Prediction> Bass(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_GROWTH_CURVE_H_
