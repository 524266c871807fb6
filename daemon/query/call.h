// One call of a function with its arguments at hand, and the table of functions
// that a file of them offers.
#ifndef HEADWAY_DAEMON_QUERY_CALL_H_
#define HEADWAY_DAEMON_QUERY_CALL_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/effort.h"
#include "daemon/query/columns/value.h"
#include "daemon/query/meaning.h"
#include "daemon/query/notes.h"
#include "daemon/query/source.h"

namespace headway::query {

// Eleven years of days: more is a slip of the keyboard.
constexpr int kMaxPeriods = 4000;

// Arguments count from 0.
class Call {
 public:
  Call(const FunctionCallNode& node, size_t column,
       const std::vector<ValuePtr>& arguments, Source& source, Effort& effort,
       Notes& notes)
      : node_(node),
        column_(column),
        arguments_(arguments),
        source_(source),
        effort_(effort),
        notes_(notes) {}

  Source& source() const { return source_; }
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
  absl::StatusOr<int32_t> PeriodCount(size_t i, int least = 1) const {
    if (!Has(i)) return 1;
    const double count = Number(i);
    if (count < least || count > kMaxPeriods || count != std::trunc(count)) {
      return Error(i, absl::StrCat("the number of periods is ", count,
                                   "; write a whole number from ", least,
                                   " to ", kMaxPeriods));
    }
    return static_cast<int32_t>(count);
  }

  // A frequency not finer than that of argument 0.
  absl::StatusOr<series::Frequency> CoarserFrequency(size_t i) const {
    absl::StatusOr<series::Frequency> frequency =
        series::ParseFrequency(String(i));
    if (!frequency.ok()) return Error(i, frequency.status().message());
    const std::optional<series::Frequency> from = Series(0).frequency;
    if (from.has_value() && IsCoarser(*from, *frequency)) {
      return Error(i, absl::StrCat("frequency clash: the series is ",
                                   FrequencyName(*from), ", and ",
                                   FrequencyName(*frequency),
                                   " is finer; values can be gathered, not "
                                   "made up"));
    }
    return frequency;
  }

  // Whether the optional argument is there, which can be one word.
  absl::StatusOr<bool> Option(size_t i, absl::string_view word) const {
    if (!Has(i)) return false;
    if (String(i) == word) return true;
    return Error(i, absl::StrCat("\"", String(i), "\" is not known; write \"",
                                 word, "\" or leave it out"));
  }

 private:
  const FunctionCallNode& node_;
  const size_t column_;
  const std::vector<ValuePtr>& arguments_;
  Source& source_;
  Effort& effort_;
  Notes& notes_;
};

// How a function deals with columns that go on as paths.
enum class OverPaths {
  // It is applied to each path by itself (over_paths.h).
  kOneByOne,
  // It works along all paths at once.
  kAtOnce,
  // It refuses them: it needs the vintages of what was published, and nobody
  // has published a path.
  kRefused,
};

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
  OverPaths over_paths = OverPaths::kOneByOne;
  // A string argument with which it refuses them, too; null: none.
  const char* refusing = nullptr;
};

// Of one column: those before and after it in a column, windows, elements.
absl::Span<const Function> ColumnFunctions();
// Of groups of columns: aggregations, shares, ranks.
absl::Span<const Function> GroupFunctions();
// Of releases: how many there were.
absl::Span<const Function> ReleaseFunctions();
// Of two sets of columns.
absl::Span<const Function> JoinFunctions();
// Of the vintages of series.
absl::Span<const Function> VintageFunctions();

// The series that argument 0 selects; none where nothing is known of series. An
// error if it is anything else, for vintages are those of series.
inline absl::StatusOr<std::vector<store::SeriesEntry>> SelectedSeries(
    const Call& call) {
  const auto* selector =
      std::get_if<SelectorNode>(&call.node().arguments[0]->body);
  if (selector == nullptr ||
      (selector->bare &&
       call.source().IsIndicator(selector->selector.metric))) {
    return call.Error(0,
                      "vintages are those of series; write a selector, such "
                      "as exports_usd{partner=\"CHN\"}");
  }
  if (call.source().reader() == nullptr) {
    return std::vector<store::SeriesEntry>();
  }
  return call.source().reader()->SelectSeries(selector->selector);
}

// What `transform` makes of each column of argument 0; unit and frequency stay.
// One that takes a PathColumn as well goes on along the paths.
template <typename Transform>
absl::StatusOr<Value> MapColumns(const Call& call, Transform transform) {
  const Value& x = call.Series(0);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  for (const LabelledColumn& column : x.columns) {
    RETURN_IF_ERROR(call.effort().Spend(SizeOf(column)));
    LabelledColumn& made = result.columns.emplace_back(
        LabelledColumn{column.labels, transform(column.observations)});
    if constexpr (std::is_invocable_v<Transform, const PathColumn&>) {
      if (column.paths == nullptr) continue;
      made.paths =
          std::make_shared<const PathBlock>(transform(PathsOf(column)));
    }
  }
  return result;
}

// A label that the list of the call names and that is not among `names`: a slip
// of the keyboard, for the list does nothing.
inline void NoteUnknownLabels(const Call& call,
                              const std::set<std::string>& names) {
  if (!call.grouping().has_value()) return;
  for (const std::string& name : call.grouping()->names) {
    if (names.count(name) > 0) continue;
    call.Note(absl::StrCat("no column has a label \"", name, "\"",
                           SuggestName(name, {names.begin(), names.end()})));
  }
}

// Such a label of these columns, if there are any.
inline void NoteLabelsNobodyHas(const Call& call,
                                const std::vector<LabelledColumn>& columns) {
  if (!columns.empty()) NoteUnknownLabels(call, LabelNames(columns));
}

// A unit of one word that needs no check.
inline series::Unit UnitNamed(absl::string_view name) {
  return *series::Unit::Parse(name);
}

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_CALL_H_
