// Functions of groups of columns.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/aggregate.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Unit;

constexpr int kMostRanks = 10'000;

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
  return result;
}

// What adds or averages columns follows whoever reports. Days have natural
// gaps, and the greatest of many is none the worse for them.
void NoteComposition(const Call& call, size_t of) {
  const Value& x = call.Series(of);
  if (x.frequency == Frequency::kDaily) return;
  const std::optional<std::string> change =
      DescribeComposition(x.columns, call.grouping());
  if (!change.has_value()) return;
  call.Note(absl::StrCat(*change,
                         "; a step in the result may be theirs, and "
                         "complete_sum or complete_mean gives the periods in "
                         "which all that have begun have a value"));
}

template <Aggregation kAggregation>
absl::StatusOr<Value> ApplyAggregation(const Call& call) {
  if (kAggregation == Aggregation::kSum || kAggregation == Aggregation::kMean ||
      kAggregation == Aggregation::kDeviation) {
    NoteComposition(call, 0);
  }
  return AggregateArgument(call, 0, kAggregation, {});
}

template <Aggregation kAggregation>
absl::StatusOr<Value> ApplyComplete(const Call& call) {
  return AggregateArgument(call, 0, kAggregation, {.complete = true});
}

absl::StatusOr<Value> ApplyMedian(const Call& call) {
  NoteComposition(call, 0);
  return AggregateArgument(call, 0, Aggregation::kQuantile, {.quantile = 0.5});
}

absl::StatusOr<Value> ApplyQuantile(const Call& call) {
  const double quantile = call.Number(0);
  if (!(quantile >= 0 && quantile <= 1)) {
    return call.Error(0, absl::StrCat("the quantile is ", quantile,
                                      "; write a number from 0 to 1"));
  }
  NoteComposition(call, 1);
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
  return result;
}

const Function kGroupFunctions[] = {
    {"sum", "sum by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kSum>},
    {"mean", "mean by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMean>},
    {"avg", "avg by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMean>},
    {"max", "max by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMax>},
    {"min", "min by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMin>},
    {"count", "count by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kCount>},
    {"stddev", "stddev by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kDeviation>},
    {"median", "median by (labels) (x)", "x", true, ApplyMedian},
    {"quantile", "quantile by (labels) (0.9, x)", "nx", true, ApplyQuantile},
    {"complete_sum", "complete_sum by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kSum>},
    {"complete_mean", "complete_mean by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMean>},
    {"complete_max", "complete_max by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMax>},
    {"complete_min", "complete_min by (labels) (x)", "x", true,
     ApplyComplete<Aggregation::kMin>},
    {"topk", "topk by (labels) (k, x)", "nx", true, ApplyTop},
    {"records", "records by (labels) (x)", "x", true, ApplyRecords},
    {"share", "share by (labels) (x) or share(x, \"zero\")", "x|s", true,
     ApplyShare},
};

}  // namespace

absl::Span<const Function> GroupFunctions() { return kGroupFunctions; }

}  // namespace headway::query
