// Numbers that several methods need.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_CONSTANTS_H_
#define HEADWAY_DAEMON_FORECAST_MATH_CONSTANTS_H_

#include <limits>

namespace headway::forecast {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The standard normal quantile of 0.95.
inline constexpr double kNormal95 = 1.6448536269514722;

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_CONSTANTS_H_
