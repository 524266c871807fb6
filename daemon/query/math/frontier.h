// How long ago the leader had what the follower has today.
#ifndef HEADWAY_DAEMON_QUERY_MATH_FRONTIER_H_
#define HEADWAY_DAEMON_QUERY_MATH_FRONTIER_H_

#include "daemon/series/observations.h"

namespace headway::query {

// Takes scores by day of release. Gives the lag in months (of 30.4375 days) on
// each day d from the follower's first score to the last day that was over when
// the newest vintage of the two was known.
//
// Let C(d) be the follower's best score up to d, and L(d) the leader's. If
// L(d) >= C(d), the lag is the time from the first day on which the leader had
// reached C(d) to d. If L(d) < C(d), the follower is ahead, and the lag is
// negative: the time since the follower reached L(d). A day on which the leader
// has no score yet has no lag. The value of a day depends on nothing that was
// released after it.
//
// Epoch AI measures the same distance record by record: "Chinese AI models
// have lagged the US frontier by 7 months on average since 2023" (January
// 2026). Pure function.
series::Observations FrontierLag(const series::Observations& leader,
                                 const series::Observations& follower);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_FRONTIER_H_
