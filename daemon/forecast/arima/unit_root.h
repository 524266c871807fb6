// Tests that choose the number of differences of a series.
//
// Values hold no NaN; math/seasonality.h fills gaps. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// The statistic of Kwiatkowski, Phillips, Schmidt, Shin 1992 ("Testing the null
// hypothesis of stationarity against the alternative of a unit root", Journal
// of Econometrics 54) for a constant level, with Bartlett weights over 3
// sqrt(n) / 13 lags as in R's `ndiffs`. Zero if all values are the same.
double KpssStatistic(absl::Span<const double> values);

// The number of first differences, at most `most`, until that test accepts at
// the 5 % level.
int CountDifferences(absl::Span<const double> values, int most);

// 1 - var(remainder) / var(remainder + season) of an STL decomposition, in [0,
// 1] (Wang, Smith, Hyndman 2006, "Characteristic-based clustering for time
// series data", Data Mining and Knowledge Discovery 13). Needs two cycles of
// values. Any number once `stop` is requested.
double SeasonalStrength(absl::Span<const double> values, int season,
                        StopRequest stop = {});

// Whether the season is strong enough for a seasonal difference: 0.64 or more,
// the threshold of R's `nsdiffs`. False below two cycles of values.
bool NeedsSeasonalDifference(absl::Span<const double> values, int season,
                             StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_UNIT_ROOT_H_
