// A missing value, as the library takes it.
#ifndef HEADWAY_TESTS_FORECAST_MISSING_H_
#define HEADWAY_TESTS_FORECAST_MISSING_H_

#include <limits>

namespace headway::forecast {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace headway::forecast

#endif  // HEADWAY_TESTS_FORECAST_MISSING_H_
