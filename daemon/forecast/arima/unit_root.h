// How often a series has to be differenced.
//
// Values hold no NaN (seasonality.h fills gaps). Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_

#include "absl/types/span.h"

namespace headway::forecast {

// The statistic of Kwiatkowski, Phillips, Schmidt, Shin 1992 for a level that
// does not move, with Bartlett weights over 3 sqrt(n) / 13 lags as R's `ndiffs`
// has it. Zero for values that are all the same.
double KpssStatistic(absl::Span<const double> values);

// How many first differences it takes, at most `most`, until that test accepts
// at 5 %.
int CountDifferences(absl::Span<const double> values, int most);

// 1 - var(remainder) / var(remainder + season) of an STL decomposition, in
// [0, 1] (Wang, Smith, Hyndman 2006). Needs two cycles of values.
double SeasonalStrength(absl::Span<const double> values, int season);

// Whether the season is strong enough for a seasonal difference: 0.64 or more,
// the threshold of R's `nsdiffs`. False below two cycles of values.
bool NeedsSeasonalDifference(absl::Span<const double> values, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_
