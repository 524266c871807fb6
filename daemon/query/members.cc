#include "daemon/query/members.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/path_aggregate.h"
#include "daemon/query/meaning.h"
#include "daemon/series/period.h"

namespace headway::query {
namespace {

// Of one note.
constexpr size_t kMostMembersSaid = 8;

using Ordinals = std::vector<int32_t>;

bool Takes(const SelectorNode& node, const std::string& label,
           const std::string& value) {
  return absl::c_all_of(
      node.selector.matchers, [&](const series::Matcher& matcher) {
        return matcher.name() != label || matcher.Matches(value);
      });
}

// Whether a selector in the tree takes that value of the label. `is_indicator`
// says of a name whether it stands for an indicator, which may yield anything.
template <typename IsIndicator>
bool CanYield(const Node& node, const std::string& label,
              const std::string& value, const IsIndicator& is_indicator) {
  const auto within = [&](const NodePtr& child) {
    return CanYield(*child, label, value, is_indicator);
  };
  if (const auto* selector = std::get_if<SelectorNode>(&node.body)) {
    return (selector->bare && is_indicator(selector->selector.metric)) ||
           Takes(*selector, label, value);
  }
  if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
    return within(negation->operand);
  }
  if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
    return within(binary->left) || within(binary->right);
  }
  const auto* call = std::get_if<FunctionCallNode>(&node.body);
  return call != nullptr && absl::c_any_of(call->arguments, within);
}

Ordinals UnionOf(const Ordinals& a, const Ordinals& b) {
  Ordinals both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(),
                 std::back_inserter(both));
  return both;
}

Ordinals DifferenceOf(const Ordinals& a, const Ordinals& b) {
  Ordinals left;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                      std::back_inserter(left));
  return left;
}

// The periods at which a column of a group has a value, and those at which each
// of the members that the group must have lacks one.
struct Attendance {
  series::Frequency frequency = series::Frequency::kMonthly;
  Ordinals periods;
  // By the value of the label.
  std::map<std::string, Ordinals> has;

  Ordinals MissingOf(const std::string& member, bool absent_is_zero) const {
    const Ordinals& there = has.at(member);
    if (!absent_is_zero || there.empty()) return DifferenceOf(periods, there);
    return Ordinals(periods.begin(),
                    absl::c_lower_bound(periods, there.front()));
  }

  // Leaves out the periods from `first` on.
  void EndAt(int32_t first) {
    const auto end = [first](Ordinals& ordinals) {
      ordinals.erase(absl::c_lower_bound(ordinals, first), ordinals.end());
    };
    end(periods);
    for (auto& [member, there] : has) end(there);
  }
};

Attendance TakeAttendance(const std::vector<const LabelledColumn*>& group,
                          const std::string& label,
                          const std::vector<std::string>& members) {
  Attendance attendance;
  for (const std::string& member : members) attendance.has[member];
  for (const LabelledColumn* column : group) {
    const series::Observations& x = column->observations;
    attendance.frequency = x.frequency;
    attendance.periods = UnionOf(attendance.periods, x.ordinals);
    const auto of = attendance.has.find(std::string(column->labels.Get(label)));
    if (of != attendance.has.end()) {
      of->second = UnionOf(of->second, x.ordinals);
    }
  }
  return attendance;
}

// `partner "JPN" is missing before 2013-01 and since 2025-03`; `missing` is not
// empty.
std::string DescribeMissingMember(const std::string& label,
                                  const std::string& member,
                                  const Attendance& attendance,
                                  const Ordinals& missing) {
  const std::string name = absl::StrCat(label, " \"", member, "\"");
  const Ordinals& there = attendance.has.at(member);
  if (there.empty()) return absl::StrCat(name, " has no value at all");
  const auto text = [&](int32_t ordinal) {
    return series::FormatPeriod({attendance.frequency, ordinal});
  };
  const auto begin = absl::c_lower_bound(missing, there.front());
  const auto end = absl::c_upper_bound(missing, there.back());
  std::vector<std::string> when;
  if (begin != missing.begin()) {
    when.push_back(absl::StrCat("before ", text(there.front())));
  }
  if (end - begin == 1) {
    when.push_back(absl::StrCat("in ", text(*begin)));
  } else if (end - begin > 1) {
    when.push_back(absl::StrCat("in ", end - begin, " periods, the last ",
                                text(*std::prev(end))));
  }
  if (end != missing.end()) when.push_back(absl::StrCat("since ", text(*end)));
  return absl::StrCat(name, " is missing ", absl::StrJoin(when, " and "));
}

// What is missing of the members, for people.
std::vector<std::string> DescribeMissingMembers(const std::string& label,
                                                const Attendance& attendance,
                                                bool absent_is_zero) {
  std::vector<std::string> said;
  for (const auto& [member, there] : attendance.has) {
    const Ordinals missing = attendance.MissingOf(member, absent_is_zero);
    if (missing.empty()) continue;
    said.push_back(DescribeMissingMember(label, member, attendance, missing));
  }
  return said;
}

std::string JoinMembers(std::vector<std::string> said) {
  const size_t all = said.size();
  if (all > kMostMembersSaid) said.resize(kMostMembersSaid);
  return absl::StrCat(
      absl::StrJoin(said, "; "),
      all > kMostMembersSaid
          ? absl::StrCat("; and ", all - kMostMembersSaid, " more")
          : "");
}

// Whether the list leaves the label to the groups, each of which then holds one
// member.
bool KeepsLabel(const std::optional<LabelList>& grouping,
                const std::string& label) {
  return grouping.has_value() &&
         absl::c_linear_search(grouping->names, label) == grouping->keep;
}

std::vector<std::string> MembersWithin(const Call& call, const MemberSet& set) {
  const auto is_indicator = [&call](const std::string& name) {
    return call.source().IsIndicator(name);
  };
  std::vector<std::string> members;
  for (const std::string& value : set.values) {
    if (absl::c_any_of(call.node().arguments, [&](const NodePtr& argument) {
          return CanYield(*argument, set.label, value, is_indicator);
        })) {
      members.push_back(value);
    }
  }
  return members;
}

// Whether each path of a group has all members at a period.
class PathAttendance {
 public:
  // `known` is what there is before the paths begin.
  PathAttendance(const std::vector<const LabelledColumn*>& group,
                 const std::string& label, const Attendance& known,
                 const PathSpan& span)
      : paths_(span.paths), there_(known.has.size()) {
    for (const auto& [member, there] : known.has) {
      begun_.insert(begun_.end(), paths_, there.empty() ? 0 : 1);
    }
    for (const LabelledColumn* column : group) {
      const auto member =
          known.has.find(std::string(column->labels.Get(label)));
      places_.push_back(
          static_cast<size_t>(std::distance(known.has.begin(), member)));
    }
  }

  // Periods come in rising order.
  bool IsWhole(size_t path, absl::Span<const Member> values,
               bool absent_is_zero) {
    absl::c_fill(there_, 0);
    for (const Member& value : values) {
      const size_t place = places_[value.column];
      // The column is none of the members.
      if (place == there_.size()) continue;
      there_[place] = 1;
      begun_[place * paths_ + path] = 1;
    }
    for (size_t i = 0; i < there_.size(); ++i) {
      const bool counts_as_zero =
          absent_is_zero && begun_[i * paths_ + path] != 0;
      if (there_[i] == 0 && !counts_as_zero) return false;
    }
    return true;
  }

 private:
  size_t paths_;
  // The member that each column of the group is of.
  std::vector<size_t> places_;
  // Of each member, at the period at hand.
  std::vector<char> there_;
  // [member][path]
  std::vector<char> begun_;
};

// Takes from the paths of the results of a group what lacks a member.
absl::Status RequireOnPaths(const Call& call,
                            const std::vector<const LabelledColumn*>& group,
                            const PathSpan& span, PathAttendance attendance,
                            bool absent_is_zero,
                            const std::vector<LabelledColumn*>& results) {
  RETURN_IF_ERROR(call.effort().Spend(span.values() * group.size()));
  std::vector<char> is_whole;
  is_whole.reserve(span.values());
  ForEachPath(group, span, [&](size_t, size_t path, const PathMembers& at) {
    is_whole.push_back(
        attendance.IsWhole(path, at.members, absent_is_zero) ? 1 : 0);
  });
  if (!absl::c_linear_search(is_whole, 0)) return absl::OkStatus();
  for (LabelledColumn* column : results) {
    if (column->paths == nullptr) continue;
    PathBlock left = *column->paths;
    const size_t before =
        static_cast<size_t>(left.first - span.first) * span.paths;
    for (size_t i = 0; i < left.values.size(); ++i) {
      if (is_whole[before + i] == 0) left.values[i] = kNoValue;
    }
    column->paths = std::make_shared<const PathBlock>(std::move(left));
  }
  return absl::OkStatus();
}

std::vector<LabelledColumn*> ResultsOf(const series::Labels& group,
                                       const std::optional<LabelList>& grouping,
                                       std::vector<LabelledColumn>* all) {
  std::vector<LabelledColumn*> results;
  for (LabelledColumn& column : *all) {
    if (GroupLabels(column.labels, grouping) == group) {
      results.push_back(&column);
    }
  }
  return results;
}

absl::Status RequireSet(const Call& call, const MemberSet& set,
                        const std::vector<LabelledColumn>& columns,
                        bool absent_is_zero,
                        std::vector<LabelledColumn>* result) {
  const std::vector<std::string> members = MembersWithin(call, set);
  std::vector<std::string> said;
  for (const auto& [labels, group] : GroupColumns(columns, call.grouping())) {
    for (const LabelledColumn* column : group) {
      RETURN_IF_ERROR(call.effort().Spend(column->observations.size()));
    }
    const std::vector<LabelledColumn*> results =
        ResultsOf(labels, call.grouping(), result);
    Attendance attendance = TakeAttendance(group, set.label, members);
    if (const std::optional<PathSpan> span = SpanOfPaths(group)) {
      attendance.EndAt(span->first);
      RETURN_IF_ERROR(
          RequireOnPaths(call, group, *span,
                         PathAttendance(group, set.label, attendance, *span),
                         absent_is_zero, results));
    }
    Ordinals kept = attendance.periods;
    for (const std::string& member : members) {
      kept = DifferenceOf(kept, attendance.MissingOf(member, absent_is_zero));
    }
    if (kept.size() == attendance.periods.size()) continue;
    for (LabelledColumn* column : results) {
      KeepPeriods(kept, &column->observations);
    }
    const std::string of = labels.pairs().empty()
                               ? ""
                               : absl::StrCat("of ", FormatLabels(labels), " ");
    for (const std::string& text :
         DescribeMissingMembers(set.label, attendance, absent_is_zero)) {
      said.push_back(absl::StrCat(of, text));
    }
  }
  if (said.empty()) return absl::OkStatus();
  call.Note(absl::StrCat("of the members that must be there ",
                         JoinMembers(std::move(said)),
                         "; a period without one of them is absent"));
  return absl::OkStatus();
}

absl::Status CheckSet(const MemberSet& set) {
  if (set.label.empty()) {
    return absl::InvalidArgumentError(
        "members name no label; write members { label: \"partner\" value: "
        "\"CHN\" }");
  }
  if (set.values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("members of label \"", set.label,
                     "\" name no value; write one value for each member"));
  }
  std::set<std::string> seen;
  for (const std::string& value : set.values) {
    if (value.empty() || !seen.insert(value).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "member \"", value, "\" of label \"", set.label, "\" is ",
          value.empty() ? "empty" : "named twice", "; name each member once"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void KeepPeriods(const std::vector<int32_t>& kept, series::Observations* x) {
  series::Observations left = *x;
  left.ordinals.clear();
  left.values.clear();
  left.statuses.clear();
  for (size_t i = 0; i < x->size(); ++i) {
    if (!absl::c_binary_search(kept, x->ordinals[i])) continue;
    series::AppendStatus(series::StatusAt(x->statuses, i), left.size(),
                         &left.statuses);
    left.ordinals.push_back(x->ordinals[i]);
    left.values.push_back(x->values[i]);
  }
  *x = std::move(left);
}

absl::Status RequireMembers(const Call& call,
                            const std::vector<LabelledColumn>& columns,
                            bool absent_is_zero,
                            std::vector<LabelledColumn>* result) {
  RequiredMembers& required = call.source().members();
  if (required.sets.empty()) return absl::OkStatus();
  const std::set<std::string> names = LabelNames(columns);
  for (const MemberSet& set : required.sets) {
    if (names.count(set.label) == 0) continue;
    required.met.insert(set.label);
    if (KeepsLabel(call.grouping(), set.label)) continue;
    required.enforced.insert(set.label);
    RETURN_IF_ERROR(RequireSet(call, set, columns, absent_is_zero, result));
  }
  return absl::OkStatus();
}

void NoteMissingMembers(const std::vector<LabelledColumn>& columns,
                        RequiredMembers& members, size_t column, Notes& notes) {
  if (members.sets.empty() || columns.empty() || HasPaths(columns)) return;
  const std::set<std::string> names = LabelNames(columns);
  std::vector<const LabelledColumn*> all;
  for (const LabelledColumn& one : columns) all.push_back(&one);
  for (const MemberSet& set : members.sets) {
    if (members.enforced.count(set.label) > 0) continue;
    if (names.count(set.label) > 0) {
      const std::vector<std::string> said = DescribeMissingMembers(
          set.label, TakeAttendance(all, set.label, set.values),
          /*absent_is_zero=*/false);
      if (said.empty()) continue;
      notes.Add(column, absl::StrCat("of the members that must be there ",
                                     JoinMembers(said)));
    } else if (members.met.count(set.label) == 0) {
      notes.Add(
          column,
          absl::StrCat("members: no column has a label \"", set.label, "\"",
                       SuggestName(set.label, {names.begin(), names.end()})));
    }
  }
}

absl::Status CheckMembers(const Expression& expression,
                          const std::vector<MemberSet>& members,
                          const IndicatorMap& indicators) {
  const auto is_indicator = [&indicators](const std::string& name) {
    return indicators.count(name) > 0;
  };
  std::set<std::string> labels;
  for (const MemberSet& set : members) {
    RETURN_IF_ERROR(CheckSet(set));
    if (!labels.insert(set.label).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("members of label \"", set.label,
                       "\" are given twice; give all values of it at once"));
    }
    for (const std::string& value : set.values) {
      if (CanYield(expression.root(), set.label, value, is_indicator)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "member \"", value, "\" of label \"", set.label,
          "\": every selector of the expression leaves it out, so that no "
          "period would ever have a value; correct one of them"));
    }
  }
  return absl::OkStatus();
}

}  // namespace headway::query
