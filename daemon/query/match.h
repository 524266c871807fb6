// Which column on the left of an operator goes with which on the right.
//
// Two columns match if their labels agree: all of them, or those that on(...)
// names, or all but those that ignoring(...) names. A group of matching columns
// has one on at least one side, and the side that may have more is the same in
// all groups. Each column of the side with more keeps its labels; where both
// sides have one, the labels that had to agree are kept.
// As in PromQL, but group_left and group_right need not be written.
#ifndef HEADWAY_DAEMON_QUERY_MATCH_H_
#define HEADWAY_DAEMON_QUERY_MATCH_H_

#include <optional>
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

// By rising labels. INVALID_ARGUMENT without a column number if groups are
// ambiguous, or if labels are such that no columns could ever match.
absl::StatusOr<std::vector<ColumnPair>> MatchColumns(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::optional<LabelList>& matching);

// Every column of `left`, and those of `right` whose labels no column of `left`
// has. By rising labels.
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
