// Cycles longer than the season: those that were given, or one that is found in
// the values. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The correlation of the changes over `lag` with those `cycle` before, in
// standard errors of one that is not there; 0 if fewer than `cycle` changes
// have one before them. `values` holds no NaN.
double CycleScore(absl::Span<const double> values, int lag, int cycle);

// The cycle that the calendar suggests beside `season` and that the values
// support, or 0. Suggested are the week beside a day of 24 hours (of 48
// half-hours and so on), the year beside a week of 7 days, and 52 weeks beside
// a season of 1. The values support it if there are three cycles of changes
// over one season (over one period for a season of 1), and they repeat
// themselves over it, at the one-sided 95 % level.
// `values` holds no NaN.
int FindLongSeason(absl::Span<const double> values, int season);

// The cycles to model, in rising order: the season, if above 1, and the long
// seasons that were given or, if none were, the one that is found. Only those
// that fit `repeats` times into the values. `filled` is input.values with gaps
// filled.
std::vector<int> Cycles(const ModelInput& input,
                        absl::Span<const double> filled, int repeats);

// The end of a model's name, " with cycles of 24, 168"; empty without cycles.
std::string CyclesSuffix(absl::Span<const int> cycles);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_LONG_SEASON_H_
