// The expression language of indicators: parse, check, evaluate.
//
//   ASSIGN_OR_RETURN(Expression e, Parse("yoy(sum by (hs) (exports_usd))"));
//   ASSIGN_OR_RETURN(TypeInfo type, Check(e, indicators, reader));
//   ASSIGN_OR_RETURN(Panel panel, Evaluate(e, {.reader = reader}));
//
// docs/query.md is the reference of the language: grammar, label matching, and
// for every function what it does to units and frequency. Reads like PromQL,
// with periods instead of instants.
//
// Values: an expression is a number or a Panel, a set of labelled columns at
// one frequency. Evaluation is columnar. A value that cannot be formed
// (division by zero, the logarithm of a negative number, a lag beyond the
// start) is absent, never NaN.
//
// Pure functions over a store::Reader; thread-safe.
// Errors: INVALID_ARGUMENT with the column of the expression, counted from 1,
// for anything wrong with the text, its units or frequencies; a cycle between
// indicators names the cycle. RESOURCE_EXHAUSTED if an expression reads or
// makes too much: one that would read too much is refused by estimate, before
// it has read much. What the store says of a failed read is passed on.
#ifndef HEADWAY_DAEMON_QUERY_QUERY_H_
#define HEADWAY_DAEMON_QUERY_QUERY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/memory_budget.h"
#include "daemon/query/columns/columns.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/selector.h"
#include "daemon/series/unit.h"
#include "daemon/store/store.h"

namespace headway::query {

struct Node;  // daemon/query/ast.h

// A parsed expression. Immutable; copies share the tree.
class Expression {
 public:
  explicit Expression(std::shared_ptr<const Node> root, std::string text)
      : root_(std::move(root)), text_(std::move(text)) {}

  const Node& root() const { return *root_; }
  const std::string& text() const { return text_; }

  // Names that stand alone, without braces: each is an indicator if there is
  // one of that name, else a metric.
  std::set<std::string> BareNames() const;
  // Whether it is one selector and no more, so that it shows what it selects.
  bool IsSelector() const;
  // Every selector in the text, bare names included.
  std::vector<series::Selector> Selectors() const;
  // Those of them that are no bare names, so that they select series whatever
  // indicators there are.
  std::vector<series::Selector> SelectorsOfSeries() const;

 private:
  std::shared_ptr<const Node> root_;
  std::string text_;
};

absl::StatusOr<Expression> Parse(absl::string_view text);

// Members that an indicator must have: series that differ by the value of one
// label, {"partner", {"CHN", "JPN"}}. An aggregation that makes one column of
// several members gives a period only if each of them has a value at it.
struct MemberSet {
  std::string label;
  std::vector<std::string> values;

  friend bool operator==(const MemberSet&, const MemberSet&) = default;
};

// An indicator as expressions see it.
struct IndicatorDefinition {
  Expression expression;
  // The declared unit, which replaces the computed one.
  series::Unit unit;
  std::vector<MemberSet> members = {};
};
using IndicatorMap = std::map<std::string, IndicatorDefinition>;

// What is known of an expression before it is evaluated. An absent unit or
// frequency is not known yet, because no series matches so far.
struct TypeInfo {
  std::optional<series::Unit> unit;
  std::optional<series::Frequency> frequency;
  bool is_number = false;
};

// Checks functions, arguments, units, frequencies and references against the
// series in `reader` (null: none are known, and what depends on them is not
// checked) and the indicators.
absl::StatusOr<TypeInfo> Check(const Expression& expression,
                               const IndicatorMap& indicators,
                               const store::Reader* reader);

// Checks that an expression can have the members: a set names a label and at
// least one value, no label and no value of it twice, and some selector takes
// each value. What other indicators yield is not known here, and they are taken
// to yield all.
absl::Status CheckMembers(const Expression& expression,
                          const std::vector<MemberSet>& members,
                          const IndicatorMap& indicators);

// Checks that no indicator uses itself by way of others. The error names the
// cycle: "a -> b -> a".
absl::Status CheckAcyclic(const IndicatorMap& indicators);
// Names in an order in which each stands after those it uses.
absl::StatusOr<std::vector<std::string>> EvaluationOrder(
    const IndicatorMap& indicators);

// Labelled columns at one frequency, in one unit.
struct Panel {
  series::Unit unit;
  // Sorted by their labels, which differ; empty columns are left out.
  std::vector<LabelledColumn> columns;
  // Where the vintages of the series that were read come from.
  std::set<series::VintageKind> vintage_kinds;
  // What a reader of the values should know: what is missing, and what was
  // meant instead. Sentences for people, each with the column of the
  // expression.
  std::vector<std::string> notes;
  // The values follow from the instant of the answer as well as from the
  // series: any later commit changes them.
  bool depends_on_instant = false;
};

// How parts of an expression go on after what is known of them: by the labels
// of their columns, each as many paths.
using PathsByLabels =
    std::map<series::Labels, std::shared_ptr<const PathBlock>>;
struct Futures {
  // Of the indicators that the expression itself names, by name.
  std::map<std::string, PathsByLabels> indicators;
  // Of the series that its own selectors read.
  std::map<store::SeriesId, std::shared_ptr<const PathBlock>> series;
};

struct Context {
  const store::Reader* reader = nullptr;
  const IndicatorMap* indicators = nullptr;
  // Those that the expression itself must have.
  std::vector<MemberSet> members = {};
  absl::Time as_of = absl::InfiniteFuture();
  // Only what was stored by this instant.
  absl::Time recorded_by = absl::InfiniteFuture();
  // Its error ends the evaluation.
  CheckAlive check_alive;
  // Bounds what all evaluations under way hold; null: nothing does.
  MemoryBudget* budget = nullptr;
  // A metric that no series has is an error, as of an expression that somebody
  // has just typed. Otherwise, and within indicators, it is a note: the data of
  // a definition may be yet to come.
  bool metrics_must_exist = false;
  // What an expression may read at most, so that a careless selector is an
  // error and not the end of the daemon.
  int64_t max_observations = 20'000'000;
  // Columns go on along these paths, all blocks of one number of paths, and the
  // expression is evaluated once over all of them; null: nothing goes on. What
  // is known of a column from the first row of its block on is left out.
  const Futures* futures = nullptr;
};

// INVALID_ARGUMENT for an expression that is a number: an indicator is over
// series. With futures also for a function that a path cannot be put into,
// since it needs vintages.
absl::StatusOr<Panel> Evaluate(const Expression& expression,
                               const Context& context);

// A column that an expression is made of: of an indicator that it names, or a
// series that one of its selectors reads.
struct Leaf {
  // "" for a series.
  std::string indicator;
  // Of a series.
  store::SeriesId series = 0;
  series::SeriesKey key;
  series::Unit unit;
  LabelledColumn column;
  // Of a series of which the expression only sees the greatest value so far,
  // by max, cummax, records and frontier_lag: which other series go into the
  // same records, namely those with the same text. "" where it sees more.
  std::string stream;
};

// The columns that Futures can continue, each once: those of indicators by name
// and labels, then series by their keys. Errors are those of Evaluate.
absl::StatusOr<std::vector<Leaf>> FindLeaves(const Expression& expression,
                                             const Context& context);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_QUERY_H_
