// The value of a part of an expression during evaluation, and the form of
// errors in it.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_VALUE_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/query/columns/columns.h"
#include "daemon/series/period.h"
#include "daemon/series/unit.h"

namespace headway::query {

// A number, or columns. To check an expression is to evaluate it over columns
// that were not read: their unit and frequency are known, their values are not.
struct Value {
  std::optional<double> number;
  // Of the columns; absent if no series matches.
  std::optional<series::Unit> unit;
  std::optional<series::Frequency> frequency;
  // Sorted by their labels, which differ; none is empty.
  std::vector<LabelledColumn> columns;
};

// Shared, because a selector or an indicator may occur many times.
using ValuePtr = std::shared_ptr<const Value>;

inline absl::Status ErrorAt(size_t column, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("column ", column, ": ", problem));
}

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_VALUE_H_
