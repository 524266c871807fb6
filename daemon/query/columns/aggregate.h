// Functions of a group of columns.
//
// Columns have one frequency and are not empty; groups and columns are sorted
// by their labels. Aggregate and Share go on along the paths of columns; the
// others see their observations alone. Pure functions. Errors:
// RESOURCE_EXHAUSTED if the groups span too many periods; what `effort` says.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_AGGREGATE_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_AGGREGATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/columns/columns.h"
#include "daemon/query/columns/effort.h"

namespace headway::query {

enum class Aggregation {
  kSum,
  kMean,
  kMax,
  kMin,
  kCount,
  // Of a population, with n.
  kDeviation,
  // By linear interpolation between order statistics, Hyndman and Fan's type 7.
  kQuantile,
};

struct AggregateOptions {
  // From 0 to 1, for kQuantile.
  double quantile = 0.5;
  // A period is given only if every column of the group that has begun by then
  // has a value at it.
  bool complete = false;
};

// The aggregate at a period is that of the columns which have a value there.
absl::StatusOr<std::vector<LabelledColumn>> Aggregate(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Aggregation aggregation,
    Effort& effort, const AggregateOptions& options = {});

// Where the members of a group change between its first period and its last,
// for people: columns that begin later, end before, or have gaps. Absent if
// none does.
std::optional<std::string> DescribeComposition(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping);

// Each column in percent of the sum of its group. The result has a period if
// every column of the group that has begun by then has a value at it: the share
// in an incomplete total would be too high. With `absent_is_zero` a column that
// has begun and has no value at a period of its group counts as 0 there.
absl::StatusOr<std::vector<LabelledColumn>> Share(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort,
    bool absent_is_zero = false);

// At each period the `count` columns of each group with the greatest values
// there; of equal ones the first by their labels.
absl::StatusOr<std::vector<LabelledColumn>> Top(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, size_t count, Effort& effort);

// Of each column the values with which it raised the greatest value of its
// group so far: who holds the record, since when. Of equal ones at one period
// the first by labels sets it.
absl::StatusOr<std::vector<LabelledColumn>> Records(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort);

// How many observations of each group fall in each period of `frequency`, with
// 0 where none does: from the first period of all groups to the last one that
// was over when the newest vintage of all was known. A count is partial until
// `final_after` has passed since the end of its period by then: those who list
// releases list many of them late.
absl::StatusOr<std::vector<LabelledColumn>> CountReleases(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, series::Frequency frequency,
    absl::Duration final_after, Effort& effort);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_AGGREGATE_H_
