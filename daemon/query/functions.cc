#include "daemon/query/functions.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/aggregate.h"
#include "daemon/query/match.h"
#include "daemon/query/math/frontier.h"
#include "daemon/query/math/resample.h"
#include "daemon/query/math/transform.h"
#include "daemon/query/meaning.h"
#include "daemon/query/operators.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::FrequencyName;
using series::Labels;
using series::Observations;
using series::Unit;

// Eleven years of days: more is a slip of the keyboard.
constexpr int kMaxPeriods = 4000;

const Unit& Percent() {
  static const Unit* const unit = new Unit(*Unit::Parse("percent"));
  return *unit;
}

// One call with its arguments at hand. Arguments count from 0.
class Call {
 public:
  Call(const FunctionCallNode& node, size_t column,
       const std::vector<ValuePtr>& arguments, Effort& effort, Notes& notes)
      : node_(node),
        column_(column),
        arguments_(arguments),
        effort_(effort),
        notes_(notes) {}

  Effort& effort() const { return effort_; }
  const FunctionCallNode& node() const { return node_; }
  size_t column() const { return column_; }
  const std::optional<LabelList>& grouping() const { return node_.grouping; }

  bool Has(size_t i) const { return i < arguments_.size(); }
  const Value& Series(size_t i) const { return *arguments_[i]; }
  double Number(size_t i) const { return *arguments_[i]->number; }
  const std::string& String(size_t i) const {
    return std::get<StringNode>(node_.arguments[i]->body).value;
  }

  absl::Status Error(size_t i, absl::string_view problem) const {
    return ErrorAt(node_.arguments[i]->column,
                   absl::StrCat(node_.function, ": ", problem));
  }

  // What a reader should know of the result.
  void Note(absl::string_view text) const {
    notes_.Add(column_, absl::StrCat(node_.function, ": ", text));
  }

  // A number of periods; 1 if the argument is left out.
  absl::StatusOr<int32_t> PeriodCount(size_t i) const {
    if (!Has(i)) return 1;
    const double count = Number(i);
    if (count < 1 || count > kMaxPeriods || count != std::trunc(count)) {
      return Error(
          i, absl::StrCat("the number of periods is ", count,
                          "; write a whole number from 1 to ", kMaxPeriods));
    }
    return static_cast<int32_t>(count);
  }

  // A frequency not finer than that of argument 0.
  absl::StatusOr<Frequency> CoarserFrequency(size_t i) const {
    absl::StatusOr<Frequency> frequency = series::ParseFrequency(String(i));
    if (!frequency.ok()) return Error(i, frequency.status().message());
    const std::optional<Frequency> from = Series(0).frequency;
    if (from.has_value() && IsCoarser(*from, *frequency)) {
      return Error(i, absl::StrCat("frequency clash: the series is ",
                                   FrequencyName(*from), ", and ",
                                   FrequencyName(*frequency),
                                   " is finer; values can be gathered, not "
                                   "made up"));
    }
    return frequency;
  }

 private:
  const FunctionCallNode& node_;
  const size_t column_;
  const std::vector<ValuePtr>& arguments_;
  Effort& effort_;
  Notes& notes_;
};

// What `transform` makes of each column of argument 0; unit and frequency stay.
template <typename Transform>
absl::StatusOr<Value> MapColumns(const Call& call, Transform transform) {
  const Value& x = call.Series(0);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  for (const LabelledColumn& column : x.columns) {
    RETURN_IF_ERROR(call.effort().Spend(column.observations.size()));
    result.columns.push_back({column.labels, transform(column.observations)});
  }
  return result;
}

// A label that a list names and no column has: a slip of the keyboard, for the
// list does nothing.
void NoteLabelsNobodyHas(const Call& call) {
  const std::vector<LabelledColumn>& columns = call.Series(0).columns;
  if (!call.grouping().has_value() || columns.empty()) return;
  std::set<std::string> names;
  for (const LabelledColumn& column : columns) {
    for (const Labels::Pair& pair : column.labels.pairs()) {
      names.insert(pair.first);
    }
  }
  for (const std::string& name : call.grouping()->names) {
    if (names.count(name) > 0) continue;
    call.Note(absl::StrCat("no column has a label \"", name, "\"",
                           SuggestName(name, {names.begin(), names.end()})));
  }
}

template <Aggregation kAggregation>
absl::StatusOr<Value> ApplyAggregation(const Call& call) {
  NoteLabelsNobodyHas(call);
  const Value& x = call.Series(0);
  Value result;
  result.unit = kAggregation == Aggregation::kCount ? Unit() : x.unit;
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns, Aggregate(x.columns, call.grouping(),
                                             kAggregation, call.effort()));
  return result;
}

absl::StatusOr<Value> ApplyResample(const Call& call) {
  ASSIGN_OR_RETURN(const Frequency frequency, call.CoarserFrequency(1));
  absl::StatusOr<ResampleMethod> method = ParseResampleMethod(call.String(2));
  if (!method.ok()) return call.Error(2, method.status().message());
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const Observations& x) {
                     return Resample(x, frequency, *method);
                   }));
  result.frequency = frequency;
  return result;
}

absl::StatusOr<Value> ApplyLag(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  return MapColumns(call, [&](const Observations& x) { return Lag(x, step); });
}

absl::StatusOr<Value> ApplyDiff(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  return MapColumns(call,
                    [&](const Observations& x) { return Difference(x, step); });
}

absl::StatusOr<Value> ApplyPercentChange(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const Observations& x) {
                     return PercentChange(x, step);
                   }));
  result.unit = Percent();
  return result;
}

absl::StatusOr<Value> ApplyYoy(const Call& call) {
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const Observations& x) {
                     return PercentChange(x, StepOfOneYear(x.frequency));
                   }));
  result.unit = Percent();
  return result;
}

absl::StatusOr<Value> ApplyRollingMean(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t count, call.PeriodCount(1));
  return MapColumns(
      call, [&](const Observations& x) { return RollingMean(x, count); });
}

absl::StatusOr<Value> ApplyCumulativeSum(const Call& call) {
  return MapColumns(call, CumulativeSum);
}

absl::StatusOr<Value> ApplyCumulativeMax(const Call& call) {
  return MapColumns(call, CumulativeMax);
}

absl::StatusOr<Value> ApplyFill(const Call& call) {
  int64_t periods = 0;
  for (const LabelledColumn& column : call.Series(0).columns) {
    const Observations& x = column.observations;
    periods += int64_t{x.ordinals.back()} - x.ordinals.front() + 1;
  }
  RETURN_IF_ERROR(CheckAddedPeriods("fill", periods));
  return MapColumns(call, Fill);
}

absl::StatusOr<Value> ApplyRebase(const Call& call) {
  const Value& x = call.Series(0);
  absl::StatusOr<series::Period> base =
      x.frequency.has_value()
          ? series::ParsePeriod(call.String(1), *x.frequency)
          : series::ParsePeriod(call.String(1));
  if (!base.ok()) return call.Error(1, base.status().message());
  const double level = call.Has(2) ? call.Number(2) : 100;
  ASSIGN_OR_RETURN(Value result,
                   MapColumns(call, [&](const Observations& observations) {
                     return Rebase(observations, base->ordinal, level);
                   }));
  result.unit = *Unit::Parse("index");
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
  NoteLabelsNobodyHas(call);
  NoteSharesOfOne(call);
  const Value& x = call.Series(0);
  Value result;
  result.unit = Percent();
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(result.columns,
                   Share(x.columns, call.grouping(), call.effort()));
  return result;
}

absl::StatusOr<Value> ApplyCountReleases(const Call& call) {
  NoteLabelsNobodyHas(call);
  Value result;
  result.unit = Unit();
  ASSIGN_OR_RETURN(result.frequency, call.CoarserFrequency(1));
  ASSIGN_OR_RETURN(result.columns,
                   CountReleases(call.Series(0).columns, call.grouping(),
                                 *result.frequency, call.effort()));
  return result;
}

// The labels that both have.
Labels CommonLabels(const Labels& a, const Labels& b) {
  std::vector<std::string> names;
  for (const Labels::Pair& pair : a.pairs()) {
    if (b.Get(pair.first) == pair.second) names.push_back(pair.first);
  }
  return a.Only(names);
}

absl::StatusOr<Value> ApplyFrontierLag(const Call& call) {
  const Value& leader = call.Series(0);
  const Value& follower = call.Series(1);
  RETURN_IF_ERROR(
      CommonUnit(call.column(), "frontier_lag", leader, follower).status());
  for (size_t i : {size_t{0}, size_t{1}}) {
    const std::optional<Frequency> frequency = call.Series(i).frequency;
    if (frequency.has_value() && *frequency != Frequency::kDaily) {
      return call.Error(i, absl::StrCat("frequency clash: the scores are ",
                                        FrequencyName(*frequency),
                                        "; a lag needs daily ones, each on "
                                        "the day of its release"));
    }
  }
  std::vector<ColumnPair> pairs;
  if (leader.columns.size() == 1 && follower.columns.size() == 1) {
    const LabelledColumn& l = leader.columns[0];
    const LabelledColumn& f = follower.columns[0];
    pairs.push_back({CommonLabels(l.labels, f.labels), &l, &f});
  } else {
    auto matched = MatchColumns(leader.columns, follower.columns, std::nullopt);
    if (!matched.ok()) {
      return ErrorAt(call.column(), absl::StrCat("frontier_lag: ",
                                                 matched.status().message()));
    }
    pairs = *std::move(matched);
    for (const std::string& note :
         DescribeUnmatched(leader.columns, follower.columns, pairs)) {
      call.Note(note);
    }
  }
  int64_t periods = 0;
  for (const ColumnPair& pair : pairs) {
    const Observations& scores = pair.right->observations;
    const int32_t last = LastPeriodOver(Frequency::kDaily,
                                        NewestKnownAt({pair.left, pair.right}));
    periods += std::max<int64_t>(0, last - scores.ordinals.front() + 1);
  }
  RETURN_IF_ERROR(CheckAddedPeriods("frontier_lag", periods));
  Value result;
  result.unit = *Unit::Parse("month");
  result.frequency = Frequency::kDaily;
  for (ColumnPair& pair : pairs) {
    RETURN_IF_ERROR(call.effort().Spend(pair.left->observations.size() +
                                        pair.right->observations.size()));
    result.columns.push_back(
        {std::move(pair.labels),
         FrontierLag(pair.left->observations, pair.right->observations)});
  }
  return result;
}

struct Function {
  const char* name;
  // For messages.
  const char* usage;
  // One letter an argument: x series, n number, s string. Those after | may be
  // left out.
  const char* kinds;
  // Takes by or without.
  bool grouping;
  absl::StatusOr<Value> (*apply)(const Call& call);
};

const Function kFunctions[] = {
    {"sum", "sum by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kSum>},
    {"mean", "mean by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMean>},
    {"max", "max by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMax>},
    {"min", "min by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kMin>},
    {"count", "count by (labels) (x)", "x", true,
     ApplyAggregation<Aggregation::kCount>},
    {"resample", "resample(x, \"Q\", \"sum\")", "xss", false, ApplyResample},
    {"lag", "lag(x, n)", "xn", false, ApplyLag},
    {"diff", "diff(x) or diff(x, n)", "x|n", false, ApplyDiff},
    {"pct_change", "pct_change(x) or pct_change(x, n)", "x|n", false,
     ApplyPercentChange},
    {"yoy", "yoy(x)", "x", false, ApplyYoy},
    {"rolling_mean", "rolling_mean(x, n)", "xn", false, ApplyRollingMean},
    {"cumsum", "cumsum(x)", "x", false, ApplyCumulativeSum},
    {"cummax", "cummax(x)", "x", false, ApplyCumulativeMax},
    {"fill", "fill(x)", "x", false, ApplyFill},
    {"rebase", "rebase(x, \"2024-01\") or rebase(x, \"2024-01\", 100)", "xs|n",
     false, ApplyRebase},
    {"share", "share by (labels) (x)", "x", true, ApplyShare},
    {"frontier_lag", "frontier_lag(leader, follower)", "xx", false,
     ApplyFrontierLag},
    {"count_releases", "count_releases by (labels) (x, \"Q\")", "xs", true,
     ApplyCountReleases},
};

absl::StatusOr<const Function*> FindFunction(const FunctionCallNode& node,
                                             size_t column) {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) {
    if (node.function == function.name) return &function;
    names.push_back(function.name);
  }
  return ErrorAt(column,
                 absl::StrCat("unknown function \"", node.function, "\"",
                              SuggestFunction(node.function, names)));
}

const char* KindName(char kind) {
  switch (kind) {
    case 'n':
      return "a number";
    case 's':
      return "a string in double quotes";
    default:
      return "series";
  }
}

char KindOf(const ValuePtr& argument) {
  if (argument == nullptr) return 's';
  return argument->number.has_value() ? 'n' : 'x';
}

absl::Status CheckArguments(const Function& function, const Call& call,
                            const std::vector<ValuePtr>& arguments) {
  if (call.grouping().has_value() && !function.grouping) {
    return ErrorAt(
        call.column(),
        absl::StrCat(function.name, " takes no by or without; write ",
                     function.usage));
  }
  const std::string kinds = function.kinds;
  const size_t least = std::min(kinds.find('|'), kinds.size());
  std::string all = kinds;
  if (least < all.size()) all.erase(least, 1);
  if (arguments.size() < least || arguments.size() > all.size()) {
    return ErrorAt(
        call.column(),
        absl::StrCat(function.name, " does not take ", arguments.size(),
                     " arguments; write ", function.usage));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char kind = KindOf(arguments[i]);
    if (kind != all[i]) {
      return call.Error(
          i, absl::StrCat("argument ", i + 1, " is ", KindName(kind),
                          ", and must be ", KindName(all[i]), "; write ",
                          function.usage));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Value> ApplyFunction(const FunctionCallNode& node, size_t column,
                                    const std::vector<ValuePtr>& arguments,
                                    Effort& effort, Notes& notes) {
  ASSIGN_OR_RETURN(const Function* function, FindFunction(node, column));
  const Call call(node, column, arguments, effort, notes);
  RETURN_IF_ERROR(CheckArguments(*function, call, arguments));
  return function->apply(call);
}

}  // namespace headway::query
