// Functions of a window of periods that moves along one column or two.
//
// The window of p is the `count` periods that end with p, and every one of them
// must have a value. Daily data have natural gaps: their window is the days of
// those `count` that have a value, once `count` days have passed since the
// first. A value that has left the window leaves no rounding error behind. Pure
// functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_ROLLING_H_
#define HEADWAY_DAEMON_QUERY_MATH_ROLLING_H_

#include <cstdint>

#include "daemon/series/observations.h"

namespace headway::query {

series::Observations RollingMean(const series::Observations& x, int32_t count);
series::Observations RollingSum(const series::Observations& x, int32_t count);
series::Observations RollingMax(const series::Observations& x, int32_t count);

// The standard deviation of a sample, with n - 1; absent where the window holds
// one value.
series::Observations RollingDeviation(const series::Observations& x,
                                      int32_t count);

// Pearson's correlation of the values that both have in the window; absent
// where there are fewer than three, or where one of the two does not change.
series::Observations RollingCorrelation(const series::Observations& x,
                                        const series::Observations& y,
                                        int32_t count);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_ROLLING_H_
