// Functions of two sets of columns.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/match.h"
#include "daemon/query/math/arithmetic.h"
#include "daemon/query/math/frontier.h"
#include "daemon/query/math/join.h"
#include "daemon/query/math/resample.h"
#include "daemon/query/math/rolling.h"
#include "daemon/query/operators.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::FrequencyName;
using series::Labels;
using series::Observations;
using series::Unit;

void NoteListedLabels(const Call& call) {
  const std::vector<LabelledColumn>& left = call.Series(0).columns;
  const std::vector<LabelledColumn>& right = call.Series(1).columns;
  if (left.empty() && right.empty()) return;
  std::set<std::string> names = LabelNames(left);
  names.merge(LabelNames(right));
  NoteUnknownLabels(call, names);
}

absl::StatusOr<std::vector<ColumnPair>> Pair(
    const Call& call, const std::vector<LabelledColumn>& left,
    const std::vector<LabelledColumn>& right, const Matching& matching) {
  absl::StatusOr<std::vector<ColumnPair>> pairs =
      MatchColumns(left, right, matching);
  if (!pairs.ok()) {
    return ErrorAt(call.column(), absl::StrCat(call.node().function, ": ",
                                               pairs.status().message()));
  }
  for (const std::string& note : DescribeUnmatched(left, right, *pairs)) {
    call.Note(note);
  }
  return pairs;
}

// Columns of arguments 0 and 1 that go together: by the labels that by or
// without leaves, or by all.
absl::StatusOr<std::vector<ColumnPair>> PairByGrouping(const Call& call) {
  NoteListedLabels(call);
  Matching matching;
  matching.labels = call.grouping();
  ASSIGN_OR_RETURN(
      std::vector<ColumnPair> pairs,
      Pair(call, call.Series(0).columns, call.Series(1).columns, matching));
  if (call.grouping().has_value()) {
    for (ColumnPair& pair : pairs) {
      pair.labels = GroupLabels(pair.left->labels, call.grouping());
    }
    absl::c_sort(pairs, [](const ColumnPair& a, const ColumnPair& b) {
      return a.labels < b.labels;
    });
  }
  for (size_t i = 1; i < pairs.size(); ++i) {
    if (pairs[i].labels == pairs[i - 1].labels) {
      return ErrorAt(call.column(),
                     absl::StrCat(call.node().function,
                                  ": several columns go with one in the group ",
                                  FormatLabels(pairs[i].labels),
                                  "; group by more labels, or aggregate"));
    }
  }
  return pairs;
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
  ASSIGN_OR_RETURN(std::vector<ColumnPair> pairs, PairByGrouping(call));
  int64_t periods = 0;
  for (const ColumnPair& pair : pairs) {
    const Observations& scores = pair.right->observations;
    const int32_t last = LastPeriodOver(Frequency::kDaily,
                                        NewestKnownAt({pair.left, pair.right}));
    periods += std::max<int64_t>(0, last - scores.ordinals.front() + 1);
  }
  RETURN_IF_ERROR(CheckAddedPeriods("frontier_lag", periods));
  Value result;
  result.unit = UnitNamed("month");
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

absl::StatusOr<Value> ApplyCorrelation(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t count, call.PeriodCount(2, /*least=*/3));
  Value result;
  result.unit = Unit();
  ASSIGN_OR_RETURN(
      result.frequency,
      CommonFrequency(call.column(), "corr", call.Series(0), call.Series(1)));
  ASSIGN_OR_RETURN(std::vector<ColumnPair> pairs, PairByGrouping(call));
  for (ColumnPair& pair : pairs) {
    const Observations& x = pair.left->observations;
    const Observations& y = pair.right->observations;
    RETURN_IF_ERROR(call.effort().Spend(x.size() + y.size()));
    result.columns.push_back(
        {std::move(pair.labels), RollingCorrelation(x, y, count)});
  }
  return result;
}

// The columns by the labels that by or without leaves, or by all of them; an
// error if two have the same.
absl::StatusOr<std::map<Labels, const LabelledColumn*>> OneToAGroup(
    const Call& call, const std::vector<LabelledColumn>& columns) {
  std::map<Labels, const LabelledColumn*> groups;
  for (const LabelledColumn& column : columns) {
    const Labels labels = call.grouping().has_value()
                              ? GroupLabels(column.labels, call.grouping())
                              : column.labels;
    const auto [entry, is_new] = groups.emplace(labels, &column);
    if (is_new) continue;
    return ErrorAt(call.column(),
                   absl::StrCat("splice: ", FormatLabels(entry->second->labels),
                                " and ", FormatLabels(column.labels),
                                " fall into one group ", FormatLabels(labels),
                                "; group by more labels, or aggregate"));
  }
  return groups;
}

Observations SpliceWithNote(const Call& call, const Labels& labels,
                            const Observations& old,
                            const Observations& successor, bool scaled) {
  Observations spliced = Splice(old, successor, scaled);
  if (old.ordinals.front() < successor.ordinals.front() &&
      spliced.ordinals.front() == successor.ordinals.front()) {
    call.Note(absl::StrCat(
        FormatLabels(labels),
        " is the successor alone: the two have no period in common, or a sum "
        "there that is not positive, and no level to be brought to"));
  }
  if (old.ordinals.back() < successor.ordinals.front() - 1) {
    call.Note(absl::StrCat(FormatLabels(labels),
                           " has a gap between the old series and its "
                           "successor"));
  }
  return spliced;
}

absl::StatusOr<Value> ApplySplice(const Call& call) {
  ASSIGN_OR_RETURN(const bool scaled, call.Option(2, "scaled"));
  const Value& old = call.Series(0);
  const Value& successor = call.Series(1);
  Value result;
  ASSIGN_OR_RETURN(result.unit,
                   CommonUnit(call.column(), "splice", old, successor));
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(call.column(), "splice", old, successor));
  NoteListedLabels(call);
  ASSIGN_OR_RETURN(auto olds, OneToAGroup(call, old.columns));
  ASSIGN_OR_RETURN(auto successors, OneToAGroup(call, successor.columns));
  std::map<Labels, Observations> spliced;
  for (const auto& [labels, column] : olds) {
    spliced.emplace(labels, column->observations);
  }
  for (const auto& [labels, column] : successors) {
    const Observations& next = column->observations;
    RETURN_IF_ERROR(call.effort().Spend(next.size()));
    const auto before = olds.find(labels);
    spliced[labels] =
        before == olds.end()
            ? next
            : SpliceWithNote(call, labels, before->second->observations, next,
                             scaled);
  }
  for (auto& [labels, observations] : spliced) {
    result.columns.push_back({labels, std::move(observations)});
  }
  return result;
}

// What goes with the columns of x and has labels of its own, such as an index
// of prices by country: by the labels that by or without leaves, or by all that
// `other` has. The result has the labels of x.
absl::StatusOr<std::vector<ColumnPair>> PairWithEach(
    const Call& call, const std::vector<LabelledColumn>& x,
    const std::vector<LabelledColumn>& other) {
  Matching matching;
  matching.many = ManySide::kLeft;
  matching.labels = call.grouping();
  if (!matching.labels.has_value()) {
    const std::set<std::string> names = LabelNames(other);
    matching.labels = LabelList{true, {names.begin(), names.end()}};
  }
  return Pair(call, x, other, matching);
}

// What x / index is multiplied by; 0 where there is nothing to divide by.
double IndexAt(const Call& call, const ColumnPair& pair,
               std::optional<series::Period> base) {
  if (!base.has_value()) return 100;
  const Observations& index = pair.right->observations;
  const auto found = std::lower_bound(index.ordinals.begin(),
                                      index.ordinals.end(), base->ordinal);
  if (found != index.ordinals.end() && *found == base->ordinal) {
    return index.values[static_cast<size_t>(found - index.ordinals.begin())];
  }
  call.Note(absl::StrCat(FormatLabels(pair.labels),
                         " is left out: the index has no value at ",
                         FormatPeriod(*base)));
  return 0;
}

absl::StatusOr<Value> ApplyDeflate(const Call& call) {
  const Value& x = call.Series(0);
  const Value& index = call.Series(1);
  if (index.unit.has_value() && !index.unit->IsDimensionless()) {
    return call.Error(
        1, absl::StrCat("unit clash: the index of prices is in ",
                        index.unit->ToString(), "; it must have no unit"));
  }
  Value result;
  result.unit = x.unit;
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(call.column(), "deflate", x, index));
  std::optional<series::Period> base;
  if (call.Has(2)) {
    absl::StatusOr<series::Period> period =
        result.frequency.has_value()
            ? series::ParsePeriod(call.String(2), *result.frequency)
            : series::ParsePeriod(call.String(2));
    if (!period.ok()) return call.Error(2, period.status().message());
    base = *period;
  }
  ASSIGN_OR_RETURN(const std::vector<ColumnPair> pairs,
                   PairWithEach(call, x.columns, index.columns));
  for (const ColumnPair& pair : pairs) {
    const double level = IndexAt(call, pair, base);
    if (level <= 0) continue;
    // Prices that are not positive are none.
    const Observations prices =
        Compare(Operator::kGreater, pair.right->observations, 0.0,
                /*as_number=*/false);
    RETURN_IF_ERROR(call.effort().Spend(prices.size()));
    result.columns.push_back(
        {pair.labels, Arithmetic(Operator::kMultiply,
                                 Arithmetic(Operator::kDivide,
                                            pair.left->observations, prices),
                                 level)});
  }
  return result;
}

// How a rate turns what is in one currency into another.
struct Conversion {
  std::string from;
  // The rate is in units of the old currency for one of the new.
  bool divides = false;
};

// How a rate in `rate` brings something in `unit` to `target`. Absent if it
// does not.
std::optional<Conversion> FindConversion(const Unit& unit,
                                         const std::string& target,
                                         const Unit& rate) {
  for (const auto& [symbol, exponent] : unit.exponents()) {
    if (exponent != 1 || symbol == target) continue;
    if (rate == UnitNamed(target) / UnitNamed(symbol)) {
      return Conversion{symbol, false};
    }
    if (rate == UnitNamed(symbol) / UnitNamed(target)) {
      return Conversion{symbol, true};
    }
  }
  return std::nullopt;
}

Unit Converted(const Unit& unit, const Conversion& conversion,
               const std::string& target) {
  return unit / UnitNamed(conversion.from) * UnitNamed(target);
}

// The currency that argument 1 names.
absl::StatusOr<std::string> TargetCurrency(const Call& call) {
  const std::string& target = call.String(1);
  const absl::StatusOr<Unit> unit = Unit::Parse(target);
  if (!unit.ok() || unit->exponents().size() != 1 ||
      unit->exponents().begin()->second != 1 || unit->IsDimensionless()) {
    return call.Error(1, absl::StrCat("\"", target,
                                      "\" is no currency; write a unit such as "
                                      "\"USD\""));
  }
  return target;
}

std::vector<LabelledColumn> Apply(const std::vector<ColumnPair>& pairs,
                                  const Conversion& conversion) {
  std::vector<LabelledColumn> columns;
  for (const ColumnPair& pair : pairs) {
    columns.push_back(
        {pair.labels,
         Arithmetic(
             conversion.divides ? Operator::kDivide : Operator::kMultiply,
             pair.left->observations, pair.right->observations)});
  }
  return columns;
}

absl::StatusOr<Value> ConvertByArgument(const Call& call,
                                        const std::string& target) {
  const Value& x = call.Series(0);
  const Value& rate = call.Series(2);
  Value result;
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(call.column(), "convert", x, rate));
  if (!x.unit.has_value() || !rate.unit.has_value()) return result;
  const std::optional<Conversion> conversion =
      FindConversion(*x.unit, target, *rate.unit);
  if (!conversion.has_value()) {
    return call.Error(
        2, absl::StrCat("unit clash: a rate in ", rate.unit->ToString(),
                        " does not bring what is in ", x.unit->ToString(),
                        " to ", target));
  }
  result.unit = Converted(*x.unit, *conversion, target);
  ASSIGN_OR_RETURN(const std::vector<ColumnPair> pairs,
                   PairWithEach(call, x.columns, rate.columns));
  result.columns = Apply(pairs, *conversion);
  return result;
}

struct Rate {
  store::SeriesEntry entry;
  Conversion conversion;
};

// The series of the metric exchange_rate that brings x to the target: at the
// frequency of x, else the nearest finer one. Two at one frequency are an
// error.
absl::StatusOr<std::optional<Rate>> FindRate(const Call& call,
                                             const std::string& target) {
  const Value& x = call.Series(0);
  series::Selector selector;
  selector.metric = kRateMetric;
  ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> entries,
                   call.source().reader()->SelectSeries(selector));
  std::optional<Rate> best;
  const store::SeriesEntry* rival = nullptr;
  for (const store::SeriesEntry& entry : entries) {
    const Frequency frequency = entry.info.key.frequency;
    const std::optional<Conversion> conversion =
        FindConversion(*x.unit, target, entry.info.unit);
    if (!conversion.has_value() || IsCoarser(frequency, *x.frequency)) continue;
    if (best.has_value() && best->entry.info.key.frequency == frequency) {
      rival = &entry;
    } else if (!best.has_value() ||
               IsCoarser(frequency, best->entry.info.key.frequency)) {
      best = Rate{entry, *conversion};
      rival = nullptr;
    }
  }
  if (rival != nullptr) {
    return call.Error(1, absl::StrCat("there are several rates, ",
                                      FormatSeriesKey(best->entry.info.key),
                                      " and ", FormatSeriesKey(rival->info.key),
                                      "; name one: convert(x, \"", target,
                                      "\", ", kRateMetric, "{...})"));
  }
  return best;
}

absl::StatusOr<Value> ConvertByStore(const Call& call,
                                     const std::string& target) {
  const Value& x = call.Series(0);
  Value result;
  result.frequency = x.frequency;
  if (!x.unit.has_value() || call.source().reader() == nullptr) return result;
  ASSIGN_OR_RETURN(const std::optional<Rate> rate, FindRate(call, target));
  if (!rate.has_value()) {
    call.Note(absl::StrCat("no series ", kRateMetric, " has the unit ", target,
                           "/C or C/", target, " for a currency C of ",
                           x.unit->ToString(),
                           " at its frequency or a finer "
                           "one, and nothing comes of it; give the rate: "
                           "convert(x, \"",
                           target, "\", rate)",
                           target == absl::AsciiStrToUpper(target)
                               ? ""
                               : "; codes of currencies are in capitals"));
    return result;
  }
  result.unit = Converted(*x.unit, rate->conversion, target);
  if (!call.source().reads()) return result;
  ASSIGN_OR_RETURN(
      Observations values,
      call.source().reader()->Read(rate->entry.id, call.source().options()));
  if (values.empty()) return result;
  call.source().Used(rate->entry.info.vintage_kind);
  values = Resample(values, *x.frequency, ResampleMethod::kMean);
  if (values.empty()) return result;
  const std::vector<LabelledColumn> rates = {{Labels(), std::move(values)}};
  ASSIGN_OR_RETURN(const std::vector<ColumnPair> pairs,
                   PairWithEach(call, x.columns, rates));
  result.columns = Apply(pairs, rate->conversion);
  return result;
}

absl::StatusOr<Value> ApplyConvert(const Call& call) {
  ASSIGN_OR_RETURN(const std::string target, TargetCurrency(call));
  const Value& x = call.Series(0);
  if (x.unit.has_value() && x.unit->exponents().count(target) > 0) return x;
  if (x.unit.has_value() && x.unit->IsDimensionless()) {
    return call.Error(
        0, absl::StrCat("unit clash: the series is in ", x.unit->ToString(),
                        ", which is no currency"));
  }
  return call.Has(2) ? ConvertByArgument(call, target)
                     : ConvertByStore(call, target);
}

const Function kJoinFunctions[] = {
    {"frontier_lag", "frontier_lag by (labels) (leader, follower)", "xx", true,
     ApplyFrontierLag},
    {"corr", "corr by (labels) (x, y, n)", "xxn", true, ApplyCorrelation},
    {"splice", "splice(old, successor) or splice(old, successor, \"scaled\")",
     "xx|s", true, ApplySplice},
    {"deflate", "deflate(x, index) or deflate(x, index, \"2024-01\")", "xx|s",
     true, ApplyDeflate},
    {"convert", "convert(x, \"USD\") or convert(x, \"USD\", rate)", "xs|x",
     true, ApplyConvert},
};

}  // namespace

absl::Span<const Function> JoinFunctions() { return kJoinFunctions; }

}  // namespace headway::query
