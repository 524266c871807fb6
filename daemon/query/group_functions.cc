// Functions of groups of columns.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/aggregate.h"
#include "daemon/query/members.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Unit;

constexpr int kMostRanks = 10'000;

// What adds or averages columns follows whoever reports. Days have natural
// gaps, and the greatest of many is none the worse for them.
void NoteComposition(const Call& call,
                     const std::vector<LabelledColumn>& columns) {
  if (columns.empty() ||
      columns.front().observations.frequency == Frequency::kDaily) {
    return;
  }
  const std::optional<std::string> change =
      DescribeComposition(columns, call.grouping());
  if (!change.has_value()) return;
  call.Note(absl::StrCat(*change,
                         "; a step in the result may be theirs, and "
                         "complete_sum or complete_mean gives the periods in "
                         "which all that have begun have a value"));
}

// Groups that a note on holders tells of.
constexpr size_t kMostHolders = 4;

// A value of a group, and whose it is.
struct Holder {
  const LabelledColumn* column = nullptr;
  int32_t ordinal = 0;
  double value = 0;

  std::string Place() const {
    return absl::StrCat(
        value, " at ",
        series::FormatPeriod({column->observations.frequency, ordinal}));
  }
};

// The first of the group's greatest values (of its least, with `least`), of all
// periods or of the newest alone. Groups are not empty, nor are columns.
Holder FindHolder(const std::vector<const LabelledColumn*>& group, bool least,
                  bool newest_alone) {
  int32_t newest = group.front()->observations.ordinals.back();
  for (const LabelledColumn* column : group) {
    newest = std::max(newest, column->observations.ordinals.back());
  }
  Holder best;
  for (const LabelledColumn* column : group) {
    const series::Observations& x = column->observations;
    for (size_t i = newest_alone ? x.size() - 1 : 0; i < x.size(); ++i) {
      if (newest_alone && x.ordinals[i] != newest) continue;
      const bool is_better =
          best.column == nullptr ||
          (least ? x.values[i] < best.value : x.values[i] > best.value) ||
          (x.values[i] == best.value && x.ordinals[i] < best.ordinal);
      if (is_better) best = {column, x.ordinals[i], x.values[i]};
    }
  }
  return best;
}

// `of {country="CHN"} the greatest value so far, 12 at 2024-03-01, is that of
// {model="d"}; the newest, 11 at 2024-04-01, that of {model="e"}`
std::string DescribeHolders(const series::Labels& labels,
                            const std::vector<const LabelledColumn*>& group,
                            bool least) {
  const Holder best = FindHolder(group, least, /*newest_alone=*/false);
  const Holder newest = FindHolder(group, least, /*newest_alone=*/true);
  const auto who = [&labels](const Holder& holder) {
    std::vector<std::string> common;
    for (const auto& [name, value] : labels.pairs()) common.push_back(name);
    return FormatLabels(holder.column->labels.Without(common));
  };
  const bool same =
      best.column == newest.column && best.ordinal == newest.ordinal;
  return absl::StrCat(
      labels.pairs().empty() ? ""
                             : absl::StrCat("of ", FormatLabels(labels), " "),
      "the ", least ? "least" : "greatest", " value so far, ", best.Place(),
      same ? " and the newest" : "", ", is that of ", who(best),
      same ? ""
           : absl::StrCat("; the newest, ", newest.Place(), ", that of ",
                          who(newest)));
}

// Who holds the maximum or minimum, which the result does not tell.
void NoteHolders(const Call& call, const std::vector<LabelledColumn>& columns,
                 bool least) {
  std::vector<std::string> said;
  size_t left_out = 0;
  for (const auto& [labels, group] : GroupColumns(columns, call.grouping())) {
    if (group.size() == 1) continue;
    if (said.size() == kMostHolders) {
      ++left_out;
    } else {
      said.push_back(DescribeHolders(labels, group, least));
    }
  }
  if (left_out > 0) said.push_back(absl::StrCat("and ", left_out, " groups"));
  if (!said.empty()) call.Note(absl::StrJoin(said, "; "));
}

// Each column at the periods at which its group has a result that is known.
std::vector<LabelledColumn> ColumnsAtResults(
    const Call& call, const std::vector<LabelledColumn>& columns,
    const std::vector<LabelledColumn>& result) {
  std::map<series::Labels, const std::vector<int32_t>*> periods;
  for (const LabelledColumn& column : result) {
    periods[column.labels] = &column.observations.ordinals;
  }
  std::vector<LabelledColumn> left;
  for (const LabelledColumn& column : columns) {
    const auto of = periods.find(GroupLabels(column.labels, call.grouping()));
    if (of == periods.end()) continue;
    left.push_back(column);
    KeepPeriods(*of->second, &left.back().observations);
    if (left.back().observations.empty()) left.pop_back();
  }
  return left;
}

// What an aggregate of the columns does not show by itself.
void NoteWhatCounts(const Call& call,
                    const std::vector<LabelledColumn>& columns,
                    Aggregation aggregation, bool complete) {
  switch (aggregation) {
    case Aggregation::kSum:
    case Aggregation::kMean:
    case Aggregation::kDeviation:
    case Aggregation::kQuantile:
      if (!complete) NoteComposition(call, columns);
      return;
    case Aggregation::kMax:
      return NoteHolders(call, columns, /*least=*/false);
    case Aggregation::kMin:
      return NoteHolders(call, columns, /*least=*/true);
    case Aggregation::kCount:
      return;
  }
}

// The columns are argument `of`.
absl::StatusOr<Value> AggregateArgument(const Call& call, size_t of,
                                        Aggregation aggregation,
                                        const AggregateOptions& options) {
  const Value& x = call.Series(of);
  NoteLabelsNobodyHas(call, x.columns);
  Value result;
  result.unit = aggregation == Aggregation::kCount ? Unit() : x.unit;
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns,
                   Aggregate(x.columns, call.grouping(), aggregation,
                             call.effort(), options));
  RETURN_IF_ERROR(RequireMembers(call, x.columns, /*absent_is_zero=*/false,
                                 &result.columns));
  if (options.complete || !call.source().members().sets.empty() ||
      HasPaths(x.columns)) {
    NoteWhatCounts(call, ColumnsAtResults(call, x.columns, result.columns),
                   aggregation, options.complete);
  } else {
    NoteWhatCounts(call, x.columns, aggregation, options.complete);
  }
  return result;
}

template <Aggregation kAggregation>
absl::StatusOr<Value> ApplyAggregation(const Call& call) {
  return AggregateArgument(call, 0, kAggregation, {});
}

template <Aggregation kAggregation>
absl::StatusOr<Value> ApplyComplete(const Call& call) {
  return AggregateArgument(call, 0, kAggregation, {.complete = true});
}

absl::StatusOr<Value> ApplyMedian(const Call& call) {
  return AggregateArgument(call, 0, Aggregation::kQuantile, {.quantile = 0.5});
}

absl::StatusOr<Value> ApplyQuantile(const Call& call) {
  const double quantile = call.Number(0);
  if (!(quantile >= 0 && quantile <= 1)) {
    return call.Error(0, absl::StrCat("the quantile is ", quantile,
                                      "; write a number from 0 to 1"));
  }
  return AggregateArgument(call, 1, Aggregation::kQuantile,
                           {.quantile = quantile});
}

absl::StatusOr<Value> ApplyTop(const Call& call) {
  const double count = call.Number(0);
  if (count < 1 || count > kMostRanks || count != std::trunc(count)) {
    return call.Error(
        0, absl::StrCat("the number of columns is ", count,
                        "; write a whole number from 1 to ", kMostRanks));
  }
  const Value& x = call.Series(1);
  NoteLabelsNobodyHas(call, x.columns);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns,
                   Top(x.columns, call.grouping(), static_cast<size_t>(count),
                       call.effort()));
  RETURN_IF_ERROR(RequireMembers(call, x.columns, /*absent_is_zero=*/false,
                                 &result.columns));
  return result;
}

absl::StatusOr<Value> ApplyRecords(const Call& call) {
  const Value& x = call.Series(0);
  NoteLabelsNobodyHas(call, x.columns);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns,
                   Records(x.columns, call.grouping(), call.effort()));
  return result;
}

// Alone in its group, a column is all of it.
void NoteSharesOfOne(const Call& call) {
  const Groups groups = GroupColumns(call.Series(0).columns, call.grouping());
  const bool all_alone =
      !groups.empty() && absl::c_all_of(groups, [](const auto& group) {
        return group.second.size() == 1;
      });
  if (!all_alone) return;
  call.Note(groups.size() == 1
                ? "there is one column, and its share of itself is 100 %"
                : "each group holds one column, whose share of itself is "
                  "100 %; share(x) without a list compares all columns");
}

absl::StatusOr<Value> ApplyShare(const Call& call) {
  ASSIGN_OR_RETURN(const bool absent_is_zero, call.Option(1, "zero"));
  const Value& x = call.Series(0);
  NoteLabelsNobodyHas(call, x.columns);
  NoteSharesOfOne(call);
  Value result;
  result.unit = UnitNamed("percent");
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns, Share(x.columns, call.grouping(),
                                         call.effort(), absent_is_zero));
  RETURN_IF_ERROR(
      RequireMembers(call, x.columns, absent_is_zero, &result.columns));
  return result;
}

const Function kGroupFunctions[] = {
    {"sum", "sum by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kSum>, OverPaths::kAtOnce},
    {"mean", "mean by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMean>, OverPaths::kAtOnce},
    {"avg", "avg by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMean>, OverPaths::kAtOnce},
    {"max", "max by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMax>, OverPaths::kAtOnce},
    {"min", "min by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMin>, OverPaths::kAtOnce},
    {"count", "count by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kCount>, OverPaths::kAtOnce},
    {"stddev", "stddev by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kDeviation>, OverPaths::kAtOnce},
    {"median", "median by (labels) (x)", "x", true, ApplyMedian,
     OverPaths::kAtOnce},
    {"quantile", "quantile by (labels) (0.9, x)", "nx", true, ApplyQuantile,
     OverPaths::kAtOnce},
    {"complete_sum", "complete_sum by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kSum>, OverPaths::kAtOnce},
    {"complete_mean", "complete_mean by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMean>, OverPaths::kAtOnce},
    {"complete_max", "complete_max by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMax>, OverPaths::kAtOnce},
    {"complete_min", "complete_min by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMin>, OverPaths::kAtOnce},
    {"topk", "topk by (labels) (k, x)", "nx", true, ApplyTop},
    {"records", "records by (labels) (x)", "x", true, ApplyRecords},
    {"share", "share by (labels) (x) or share(x, \"zero\")", "x|s", true,
     ApplyShare, OverPaths::kAtOnce},
};

}  // namespace

absl::Span<const Function> GroupFunctions() { return kGroupFunctions; }

}  // namespace headway::query
