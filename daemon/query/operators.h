// Operators and unary minus over values: units, frequencies, then the numbers.
#ifndef HEADWAY_DAEMON_QUERY_OPERATORS_H_
#define HEADWAY_DAEMON_QUERY_OPERATORS_H_

#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/effort.h"
#include "daemon/query/columns/value.h"
#include "daemon/query/notes.h"

namespace headway::query {

// `column` is where the operator stands. What a reader should know of the
// result goes into `notes`.
absl::StatusOr<Value> ApplyBinary(const BinaryNode& node, size_t column,
                                  const Value& left, const Value& right,
                                  Effort& effort, Notes& notes);

absl::StatusOr<Value> Negate(const Value& operand, Effort& effort);

// The frequency of what combines two values: the known one, if only one is
// known. The error names both. `what` is the operator or function, such as "/".
absl::StatusOr<std::optional<series::Frequency>> CommonFrequency(
    size_t column, const char* what, const Value& left, const Value& right);

// The unit of what adds or joins two values; otherwise like CommonFrequency.
absl::StatusOr<std::optional<series::Unit>> CommonUnit(size_t column,
                                                       const char* what,
                                                       const Value& left,
                                                       const Value& right);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_OPERATORS_H_
