// Which column on the left of an operator goes with which on the right.
//
// Two columns match if their labels agree: all of them, or those that on(...)
// names, or all but those that ignoring(...) names. One of the two sides may
// have several columns in a group of matching ones, and the result then has the
// labels of that side, however many columns there are: the side that
// group_left or group_right names, else the side that has labels outside those
// to match which the other side has not. Where neither says, each side has one
// column in a group, and the result has the labels that had to agree.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_MATCH_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_MATCH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/columns/columns.h"

namespace headway::query {

enum class ManySide { kByLabels, kLeft, kRight };

// on (...) group_left (...).
struct Matching {
  // on or ignoring; absent: all labels must match.
  std::optional<LabelList> labels;
  ManySide many = ManySide::kByLabels;
  // Labels that the result takes from the side with one column.
  std::vector<std::string> copied;
};

struct ColumnPair {
  series::Labels labels;
  const LabelledColumn* left = nullptr;
  const LabelledColumn* right = nullptr;
};

// Pairs are sorted by their labels. INVALID_ARGUMENT if a side has several
// columns where it may have one, or if the names of the labels are such that no
// columns could ever match; the caller adds the column of the expression.
absl::StatusOr<std::vector<ColumnPair>> MatchColumns(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right, const Matching& matching);

// What the pairs leave out, for people: the columns that match nothing, and the
// pairs that have no period in common.
std::vector<std::string> DescribeUnmatched(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::vector<ColumnPair>& pairs);

// Whether a column of `left` and one of `right` have labels that agree.
bool AnyMatch(const std::vector<LabelledColumn>& left,
              const std::vector<LabelledColumn>& right,
              const std::optional<LabelList>& matching);

// Every value of `left`, and those of `right` at the periods at which no column
// of `left` that matches has one. Sorted by labels.
std::vector<LabelledColumn> Union(const std::vector<LabelledColumn>& left,
                                  const std::vector<LabelledColumn>& right,
                                  const std::optional<LabelList>& matching);

// The values of `left` at the periods at which a column of `right` that matches
// has one (`keep`), or at the others.
std::vector<LabelledColumn> Restrict(const std::vector<LabelledColumn>& left,
                                     const std::vector<LabelledColumn>& right,
                                     const std::optional<LabelList>& matching,
                                     bool keep);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_MATCH_H_
