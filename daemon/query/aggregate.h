// Functions of a group of columns.
//
// At a period, an aggregate is over the columns that have a value there; one
// that has none is no part of it. Groups and columns come by rising labels;
// columns share a frequency. Pure functions. Errors: RESOURCE_EXHAUSTED if the
// groups span too many periods.
#ifndef HEADWAY_DAEMON_QUERY_AGGREGATE_H_
#define HEADWAY_DAEMON_QUERY_AGGREGATE_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/query.h"

namespace headway::query {

enum class Aggregation { kSum, kMean, kMax, kMin, kCount };

// The labels that `list` leaves; without a list, none.
series::Labels GroupLabels(const series::Labels& labels,
                           const std::optional<LabelList>& list);

using Groups = std::map<series::Labels, std::vector<const LabelledColumn*>>;

// The columns by what `list` leaves of their labels. Points into `columns`.
Groups GroupColumns(const std::vector<LabelledColumn>& columns,
                    const std::optional<LabelList>& list);

absl::StatusOr<std::vector<LabelledColumn>> Aggregate(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Aggregation aggregation);

// Each column in percent of the sum of its group. A period is given if every
// column of the group that has begun by then has a value: the share of a
// partial total would be too high.
absl::StatusOr<std::vector<LabelledColumn>> Share(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping);

// How many observations of each group fall in each period of `frequency`, with
// 0 where none does: from the first period of all groups to the last one that
// was over when the newest vintage of all was known.
absl::StatusOr<std::vector<LabelledColumn>> CountReleases(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, series::Frequency frequency);

// The newest vintage among the columns.
absl::Time NewestKnownAt(const std::vector<const LabelledColumn*>& columns);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_AGGREGATE_H_
