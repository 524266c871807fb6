// Functions of a group of columns along paths. A column of the group that does
// not go on has what it has in all paths. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_PATH_AGGREGATE_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_PATH_AGGREGATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "daemon/query/columns/columns.h"
#include "daemon/query/columns/slots.h"

namespace headway::query {

// The periods at which some column of a group is on its paths.
struct PathSpan {
  int32_t first = 0;
  int32_t end = 0;
  size_t paths = 0;

  size_t values() const { return static_cast<size_t>(end - first) * paths; }
};
// Absent if no column has paths.
std::optional<PathSpan> SpanOfPaths(
    const std::vector<const LabelledColumn*>& group);

// Leaves out the observations at `first` and after it, where paths begin.
void DropFrom(int32_t first, series::Observations* observations);

// What one path has at one period: the members of the group with a value there,
// and how many columns have begun by then.
struct PathMembers {
  absl::Span<const Member> members;
  size_t begun = 0;
};

// Calls visit(row, path, members) for each path of each period of the span, in
// rising order of periods.
void ForEachPath(
    const std::vector<const LabelledColumn*>& group, const PathSpan& span,
    absl::FunctionRef<void(size_t, size_t, const PathMembers&)> visit);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_PATH_AGGREGATE_H_
