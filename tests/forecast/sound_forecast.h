// Conditions that every forecast must meet, whatever the series.
#ifndef HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_
#define HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_

#include <vector>

#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// Moves values into the bounds, some of them exactly onto a bound.
void BringWithin(Bounds bounds, std::vector<double>& values);

// Fails the test unless every number is finite and within the bounds, every
// list has the right length, and the quantiles are in order.
void ExpectSound(const Forecast& forecast, const Options& options);

}  // namespace headway::forecast

#endif  // HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_
