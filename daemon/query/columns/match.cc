#include "daemon/query/columns/match.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/math/join.h"

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

// Several columns on a side that may have one.
absl::Status SeveralOn(const char* side, const char* other,
                       const Labels& labels,
                       const std::vector<const LabelledColumn*>& group) {
  return absl::InvalidArgumentError(absl::StrCat(
      "several columns on the ", side, " (", TwoOf(group),
      ") match one on the ", other, " in the group ", FormatLabels(labels),
      "; write group_", side, " after the labels to keep those of the ", side,
      ", match on more labels, or aggregate the ", side));
}

// Whether a label may differ between columns that match.
bool IsLeftOut(const std::string& name,
               const std::optional<LabelList>& matching) {
  return matching.has_value() &&
         absl::c_linear_search(matching->names, name) != matching->keep;
}

bool HasMore(const std::set<std::string>& names,
             const std::set<std::string>& others,
             const std::optional<LabelList>& matching) {
  return absl::c_any_of(names, [&](const std::string& name) {
    return IsLeftOut(name, matching) && others.count(name) == 0;
  });
}

// By the names of the labels, which do not depend on how many columns there
// are. Absent: each side has one column in a group.
std::optional<ManySide> SideWithSeveral(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right, const Matching& matching) {
  if (matching.many != ManySide::kByLabels) return matching.many;
  const std::set<std::string> on_left = LabelNames(left);
  const std::set<std::string> on_right = LabelNames(right);
  const bool left_has_more = HasMore(on_left, on_right, matching.labels);
  const bool right_has_more = HasMore(on_right, on_left, matching.labels);
  if (left_has_more == right_has_more) return std::nullopt;
  return left_has_more ? ManySide::kLeft : ManySide::kRight;
}

absl::Status CheckGroup(const Labels& labels,
                        const std::vector<const LabelledColumn*>& left,
                        const std::vector<const LabelledColumn*>& right,
                        std::optional<ManySide> several) {
  if (left.size() > 1 && right.size() > 1) {
    return ManyToMany(labels, left, right);
  }
  if (left.size() > 1 && several != ManySide::kLeft) {
    return SeveralOn("left", "right", labels, left);
  }
  if (right.size() > 1 && several != ManySide::kRight) {
    return SeveralOn("right", "left", labels, right);
  }
  return absl::OkStatus();
}

// The labels of the side with several, with those copied from the other.
absl::StatusOr<Labels> WithCopied(const Labels& many, const Labels& one,
                                  const std::vector<std::string>& copied) {
  if (copied.empty()) return many;
  std::vector<Labels::Pair> pairs = many.Without(copied).pairs();
  const Labels taken = one.Only(copied);
  pairs.insert(pairs.end(), taken.pairs().begin(), taken.pairs().end());
  return Labels::Create(std::move(pairs));
}

absl::Status CheckDiffer(const std::vector<ColumnPair>& pairs) {
  for (size_t i = 1; i < pairs.size(); ++i) {
    if (pairs[i - 1].labels == pairs[i].labels) {
      return absl::InvalidArgumentError(
          absl::StrCat("two columns of the result would have the labels ",
                       FormatLabels(pairs[i].labels),
                       "; copy other labels, or match on more of them"));
    }
  }
  return absl::OkStatus();
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

// The periods at which any column of each group has a value.
std::map<Labels, Observations> PeriodsOfGroups(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& matching) {
  std::map<Labels, Observations> periods;
  for (const LabelledColumn& column : columns) {
    Observations& known = periods[MatchingLabels(column.labels, matching)];
    known = known.empty() ? column.observations
                          : MergePeriods(known, column.observations);
  }
  return periods;
}

}  // namespace

absl::StatusOr<std::vector<ColumnPair>> MatchColumns(
    const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right, const Matching& matching) {
  const Groups lefts = GroupByMatchingLabels(left, matching.labels);
  const Groups rights = GroupByMatchingLabels(right, matching.labels);
  const std::optional<ManySide> several =
      SideWithSeveral(left, right, matching);
  std::vector<ColumnPair> pairs;
  for (const auto& [labels, on_left] : lefts) {
    auto found = rights.find(labels);
    if (found == rights.end()) continue;
    const auto& on_right = found->second;
    RETURN_IF_ERROR(CheckGroup(labels, on_left, on_right, several));
    for (const LabelledColumn* l : on_left) {
      for (const LabelledColumn* r : on_right) pairs.push_back({labels, l, r});
    }
  }
  if (pairs.empty()) {
    RETURN_IF_ERROR(CheckNamesCanMatch(lefts, rights));
  }
  for (ColumnPair& pair : pairs) {
    if (!several.has_value()) continue;
    const Labels* many = &pair.left->labels;
    const Labels* one = &pair.right->labels;
    if (*several == ManySide::kRight) std::swap(many, one);
    ASSIGN_OR_RETURN(pair.labels, WithCopied(*many, *one, matching.copied));
  }
  absl::c_sort(pairs, [](const ColumnPair& a, const ColumnPair& b) {
    return a.labels < b.labels;
  });
  RETURN_IF_ERROR(CheckDiffer(pairs));
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
    // What is known of a part of the future alone is said by nobody.
    if (a.empty() || b.empty() || ShareAPeriod(a, b)) continue;
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

bool AnyMatch(const std::vector<LabelledColumn>& left,
              const std::vector<LabelledColumn>& right,
              const std::optional<LabelList>& matching) {
  std::set<Labels> of_right;
  for (const LabelledColumn& column : right) {
    of_right.insert(MatchingLabels(column.labels, matching));
  }
  return std::any_of(
      left.begin(), left.end(), [&](const LabelledColumn& column) {
        return of_right.count(MatchingLabels(column.labels, matching)) > 0;
      });
}

std::vector<LabelledColumn> Union(const std::vector<LabelledColumn>& left,
                                  const std::vector<LabelledColumn>& right,
                                  const std::optional<LabelList>& matching) {
  const std::map<Labels, Observations> taken = PeriodsOfGroups(left, matching);
  std::map<Labels, Observations> columns;
  for (const LabelledColumn& column : left) {
    columns.emplace(column.labels, column.observations);
  }
  for (const LabelledColumn& column : right) {
    const auto group = taken.find(MatchingLabels(column.labels, matching));
    Observations free =
        group == taken.end()
            ? column.observations
            : MaskPeriods(column.observations, group->second, /*keep=*/false);
    const auto [entry, is_new] = columns.try_emplace(column.labels);
    entry->second =
        is_new ? std::move(free) : MergePeriods(entry->second, free);
  }
  std::vector<LabelledColumn> result;
  for (auto& [labels, observations] : columns) {
    result.push_back({labels, std::move(observations)});
  }
  return result;
}

std::vector<LabelledColumn> Restrict(const std::vector<LabelledColumn>& left,
                                     const std::vector<LabelledColumn>& right,
                                     const std::optional<LabelList>& matching,
                                     bool keep) {
  const std::map<Labels, Observations> periods =
      PeriodsOfGroups(right, matching);
  std::vector<LabelledColumn> result;
  for (const LabelledColumn& column : left) {
    const auto group = periods.find(MatchingLabels(column.labels, matching));
    if (group != periods.end()) {
      result.push_back({column.labels,
                        MaskPeriods(column.observations, group->second, keep)});
    } else if (!keep) {
      result.push_back(column);
    }
  }
  return result;
}

}  // namespace headway::query
