// Quantities that often lie exactly on a bound: a share that is 100 % for
// months, sales of nothing for weeks.
//
// Such a series is at its lower bound, at its upper bound or between them, and
// goes from one to the other as a Markov chain does, whose transitions are
// counted and drawn towards the shares of the three as far as few were seen.
// What lies between the bounds is a series of its own, forecast as any other.
// The distribution is the mixture: two atoms and what is between them (Cragg
// 1971, "Some Statistical Models for Limited Dependent Variables with
// Application to the Demand for Durable Goods", Econometrica 39; there for
// zero). Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_KINDS_ATOMS_H_
#define HEADWAY_DAEMON_FORECAST_KINDS_ATOMS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// Whether enough values lie exactly on a bound: two at least, and one of
// twenty. False without bounds. NaN marks a missing value.
bool HaveAtoms(absl::Span<const double> values, Bounds bounds);

// Forecasts values strictly between the bounds; at least four, of which two
// differ.
using BetweenForecast = absl::FunctionRef<absl::StatusOr<Prediction>(
    absl::Span<const double> values, absl::Span<const double> probabilities)>;

// `values` are within `bounds`. The point is the median. Fewer than four values
// between the bounds, or all the same, are expected to come again as they are.
// Errors are those of `between`.
absl::StatusOr<Prediction> PredictAtoms(absl::Span<const double> values,
                                        Bounds bounds, int horizon,
                                        absl::Span<const double> probabilities,
                                        BetweenForecast between);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_KINDS_ATOMS_H_
