// + - * / ^, or, and unary minus over values: units, frequencies, then the
// numbers.
#ifndef HEADWAY_DAEMON_QUERY_OPERATORS_H_
#define HEADWAY_DAEMON_QUERY_OPERATORS_H_

#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/value.h"

namespace headway::query {

// `column` is where the operator stands.
absl::StatusOr<Value> ApplyBinary(const BinaryNode& node, size_t column,
                                  const Value& left, const Value& right);

Value Negate(const Value& operand);

// The frequency of what combines two values; an unknown one gives way to a
// known one. The error names both. `what` as in "/".
absl::StatusOr<std::optional<series::Frequency>> CommonFrequency(
    size_t column, const char* what, const Value& left, const Value& right);

// The unit of what adds or compares two values, as CommonFrequency.
absl::StatusOr<std::optional<series::Unit>> CommonUnit(size_t column,
                                                       const char* what,
                                                       const Value& left,
                                                       const Value& right);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_OPERATORS_H_
