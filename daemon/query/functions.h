// Finds the function that a call names, checks its arguments, applies it.
#ifndef HEADWAY_DAEMON_QUERY_FUNCTIONS_H_
#define HEADWAY_DAEMON_QUERY_FUNCTIONS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/effort.h"
#include "daemon/query/columns/value.h"
#include "daemon/query/notes.h"
#include "daemon/query/source.h"

namespace headway::query {

// Whether the language has a function of that name.
bool IsFunction(absl::string_view name);

// Applies the function that `node` calls. `arguments` are the values of its
// arguments, null for one that is a string; `column` is where the name stands.
// Errors: INVALID_ARGUMENT for an unknown function, a wrong argument, unit or
// frequency; RESOURCE_EXHAUSTED if the result would be too large; what `effort`
// says. What a reader should know of the result goes into `notes`.
absl::StatusOr<Value> ApplyFunction(const FunctionCallNode& node, size_t column,
                                    const std::vector<ValuePtr>& arguments,
                                    Source& source, Effort& effort,
                                    Notes& notes);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_FUNCTIONS_H_
