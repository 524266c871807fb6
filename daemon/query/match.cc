#include "daemon/query/match.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/query/aggregate.h"
#include "daemon/query/math/column.h"

namespace headway::query {
namespace {

using series::FormatLabels;
using series::Labels;
using series::Observations;

Labels MatchingLabels(const Labels& labels,
                      const std::optional<LabelList>& matching) {
  return matching.has_value() ? GroupLabels(labels, matching) : labels;
}

Groups GroupByMatchingLabels(const std::vector<LabelledColumn>& columns,
                             const std::optional<LabelList>& matching) {
  Groups groups;
  for (const LabelledColumn& column : columns) {
    groups[MatchingLabels(column.labels, matching)].push_back(&column);
  }
  return groups;
}

std::string TwoOf(const std::vector<const LabelledColumn*>& group) {
  return absl::StrCat(FormatLabels(group[0]->labels), " and ",
                      FormatLabels(group[1]->labels));
}

absl::Status ManyToMany(const Labels& labels,
                        const std::vector<const LabelledColumn*>& left,
                        const std::vector<const LabelledColumn*>& right) {
  return absl::InvalidArgumentError(absl::StrCat(
      "many-to-many matching: for the group ", FormatLabels(labels),
      " there are several columns on the left (", TwoOf(left),
      ") and on the right (", TwoOf(right),
      "); match on more labels or aggregate one side"));
}

absl::Status MixedDirections(const Labels& many_left,
                             const Labels& many_right) {
  return absl::InvalidArgumentError(absl::StrCat(
      "ambiguous matching: the group ", FormatLabels(many_left),
      " has several columns on the left and the group ",
      FormatLabels(many_right),
      " several on the right; match on more labels or aggregate one side"));
}

std::set<std::string> LabelNameSets(const Groups& groups) {
  std::set<std::string> sets;
  for (const auto& [labels, columns] : groups) {
    sets.insert(absl::StrCat(
        "{",
        absl::StrJoin(labels.pairs(), ",",
                      [](std::string* out, const Labels::Pair& pair) {
                        absl::StrAppend(out, pair.first);
                      }),
        "}"));
  }
  return sets;
}

// Values that do not match today may match tomorrow; names never will.
absl::Status CheckNamesCanMatch(const Groups& left, const Groups& right) {
  const std::set<std::string> left_names = LabelNameSets(left);
  const std::set<std::string> right_names = LabelNameSets(right);
  if (left_names.empty() || right_names.empty()) return absl::OkStatus();
  for (const std::string& names : left_names) {
    if (right_names.count(names) > 0) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no columns match: the labels to match are ", *left_names.begin(),
      " on the left and ", *right_names.begin(),
      " on the right; name those to match with on(...) or those to leave out "
      "with ignoring(...)"));
}

// How many of the columns are in no pair, with one of them.
std::optional<std::string> DescribeLeftOut(
    const std::vector<LabelledColumn>& columns,
    const std::set<const LabelledColumn*>& paired, const char* side,
    const char* other) {
  const LabelledColumn* example = nullptr;
  size_t count = 0;
  for (const LabelledColumn& column : columns) {
    if (paired.count(&column) > 0) continue;
    if (example == nullptr) example = &column;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return absl::StrCat(count, " of ", columns.size(), " columns on the ", side,
                      " match none on the ", other,
                      " and are left out, such as ",
                      FormatLabels(example->labels));
}

bool ShareAPeriod(const Observations& a, const Observations& b) {
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a.ordinals[i] == b.ordinals[j]) return true;
    a.ordinals[i] < b.ordinals[j] ? ++i : ++j;
  }
  return false;
}

std::string SpanText(const Observations& x) {
  return absl::StrCat(series::FormatPeriod({x.frequency, x.ordinals.front()}),
                      " to ",
                      series::FormatPeriod({x.frequency, x.ordinals.back()}));
}

template <typename Op>
Observations Zip(const Observations& a, const Observations& b, Op op) {
  Observations result = EmptyLike(a);
  result.known_at = std::max(a.known_at, b.known_at);
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a.ordinals[i] < b.ordinals[j]) {
      ++i;
    } else if (b.ordinals[j] < a.ordinals[i]) {
      ++j;
    } else {
      Append(a.ordinals[i], op(a.values[i], b.values[j]), &result);
      ++i;
      ++j;
    }
  }
  return result;
}

template <typename Op>
Observations Map(const Observations& x, Op op) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    Append(x.ordinals[i], op(x.values[i]), &result);
  }
  return result;
}

// Calls visit with the function that `op` stands for, so that the choice is
// made once for a column.
template <typename Visit>
auto WithOperator(char op, Visit visit) {
  switch (op) {
    case '+':
      return visit([](double a, double b) { return a + b; });
    case '-':
      return visit([](double a, double b) { return a - b; });
    case '*':
      return visit([](double a, double b) { return a * b; });
    case '/':
      return visit([](double a, double b) { return a / b; });
    default:
      return visit([](double a, double b) { return std::pow(a, b); });
  }
}

}  // namespace

absl::StatusOr<std::vector<ColumnPair>> MatchColumns(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::optional<LabelList>& matching) {
  const Groups lefts = GroupByMatchingLabels(left, matching);
  const Groups rights = GroupByMatchingLabels(right, matching);
  std::vector<ColumnPair> pairs;
  const Labels* many_left = nullptr;
  const Labels* many_right = nullptr;
  for (const auto& [labels, on_left] : lefts) {
    auto found = rights.find(labels);
    if (found == rights.end()) continue;
    const auto& on_right = found->second;
    if (on_left.size() > 1 && on_right.size() > 1) {
      return ManyToMany(labels, on_left, on_right);
    }
    if (on_left.size() > 1) many_left = &labels;
    if (on_right.size() > 1) many_right = &labels;
    for (const LabelledColumn* l : on_left) {
      for (const LabelledColumn* r : on_right) pairs.push_back({labels, l, r});
    }
  }
  if (many_left != nullptr && many_right != nullptr) {
    return MixedDirections(*many_left, *many_right);
  }
  if (pairs.empty()) {
    if (absl::Status status = CheckNamesCanMatch(lefts, rights); !status.ok()) {
      return status;
    }
  }
  for (ColumnPair& pair : pairs) {
    if (many_left != nullptr) pair.labels = pair.left->labels;
    if (many_right != nullptr) pair.labels = pair.right->labels;
  }
  absl::c_sort(pairs, [](const ColumnPair& a, const ColumnPair& b) {
    return a.labels < b.labels;
  });
  return pairs;
}

std::vector<std::string> DescribeUnmatched(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right,
    const std::vector<ColumnPair>& pairs) {
  std::vector<std::string> notes;
  // What was empty before has been said.
  if (left.empty() || right.empty()) return notes;
  if (pairs.empty()) {
    notes.push_back(absl::StrCat("no labels of the left side, such as ",
                                 FormatLabels(left.front().labels),
                                 ", match any of the right side, such as ",
                                 FormatLabels(right.front().labels),
                                 ", and nothing comes of it"));
    return notes;
  }
  std::set<const LabelledColumn*> paired;
  for (const ColumnPair& pair : pairs) {
    paired.insert(pair.left);
    paired.insert(pair.right);
    const Observations& a = pair.left->observations;
    const Observations& b = pair.right->observations;
    if (ShareAPeriod(a, b)) continue;
    notes.push_back(absl::StrCat(FormatLabels(pair.labels),
                                 " has no period on both sides: the left is ",
                                 SpanText(a), ", the right ", SpanText(b)));
  }
  for (const auto& note : {DescribeLeftOut(left, paired, "left", "right"),
                           DescribeLeftOut(right, paired, "right", "left")}) {
    if (note.has_value()) notes.push_back(*note);
  }
  return notes;
}

std::vector<LabelledColumn> Union(const std::vector<LabelledColumn>& left,
                                  const std::vector<LabelledColumn>& right) {
  std::vector<LabelledColumn> columns;
  // Of two columns with the same labels the left one is taken.
  std::set_union(left.begin(), left.end(), right.begin(), right.end(),
                 std::back_inserter(columns),
                 [](const LabelledColumn& a, const LabelledColumn& b) {
                   return a.labels < b.labels;
                 });
  return columns;
}

Observations Arithmetic(char op, const Observations& left,
                        const Observations& right) {
  return WithOperator(op, [&](auto f) { return Zip(left, right, f); });
}

Observations Arithmetic(char op, const Observations& left, double right) {
  return WithOperator(op, [&](auto f) {
    return Map(left, [&](double value) { return f(value, right); });
  });
}

Observations Arithmetic(char op, double left, const Observations& right) {
  return WithOperator(op, [&](auto f) {
    return Map(right, [&](double value) { return f(left, value); });
  });
}

double Arithmetic(char op, double left, double right) {
  return WithOperator(op, [&](auto f) { return f(left, right); });
}

}  // namespace headway::query
