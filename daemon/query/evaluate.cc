// Walks the tree. Check and Evaluate are one walk: what has units and
// frequencies but was never read is checked, what was read is evaluated.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/effort.h"
#include "daemon/query/columns/over_paths.h"
#include "daemon/query/columns/value.h"
#include "daemon/query/functions.h"
#include "daemon/query/leaves.h"
#include "daemon/query/members.h"
#include "daemon/query/missing.h"
#include "daemon/query/notes.h"
#include "daemon/query/operators.h"
#include "daemon/query/query.h"
#include "daemon/query/source.h"

namespace headway::query {
namespace {

using series::FormatSeriesKey;
using series::FrequencyName;
using series::Unit;

// Of one expression, like Context::max_observations.
constexpr size_t kMaxSeries = 100'000;
// So many series say how many observations the others hold.
constexpr size_t kSampledSeries = 256;
// Looked up between two questions whether somebody still waits.
constexpr size_t kSeriesAtOnce = 10'000;
// What an observation takes: as it is read, in what operators make of it, and
// in the answer.
constexpr int64_t kBytesPerObservation = 48;
// Of the walk through indicators that use indicators: bounds the stack.
constexpr int kMaxDepth = 1000;

class Evaluator {
 public:
  // Looks at `context`'s reader, which may be null: nothing is known then of
  // series. With `read` false, columns stay out. With `collects_leaves`
  // TakeLeaves has them.
  Evaluator(const IndicatorMap& indicators, const Context& context, bool read,
            Effort& effort, bool collects_leaves = false)
      : indicators_(indicators),
        context_(context),
        reader_(context.reader),
        read_(read),
        source_(context, indicators, read),
        effort_(effort),
        leaves_(context.futures, collects_leaves) {}

  // The value of the expression that was asked for.
  absl::StatusOr<ValuePtr> EvaluateWhole(const Node& root) {
    ASSIGN_OR_RETURN(ValuePtr value, Evaluate(root));
    NoteMissingMembers(value->columns, source_.members(), root.column, notes_);
    return value;
  }

  const Source& source() const { return source_; }
  std::vector<Leaf> TakeLeaves(const Node& root) {
    return std::move(leaves_).Take(root);
  }
  std::vector<std::string> TakeNotes() { return std::move(notes_).Take(); }

  absl::StatusOr<ValuePtr> Evaluate(const Node& node) {
    if (depth_ == kMaxDepth) {
      return ErrorAt(node.column,
                     absl::StrCat("indicators use one another more than ",
                                  kMaxDepth, " operations deep"));
    }
    ++depth_;
    absl::StatusOr<ValuePtr> value = EvaluateNode(node);
    --depth_;
    return value;
  }

 private:
  absl::StatusOr<ValuePtr> EvaluateNode(const Node& node) {
    if (const auto* number = std::get_if<NumberNode>(&node.body)) {
      return Share(Value{.number = number->value});
    }
    if (const auto* selector = std::get_if<SelectorNode>(&node.body)) {
      return EvaluateSelector(*selector, node.column);
    }
    if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
      ASSIGN_OR_RETURN(ValuePtr operand, Evaluate(*negation->operand));
      return Share(Negate(*operand, effort_));
    }
    if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
      ASSIGN_OR_RETURN(ValuePtr left, Evaluate(*binary->left));
      ASSIGN_OR_RETURN(ValuePtr right, Evaluate(*binary->right));
      return EvaluateBinary(*binary, node.column, {left, right});
    }
    return EvaluateCall(std::get<FunctionCallNode>(node.body), node.column);
  }

  // Empty columns are left out of every value.
  static absl::StatusOr<ValuePtr> Share(absl::StatusOr<Value> value) {
    RETURN_IF_ERROR(value.status());
    std::erase_if(value->columns,
                  [](const LabelledColumn& column) { return column.empty(); });
    return std::make_shared<const Value>(*std::move(value));
  }

  absl::StatusOr<ValuePtr> EvaluateBinary(const BinaryNode& node, size_t column,
                                          const std::vector<ValuePtr>& sides) {
    const size_t notes_before = notes_.count();
    ASSIGN_OR_RETURN(ValuePtr value, Share(Combine(node, column, sides)));
    // That nothing passes a filter is the answer to the question.
    const bool filters = IsSetOperator(node.op) || IsComparison(node.op);
    if (!filters && !HoldsNothing(*sides[0]) && !HoldsNothing(*sides[1])) {
      NoteIfNothing(*value, column, OperatorText(node.op), notes_before);
    }
    return value;
  }

  // or, and and unless see one path at a time.
  absl::StatusOr<Value> Combine(const BinaryNode& node, size_t column,
                                const std::vector<ValuePtr>& sides) {
    if (!IsSetOperator(node.op) || !AnyHasPaths(sides)) {
      return ApplyBinary(node, column, *sides[0], *sides[1], effort_, notes_);
    }
    bool is_past = true;
    return ApplyToEachPath(sides, [&](const std::vector<ValuePtr>& shown) {
      Notes unheard;
      return ApplyBinary(node, column, *shown[0], *shown[1], effort_,
                         std::exchange(is_past, false) ? notes_ : unheard);
    });
  }

  static bool HoldsNothing(const Value& value) {
    return !value.number.has_value() && value.columns.empty();
  }

  // Nothing is empty in silence: of what held values none is left, and nobody
  // has said why.
  void NoteIfNothing(const Value& value, size_t column, absl::string_view what,
                     size_t notes_before) {
    if (!HoldsNothing(value) || notes_.count() > notes_before) return;
    notes_.Add(column,
               absl::StrCat(what,
                            ": no period gets a value, and nothing comes "
                            "of it"));
  }

  absl::StatusOr<ValuePtr> EvaluateCall(const FunctionCallNode& call,
                                        size_t column) {
    std::vector<ValuePtr> arguments;
    bool lacks_values = false;
    for (const NodePtr& argument : call.arguments) {
      if (std::holds_alternative<StringNode>(argument->body)) {
        arguments.push_back(nullptr);
        continue;
      }
      ASSIGN_OR_RETURN(ValuePtr value, Evaluate(*argument));
      lacks_values |= HoldsNothing(*value);
      arguments.push_back(std::move(value));
    }
    const size_t notes_before = notes_.count();
    ASSIGN_OR_RETURN(ValuePtr value,
                     Share(ApplyFunction(call, column, arguments, source_,
                                         effort_, notes_)));
    if (!lacks_values) {
      NoteIfNothing(*value, column, call.function, notes_before);
    }
    return value;
  }

  absl::StatusOr<ValuePtr> EvaluateSelector(const SelectorNode& selector,
                                            size_t column) {
    if (selector.bare) {
      auto indicator = indicators_.find(selector.selector.metric);
      if (indicator != indicators_.end()) {
        ASSIGN_OR_RETURN(ValuePtr value, EvaluateIndicator(indicator->first,
                                                           indicator->second));
        return indicators_deep_ > 0
                   ? value
                   : leaves_.Indicator(indicator->first, std::move(value));
      }
    }
    const std::string key = FormatSelector(selector.selector);
    auto known = selected_.find(key);
    if (known == selected_.end()) {
      ASSIGN_OR_RETURN(ValuePtr value, ReadSelector(selector, column));
      known = selected_.emplace(key, std::move(value)).first;
    }
    return indicators_deep_ > 0 ? known->second
                                : leaves_.Selector(key, known->second);
  }

  absl::StatusOr<ValuePtr> EvaluateIndicator(
      const std::string& name, const IndicatorDefinition& definition) {
    auto [entry, is_new] = evaluated_.try_emplace(name, nullptr);
    if (!is_new) {
      if (entry->second != nullptr) return entry->second;
      // It is being evaluated: it uses itself. CheckAcyclic has the words.
      RETURN_IF_ERROR(CheckAcyclic(indicators_));
      return absl::InternalError(
          absl::StrCat("indicator ", name, " is evaluated within itself"));
    }
    std::string outer = notes_.Enter(name);
    RequiredMembers outer_members =
        source_.EnterMembers({.sets = definition.members});
    ++indicators_deep_;
    absl::StatusOr<ValuePtr> value =
        EvaluateWhole(definition.expression.root());
    --indicators_deep_;
    source_.EnterMembers(std::move(outer_members));
    notes_.Enter(std::move(outer));
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("indicator ", name));
    }
    ASSIGN_OR_RETURN(Value labelled, Declare(name, definition.unit, **value));
    entry->second = std::make_shared<const Value>(std::move(labelled));
    return entry->second;
  }

  static absl::StatusOr<Value> Declare(const std::string& name,
                                       const Unit& unit, const Value& value) {
    if (value.number.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "indicator ", name, ": it is a number; an indicator is over series"));
    }
    if (value.unit.has_value() && !value.unit->CanBeLabelled(unit)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "indicator ", name, ": unit clash: it is declared in ",
          unit.ToString(), ", but comes in ", value.unit->ToString()));
    }
    Value labelled = value;
    labelled.unit = unit;
    return labelled;
  }

  absl::StatusOr<ValuePtr> ReadSelector(const SelectorNode& node,
                                        size_t column) {
    Value value;
    if (reader_ == nullptr) return Share(std::move(value));
    ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> entries,
                     SelectSeries(node.selector, column));
    if (read_) RETURN_IF_ERROR(SayWhatIsMissing(node, entries, column));
    for (const store::SeriesEntry& entry : entries) {
      RETURN_IF_ERROR(CheckAlike(entries[0].info, entry.info, column));
    }
    RETURN_IF_ERROR(SortByLabels(entries, column));
    if (!entries.empty()) {
      value.unit = entries[0].info.unit;
      value.frequency = entries[0].info.key.frequency;
    }
    if (read_) {
      leaves_.AddEntries(FormatSelector(node.selector), entries);
      ASSIGN_OR_RETURN(value.columns, ReadColumns(entries, column));
      if (value.columns.empty() && !entries.empty()) {
        notes_.Add(column,
                   absl::StrCat("nothing of ", FormatSelector(node.selector),
                                " was known at the instant asked for"));
      }
    }
    return Share(std::move(value));
  }

  // Nothing is empty in silence.
  absl::Status SayWhatIsMissing(const SelectorNode& node,
                                const std::vector<store::SeriesEntry>& found,
                                size_t column) {
    if (found.empty()) {
      ASSIGN_OR_RETURN(const std::optional<std::string> problem,
                       DescribeUnknownMetric(node, *reader_, indicators_));
      if (problem.has_value()) {
        if (context_.metrics_must_exist && indicators_deep_ == 0) {
          return ErrorAt(column, *problem);
        }
        notes_.Add(column, *problem);
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                     DescribeMissing(node.selector, found, *reader_));
    for (const std::string& note : missing) notes_.Add(column, note);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<store::SeriesEntry>> SelectSeries(
      const series::Selector& selector, size_t column) {
    std::vector<store::SeriesEntry> entries;
    std::optional<series::SeriesKey> after;
    while (true) {
      ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> some,
                       reader_->SelectSeries(selector, kSeriesAtOnce, after));
      for (store::SeriesEntry& entry : some) {
        RETURN_IF_ERROR(effort_.Spend(0));
        entries.push_back(std::move(entry));
      }
      if (entries.size() > kMaxSeries) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "column ", column, ": ", FormatSelector(selector),
            " matches more than ", kMaxSeries, " series; narrow it"));
      }
      if (some.size() < kSeriesAtOnce) return entries;
      after = entries.back().info.key;
    }
  }

  static absl::Status CheckAlike(const series::SeriesInfo& a,
                                 const series::SeriesInfo& b, size_t column) {
    if (a.key.frequency != b.key.frequency) {
      return ErrorAt(
          column, absl::StrCat("frequency clash: ", FormatSeriesKey(a.key),
                               " is ", FrequencyName(a.key.frequency), " and ",
                               FormatSeriesKey(b.key), " is ",
                               FrequencyName(b.key.frequency),
                               "; narrow the selector to one, and resample"));
    }
    if (a.unit != b.unit) {
      return ErrorAt(
          column,
          absl::StrCat("unit clash: ", FormatSeriesKey(a.key), " is in ",
                       a.unit.ToString(), " and ", FormatSeriesKey(b.key),
                       " in ", b.unit.ToString(),
                       "; narrow the selector to one"));
    }
    return absl::OkStatus();
  }

  // Columns go by their labels alone; it is an error if series of two metrics
  // share them.
  static absl::Status SortByLabels(std::vector<store::SeriesEntry>& entries,
                                   size_t column) {
    std::sort(entries.begin(), entries.end(),
              [](const store::SeriesEntry& a, const store::SeriesEntry& b) {
                return a.info.key.labels < b.info.key.labels;
              });
    for (size_t i = 1; i < entries.size(); ++i) {
      const series::SeriesKey& a = entries[i - 1].info.key;
      const series::SeriesKey& b = entries[i].info.key;
      if (a.labels == b.labels) {
        return ErrorAt(column, absl::StrCat(FormatSeriesKey(a), " and ",
                                            FormatSeriesKey(b),
                                            " have the same labels; name the "
                                            "metric in the selector"));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<LabelledColumn>> ReadColumns(
      const std::vector<store::SeriesEntry>& entries, size_t column) {
    std::vector<LabelledColumn> columns;
    const int64_t read_before = observations_read_;
    for (size_t i = 0; i < entries.size(); ++i) {
      const store::SeriesEntry& entry = entries[i];
      ASSIGN_OR_RETURN(series::Observations observations,
                       reader_->Read(entry.id, source_.options()));
      const int64_t count = static_cast<int64_t>(observations.size());
      RETURN_IF_ERROR(effort_.Spend(observations.size()));
      observations_read_ += count;
      // Entries are sorted by labels, which say little of length: the first
      // ones stand for the others.
      const bool is_sample = i + 1 == kSampledSeries;
      const int64_t expected =
          is_sample ? read_before + (observations_read_ - read_before) *
                                        static_cast<int64_t>(entries.size()) /
                                        static_cast<int64_t>(kSampledSeries)
                    : observations_read_;
      RETURN_IF_ERROR(CheckCount(expected, entries.size(), column));
      if (observations.empty()) continue;
      source_.Used(entry.info.vintage_kind);
      RETURN_IF_ERROR(CheckRange(entry.info.key, observations));
      RETURN_IF_ERROR(effort_.Hold(count * kBytesPerObservation));
      columns.push_back({entry.info.key.labels, std::move(observations)});
    }
    return columns;
  }

  absl::Status CheckCount(int64_t observations, size_t series,
                          size_t column) const {
    if (observations <= context_.max_observations) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat(
        "column ", column, ": the ", series,
        " series selected bring the expression to some ", observations,
        " observations, and at most ", context_.max_observations,
        " are read; name a metric or more labels in the selector"));
  }

  // Functions make room for all periods between the first and the last.
  static absl::Status CheckRange(const series::SeriesKey& key,
                                 const series::Observations& observations) {
    for (int32_t ordinal :
         {observations.ordinals.front(), observations.ordinals.back()}) {
      if (!series::IsInRange({observations.frequency, ordinal})) {
        return absl::DataLossError(absl::StrCat(
            FormatSeriesKey(key), " holds a period beyond all years (ordinal ",
            ordinal, ")"));
      }
    }
    return absl::OkStatus();
  }

  const IndicatorMap& indicators_;
  const Context& context_;
  const store::Reader* const reader_;
  const bool read_;
  Source source_;
  Effort& effort_;
  Leaves leaves_;
  Notes notes_;
  // By the selector's text.
  std::map<std::string, ValuePtr> selected_;
  // By name; null while it is being evaluated.
  std::map<std::string, ValuePtr> evaluated_;
  int64_t observations_read_ = 0;
  // Of the walk, through all expressions that led to the node at hand.
  int depth_ = 0;
  // The indicators that the walk is within.
  int indicators_deep_ = 0;
};

}  // namespace

absl::StatusOr<TypeInfo> Check(const Expression& expression,
                               const IndicatorMap& indicators,
                               const store::Reader* reader) {
  Context context;
  context.reader = reader;
  Effort effort(context.check_alive, nullptr);
  Evaluator evaluator(indicators, context, /*read=*/false, effort);
  ASSIGN_OR_RETURN(ValuePtr value, evaluator.Evaluate(expression.root()));
  return TypeInfo{value->unit, value->frequency, value->number.has_value()};
}

namespace {

const IndicatorMap& IndicatorsOf(const Context& context) {
  static const IndicatorMap* const kNone = new IndicatorMap;
  return context.indicators != nullptr ? *context.indicators : *kNone;
}

}  // namespace

absl::StatusOr<Panel> Evaluate(const Expression& expression,
                               const Context& context) {
  if (context.reader == nullptr) {
    return absl::InvalidArgumentError("Evaluate needs a reader");
  }
  if (context.futures != nullptr)
    RETURN_IF_ERROR(CheckFutures(*context.futures));
  Effort effort(context.check_alive, context.budget);
  Evaluator evaluator(IndicatorsOf(context), context, /*read=*/true, effort);
  ASSIGN_OR_RETURN(ValuePtr value, evaluator.EvaluateWhole(expression.root()));
  if (value->number.has_value()) {
    return ErrorAt(1, absl::StrCat("the expression is the number ",
                                   *value->number, " and holds no series"));
  }
  return Panel{value->unit.value_or(Unit()), value->columns,
               evaluator.source().vintage_kinds(), evaluator.TakeNotes(),
               evaluator.source().depends_on_instant()};
}

absl::StatusOr<std::vector<Leaf>> FindLeaves(const Expression& expression,
                                             const Context& context) {
  if (context.reader == nullptr) {
    return absl::InvalidArgumentError("FindLeaves needs a reader");
  }
  Effort effort(context.check_alive, context.budget);
  Evaluator evaluator(IndicatorsOf(context), context, /*read=*/true, effort,
                      /*collects_leaves=*/true);
  RETURN_IF_ERROR(evaluator.Evaluate(expression.root()).status());
  return evaluator.TakeLeaves(expression.root());
}

}  // namespace headway::query
