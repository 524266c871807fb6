// What every forecast must be, whatever the series.
#ifndef HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_
#define HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_

#include <vector>

#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// Folds values of any shape into the bounds, some of them exactly onto them.
void BringWithin(Bounds bounds, std::vector<double>& values);

// Fails the test unless everything in it is finite, within the bounds, of the
// right size, and the quantiles are in order.
void ExpectSound(const Forecast& forecast, const Options& options);

}  // namespace headway::forecast

#endif  // HEADWAY_TESTS_FORECAST_SOUND_FORECAST_H_
