// Tails of the F and chi-squared distributions. Pure functions.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_DISTRIBUTIONS_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_DISTRIBUTIONS_H_

namespace headway::evidence {

// The probability of a value above f.
double FUpperTail(double f, double degrees1, double degrees2);

// The probability of a value above x.
double ChiSquaredUpperTail(double x, double degrees);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_DISTRIBUTIONS_H_
