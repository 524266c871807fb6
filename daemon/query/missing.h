// Why a selector finds less than its author meant: a metric, a label or a value
// that no series in the store has, and what was meant instead.
//
// Errors are those of the reader.
#ifndef HEADWAY_DAEMON_QUERY_MISSING_H_
#define HEADWAY_DAEMON_QUERY_MISSING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::query {

// Of a metric that no series has: what is wrong, and what to write. Absent if a
// series has it, or if the selector names none.
absl::StatusOr<std::optional<std::string>> DescribeUnknownMetric(
    const SelectorNode& node, const store::Reader& reader,
    const IndicatorMap& indicators);

// What the selector asks for by name and did not get: `found` are the series
// that it matches. A pattern that is a choice of words, "CHN|KOR", asks for
// each of them.
absl::StatusOr<std::vector<std::string>> DescribeMissing(
    const series::Selector& selector,
    const std::vector<store::SeriesEntry>& found, const store::Reader& reader);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MISSING_H_
