// Whether the coefficients of a regression are the same throughout.
#ifndef HEADWAY_DAEMON_EVIDENCE_BREAKS_STABILITY_H_
#define HEADWAY_DAEMON_EVIDENCE_BREAKS_STABILITY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/breaks/segments.h"

namespace headway::evidence {

struct StabilityOptions {
  double trim = 0.15;  // of the rows at either end, in (0, 0.5)
  // Of the limit distribution, and of the AR(1) bootstrap; 0 for none.
  int limit_draws = 100000;
  int bootstrap_draws = 999;
  uint64_t seed = 1;
};

struct StabilityTest {
  double statistic = 0;
  double p = 1;
};

// F is the Wald statistic: the fall of the residual sum over the variance, not
// divided by the number of coefficients.
struct FTests {
  int first = 0;  // rows at which a break is tried, from 1
  int last = 0;
  std::vector<double> f;
  int at = 0;  // of the largest
  // Andrews 1993; Andrews and Ploberger 1994. Their p come from draws of the
  // limit distribution on a grid of 1,000 steps; `least_p` is the least they
  // can be.
  StabilityTest sup;
  StabilityTest ave;
  StabilityTest exp;
  double least_p = 0;
  // Of the largest F where the residuals are an AR(1) without a break, whose
  // slope is corrected for its bias; absent without draws.
  std::optional<double> sup_p_autoregressive;
  double least_p_autoregressive = 0;
  double residual_slope = 0;
  uint64_t seed = 0;
};

// INVALID_ARGUMENT: a trim out of range, too few rows, collinear regressors.
// Deterministic.
absl::StatusOr<FTests> TestStability(const BreakInput& input,
                                     const StabilityOptions& options);

// Chow 1960: one break after row `at` (from 1) that was named beforehand. The
// statistic is F times the number of coefficients.
struct ChowTest {
  double wald = 0;
  double f = 0;
  int degrees1 = 0;
  int degrees2 = 0;
  double p = 1;
};
absl::StatusOr<ChowTest> TestChow(const BreakInput& input, int at);

// Cumulated residuals: of least squares (Ploberger and Krämer 1992), against a
// constant boundary; recursive ones (Brown, Durbin and Evans 1975), against a
// line.
absl::StatusOr<StabilityTest> TestOlsCusum(const BreakInput& input);
absl::StatusOr<StabilityTest> TestRecursiveCusum(const BreakInput& input);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_BREAKS_STABILITY_H_
