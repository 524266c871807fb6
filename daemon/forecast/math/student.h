// Student's t distribution, and predictions that have it. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_
#define HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The probability of a value below `t` with `degrees` > 0 of freedom, to about
// 14 digits: the incomplete beta function by its continued fraction (DLMF
// 8.17.22).
double StudentProbability(double t, double degrees);

// The value below which lies `probability` in (0, 1), by its expansion in
// powers of 1 / degrees and Newton's method.
double StudentQuantile(double probability, double degrees);

// The prediction whose errors about `point`, which is also its mean, are
// Student's with `degrees` of freedom times the root of `variance`: as of a
// regression whose residual variance is estimated.
Prediction StudentPrediction(std::string model, std::vector<double> point,
                             absl::Span<const double> variance, double degrees,
                             absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_STUDENT_H_
