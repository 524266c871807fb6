// Student's t distribution, and predictions with t-distributed errors. Pure
// functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_
#define HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The probability of a value below t with `degrees` > 0 degrees of freedom, to
// about 14 digits: the incomplete beta function by its continued fraction (DLMF
// 8.17.22).
double StudentProbability(double t, double degrees);

// The quantile of `probability` in (0, 1), by its expansion in powers of 1 /
// degrees, refined by Newton's method.
double StudentQuantile(double probability, double degrees);

// The prediction with mean and point `point`, whose errors are the root of
// `variance` times a Student's t variable with `degrees` degrees of freedom, as
// in a regression with an estimated residual variance.
Prediction StudentPrediction(std::string model, std::vector<double> point,
                             absl::Span<const double> variance, double degrees,
                             absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_
