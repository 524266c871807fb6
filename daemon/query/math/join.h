// Functions that put the periods of two columns of one frequency together. Pure
// functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_JOIN_H_
#define HEADWAY_DAEMON_QUERY_MATH_JOIN_H_

#include "daemon/series/observations.h"

namespace headway::query {

// Every value of `a`, and those of `b` at the periods that `a` has not.
series::Observations MergePeriods(const series::Observations& a,
                                  const series::Observations& b);

// The values of x at the periods that `mask` has (`keep`), or has not.
series::Observations MaskPeriods(const series::Observations& x,
                                 const series::Observations& mask, bool keep);

// The values of `old` before the first period of `successor`, and all of
// `successor` from there on: one series and the one that replaced it.
//
// If `scaled`, the old values are multiplied by the sum of the successor's over
// that of the old ones, at the periods that both have: what is meant is one
// level. Without a common period, or with a sum that is not positive, no old
// value can be brought to the new level, and none is there.
series::Observations Splice(const series::Observations& old,
                            const series::Observations& successor, bool scaled);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_JOIN_H_
