// Student's t distribution. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_STUDENT_H_
#define HEADWAY_DAEMON_FORECAST_STUDENT_H_

namespace headway::forecast {

// The probability of a value below `t` with `degrees` > 0 of freedom, to about
// 14 digits: the incomplete beta function by its continued fraction (DLMF
// 8.17.22).
double StudentProbability(double t, double degrees);

// The value below which lies `probability` in (0, 1), by Newton's method within
// a bracket.
double StudentQuantile(double probability, double degrees);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_STUDENT_H_
