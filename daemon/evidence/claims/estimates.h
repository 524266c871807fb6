// The estimates that tests of claims rest on: the level of the newest values,
// the slope of a line, and how much more it is after an event. Pure functions.
#ifndef HEADWAY_DAEMON_EVIDENCE_CLAIMS_ESTIMATES_H_
#define HEADWAY_DAEMON_EVIDENCE_CLAIMS_ESTIMATES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/evidence/claims/verdict.h"

namespace headway::evidence {

struct Estimate {
  // With its 95 % interval.
  Interval interval;
  double standard_error = 0;
  // Of the t distribution of estimate / standard_error; 0: normal.
  double degrees = 0;
  // Of the values that were used.
  int observations = 0;
  // How it was computed, in a few words.
  std::string method;
};

// That the true value lies on the side of the threshold.
double ProbabilityOf(const Estimate& estimate, Side side, double threshold);
// The distance from the threshold that a test of 5 % sees in four cases of
// five.
double SmallestDetectable(const Estimate& estimate);

// The level at the end of the values, which must all be finite: the mean of the
// newest `count`. Its error comes from how much neighbours differ among five
// times as many values if there are so many (von Neumann, Kent, Bellinson, Hart
// 1941, "The mean square successive difference", Annals of Mathematical
// Statistics 12): that is noise about a level, however the level itself moved.
// FAILED_PRECONDITION: fewer than four values, or fewer than `count`.
absl::StatusOr<Estimate> MeanLevel(absl::Span<const double> values, int count);

struct TrendOptions {
  // Values in a year, above 0: slopes are by year.
  double by_year = 1;
  // Values in a cycle, whose means are taken out where there are four cycles;
  // 1: none.
  int season = 1;
  // The place of the first value after the event, for the change of the slope;
  // absent: the slope of all values.
  std::optional<int> event;
};

// The slope of a line through the values, NaN where one is missing, or how much
// more it is from the event on; at the event the line may jump as well.
//
// Valid whether the values come back to the line or wander off it: quasi
// generalised least squares with the autoregressive root estimated, corrected
// for its bias, and set to one where it is near (Perron, Yabu 2009, "Estimating
// deterministic trends with an integrated or stationary noise component",
// Journal of Econometrics 151; and "Testing for shifts in trend with an
// integrated or stationary noise component", Journal of Business & Economic
// Statistics 27), with the correction of Roy and Fuller (2001, "Estimation for
// autoregressive time series with a root near 1", same journal 19). Ordinary
// errors of a regression call a slope in most random walks.
//
// FAILED_PRECONDITION: fewer than ten values, or fewer than five or less than a
// year on a side of the event, or the values lie on a line.
absl::StatusOr<Estimate> TrendSlope(absl::Span<const double> values,
                                    const TrendOptions& options);

// How much the values step at the event, which the options must have, without a
// slope; errors and conditions as of TrendSlope.
absl::StatusOr<Estimate> StepAtEvent(absl::Span<const double> values,
                                     const TrendOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_CLAIMS_ESTIMATES_H_
