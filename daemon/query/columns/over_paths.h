// Applies to columns that go on as paths what works on observations.
//
// The past of the result is what comes of the past of the arguments, before any
// path begins; then each path is what comes of the past and that path. Nothing
// is copied of the past from one path to the next. What depends on later values
// for earlier ones, as seasonal adjustment does, keeps its past as it is known.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_OVER_PATHS_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_OVER_PATHS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/query/columns/value.h"

namespace headway::query {

// Whether a column of an argument, which may be null, goes on as paths.
bool AnyHasPaths(const std::vector<ValuePtr>& arguments);

// Calls `apply` once for the past and once for each path, with arguments that
// have observations alone. Notes are worth keeping of the first call only.
// Errors are those of `apply`.
absl::StatusOr<Value> ApplyToEachPath(
    const std::vector<ValuePtr>& arguments,
    absl::FunctionRef<absl::StatusOr<Value>(const std::vector<ValuePtr>&)>
        apply);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_OVER_PATHS_H_
