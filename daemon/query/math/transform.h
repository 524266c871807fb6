// Functions of one column that keep its frequency.
//
// A step is a number of periods, at least 1. A result has values at periods of
// the input only; Fill alone adds periods. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_TRANSFORM_H_
#define HEADWAY_DAEMON_QUERY_MATH_TRANSFORM_H_

#include <cstdint>

#include "daemon/series/observations.h"

namespace headway::query {

// x(p - step), at each p that does not lie beyond the last period of x.
series::Observations Lag(const series::Observations& x, int32_t step);

// x(p) - x(p - step), where both are there.
series::Observations Difference(const series::Observations& x, int32_t step);

// 100 * (x(p) / x(p - step) - 1), where both are there and the base is
// positive: a change against zero has no size, one against a negative number
// the wrong sign.
series::Observations PercentChange(const series::Observations& x, int32_t step);

// The step from a period to the same one a year before; for weeks and days 52
// weeks, which keeps the day of the week.
int32_t StepOfOneYear(series::Frequency frequency);

// The sum, and the greatest, of the values up to p.
series::Observations CumulativeSum(const series::Observations& x);
series::Observations CumulativeMax(const series::Observations& x);

// Every period from the first to the last, and on to `last` if that is later;
// one that is missing takes the value of the one before it.
series::Observations Fill(const series::Observations& x,
                          int32_t last = INT32_MIN);

// `level` * x(p) / x(base); empty if x(base) is absent or not positive.
series::Observations Rebase(const series::Observations& x, int32_t base,
                            double level);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_TRANSFORM_H_
