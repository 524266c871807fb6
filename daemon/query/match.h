// Which column on the left of an operator goes with which on the right.
//
// Two columns match if their labels agree: all of them, or those that on(...)
// names, or all but those that ignoring(...) names. In each group of matching
// columns at least one side has a single column; the side that may have several
// is the same in all groups. The result has the labels of the side with
// several, and where both sides have one column, the labels that had to agree.
// As in PromQL, but group_left and group_right need not be written.
#ifndef HEADWAY_DAEMON_QUERY_MATCH_H_
#define HEADWAY_DAEMON_QUERY_MATCH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/ast.h"
#include "daemon/query/query.h"

namespace headway::query {

struct ColumnPair {
  series::Labels labels;
  const LabelledColumn* left = nullptr;
  const LabelledColumn* right = nullptr;
};

// Pairs are sorted by their labels. INVALID_ARGUMENT if groups are ambiguous,
// or if the names of the labels are such that no columns could ever match; the
// caller adds the column of the expression.
absl::StatusOr<std::vector<ColumnPair>> MatchColumns(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::optional<LabelList>& matching);

// What the pairs leave out, for people: the columns that match nothing, and the
// pairs that have no period in common.
std::vector<std::string> DescribeUnmatched(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::vector<ColumnPair>& pairs);

// Every column of `left`, and those of `right` whose labels no column of `left`
// has, sorted by their labels.
std::vector<LabelledColumn> Union(const std::vector<LabelledColumn>& left,
                                  const std::vector<LabelledColumn>& right);

// op(left, right), with op one of + - * / ^, at the periods that both have. A
// result that is no finite number is absent.
series::Observations Arithmetic(char op, const series::Observations& left,
                                const series::Observations& right);
series::Observations Arithmetic(char op, const series::Observations& left,
                                double right);
series::Observations Arithmetic(char op, double left,
                                const series::Observations& right);
double Arithmetic(char op, double left, double right);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATCH_H_
