// What sample paths tell and the quantiles of single periods do not: sums and
// annual totals, running maxima, when a level is first crossed.
//
// Paths are those of Forecast::paths, [path][step], all of one length; their
// values are finite. A result has an element for each path, in their order.
// Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_PATH_FUNCTIONS_H_
#define HEADWAY_DAEMON_FORECAST_PATH_FUNCTIONS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::forecast {

// [path][step]
using PathSpan = absl::Span<const std::vector<double>>;

// The sum of the steps from `first` to before `end`. INVALID_ARGUMENT: steps
// that the paths do not have, or none.
absl::StatusOr<std::vector<double>> SumSteps(PathSpan paths, int first,
                                             int end);

// Totals of cycles: the year of twelve months, of which `known` have a value
// already, whose sum is `known_sum`, and then those that follow. A cycle that
// the paths do not reach the end of is left out. [cycle][path].
// INVALID_ARGUMENT: a cycle below 1, or `known` outside 0 to cycle - 1.
struct KnownPart {
  int steps = 0;
  double sum = 0;
};
absl::StatusOr<std::vector<std::vector<double>>> CycleTotals(
    PathSpan paths, int cycle, KnownPart known = {});

// The greatest value up to each step, and no less than `so_far`, if that is
// given. [path][step]: no path falls.
std::vector<std::vector<double>> RunningMaxima(
    PathSpan paths, std::optional<double> so_far = std::nullopt);

enum class Crossing { kAtOrAbove, kAtOrBelow };

// The first step, from 0, at which the path is at the level or beyond it;
// absent if it never is.
std::vector<std::optional<int>> FirstCrossings(PathSpan paths, double level,
                                               Crossing crossing);

// The probability that a path has crossed the level at any time by each step:
// "at least 100 by 2028". [step], never falling. The paths are at least one.
std::vector<double> ProbabilityCrossed(PathSpan paths, double level,
                                       Crossing crossing);

// The quantile of `probability` in [0, 1] of a sample, which is not empty, by
// linear interpolation between order statistics (Hyndman and Fan's type 7).
double SampleQuantile(std::vector<double> sample, double probability);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_PATH_FUNCTIONS_H_
