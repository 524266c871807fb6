// The members that an indicator must have: what they take from its values, and
// what is said of those that are missing.
#ifndef HEADWAY_DAEMON_QUERY_MEMBERS_H_
#define HEADWAY_DAEMON_QUERY_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/columns.h"
#include "daemon/series/observations.h"

namespace headway::query {

// Takes from a column the periods that are not among `kept`, which rise.
void KeepPeriods(const std::vector<int32_t>& kept, series::Observations* x);

// Takes from the result of an aggregation of `columns` the periods at which a
// member of its group has no value, and says in a note which is missing since
// when. The members that count are those that a selector within the call takes;
// where the list of the call keeps their label, they stay columns of their own
// and nothing is taken. With `absent_is_zero` a member that has begun counts as
// there. On paths each path loses the periods at which a member has no value on
// it, and nothing is said of them. Errors are what the call's effort says.
absl::Status RequireMembers(const Call& call,
                            const std::vector<LabelledColumn>& columns,
                            bool absent_is_zero,
                            std::vector<LabelledColumn>* result);

// Of the value of a whole expression: says in a note which members are missing
// among its columns since when, if no aggregation within it has said so, and
// which label of a set no column had. Nothing of columns that go on as paths:
// what is known of each ends where its paths begin.
void NoteMissingMembers(const std::vector<LabelledColumn>& columns,
                        RequiredMembers& members, size_t column, Notes& notes);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MEMBERS_H_
