// Functions of a group of columns.
//
// The aggregate at a period is that of the columns which have a value there.
// Columns have one frequency; groups and columns are sorted by their labels.
// Pure functions. Errors: RESOURCE_EXHAUSTED if the groups span too many
// periods; what `effort` says.
#ifndef HEADWAY_DAEMON_QUERY_AGGREGATE_H_
#define HEADWAY_DAEMON_QUERY_AGGREGATE_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/effort.h"
#include "daemon/query/query.h"

namespace headway::query {

enum class Aggregation { kSum, kMean, kMax, kMin, kCount };

// The labels that are left after `list` is applied; none without a list.
series::Labels GroupLabels(const series::Labels& labels,
                           const std::optional<LabelList>& list);

using Groups = std::map<series::Labels, std::vector<const LabelledColumn*>>;

// The columns by their GroupLabels. Points into `columns`.
Groups GroupColumns(const std::vector<LabelledColumn>& columns,
                    const std::optional<LabelList>& list);

absl::StatusOr<std::vector<LabelledColumn>> Aggregate(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Aggregation aggregation,
    Effort& effort);

// Each column in percent of the sum of its group. The result has a period if
// every column of the group that has begun by then has a value at it: the share
// in an incomplete total would be too high.
absl::StatusOr<std::vector<LabelledColumn>> Share(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort);

// How many observations of each group fall in each period of `frequency`, with
// 0 where none does: from the first period of all groups to the last one that
// was over when the newest vintage of all was known.
absl::StatusOr<std::vector<LabelledColumn>> CountReleases(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, series::Frequency frequency,
    Effort& effort);

// The newest vintage among the columns.
absl::Time NewestKnownAt(const std::vector<const LabelledColumn*>& columns);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_AGGREGATE_H_
