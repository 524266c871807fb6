// Cycles longer than the season: those that were given, or one that is found.
//
// Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The cycle that the calendar suggests beside `season` and that `values`
// (without NaN) show, or 0. Suggested are the week beside a day of 24 hours, 48
// half-hours and so on, the year beside a week of 7 days, and 52 weeks beside a
// season of 1. Shown means: three cycles of changes over one season (over one
// period for a season of 1), whose autocorrelation at the cycle is above zero
// at 95 %, one-sided.
int FindLongSeason(absl::Span<const double> values, int season);

// The cycles to model, rising: the season, if above 1, and the long seasons
// that were given or, where none were, the one that is found; of these the ones
// that fit `repeats` times into the values. `filled` is input.values without
// NaN.
std::vector<int> Cycles(const ModelInput& input,
                        absl::Span<const double> filled, int repeats);

// " with cycles of 24, 168", or nothing without cycles: for a model's name.
std::string CyclesSuffix(absl::Span<const int> cycles);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_
