#include "daemon/pipeline/derivation.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/log.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/indicator_history.h"

namespace headway::pipeline {
namespace {

constexpr size_t kCommitsPerRead = 1000;
// Before the mark of an issue in which a forecast failed.
constexpr absl::string_view kFailedPrefix = "failed ";

// Its breaks and regressors; nothing where there are none, as of issues that
// were made before there could be.
void AddExplanations(const ForecastDefinition& definition, StableHash& hash) {
  for (const DeclaredBreak& one : definition.breaks) {
    hash.Add("break").Add(series::FormatPeriod(one.period)).Add(one.reason);
    hash.Add(static_cast<uint64_t>(one.kind));
  }
  for (const RegressorDefinition& regressor : definition.regressors) {
    hash.Add("regressor").Add(regressor.name).Add(Describe(regressor.what));
  }
}

std::string DerivedKey(absl::string_view indicator) {
  return absl::StrCat("derivation/", indicator, "/derived");
}
std::string IssueKey(absl::string_view indicator) {
  return absl::StrCat("derivation/", indicator, "/issued");
}
std::string CommitKey(absl::string_view pipeline) {
  return absl::StrCat("pipeline/", pipeline, "/derived_commit");
}

std::string Encode(const DerivedState& state) {
  std::string text = absl::StrCat(absl::Hex(state.fingerprint));
  for (uint64_t column : state.columns) {
    absl::StrAppend(&text, " ", absl::Hex(column));
  }
  return text;
}

std::optional<DerivedState> Decode(absl::string_view text) {
  std::vector<uint64_t> numbers;
  for (absl::string_view hex : absl::StrSplit(text, ' ')) {
    uint64_t number;
    if (!absl::SimpleHexAtoi(hex, &number)) return std::nullopt;
    numbers.push_back(number);
  }
  DerivedState state;
  state.fingerprint = numbers.front();
  state.columns.assign(numbers.begin() + 1, numbers.end());
  return state;
}

absl::StatusOr<std::string> ReadState(const store::Reader& reader,
                                      const std::string& key) {
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   reader.FindRecord(store::RecordKind::kState, key));
  return std::move(value).value_or("");
}

}  // namespace

uint64_t HashOf(const query::LabelledColumn& column) {
  StableHash hash;
  hash.Add(series::FormatLabels(column.labels));
  hash.Add(static_cast<uint64_t>(column.observations.frequency));
  for (size_t i = 0; i < column.observations.size(); ++i) {
    hash.Add(static_cast<uint64_t>(column.observations.ordinals[i]));
    hash.Add(column.observations.values[i]);
    // The others of its statuses change no forecast but by what is partial.
    if (series::StatusAt(column.observations.statuses, i) ==
        series::ObservationStatus::kBreak) {
      hash.Add("break");
    }
  }
  return hash.value();
}

DerivedState StateOf(const Indicator& indicator, const query::Panel& panel) {
  DerivedState state;
  state.fingerprint = indicator.fingerprint;
  for (const query::LabelledColumn& column : panel.columns) {
    state.columns.push_back(HashOf(column));
  }
  std::sort(state.columns.begin(), state.columns.end());
  return state;
}

int64_t CountChanged(const std::optional<DerivedState>& before,
                     const DerivedState& now) {
  if (!before.has_value()) return now.columns.size();
  std::vector<uint64_t> changed;
  std::set_difference(now.columns.begin(), now.columns.end(),
                      before->columns.begin(), before->columns.end(),
                      std::back_inserter(changed));
  return changed.size();
}

absl::StatusOr<std::optional<DerivedState>> ReadDerivedState(
    const store::Reader& reader, absl::string_view indicator) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadState(reader, DerivedKey(indicator)));
  if (text.empty()) return std::nullopt;
  // A record that cannot be read is one that was never written: the indicator
  // is derived again and the record made good.
  return Decode(text);
}

store::Record DerivedStateRecord(absl::string_view indicator,
                                 const std::optional<DerivedState>& state) {
  store::Record record = {store::RecordKind::kState, DerivedKey(indicator), {}};
  if (state.has_value()) record.value = Encode(*state);
  return record;
}

IssueState IssueStateOf(const DerivedState& state,
                        const ForecastDefinition& definition) {
  StableHash hash;
  hash.Add(state.fingerprint).Add(definition.method);
  hash.Add(static_cast<uint64_t>(definition.horizon));
  hash.Add(static_cast<uint64_t>(definition.bounds));
  hash.Add(static_cast<uint64_t>(definition.quantity));
  for (const std::string& model : definition.models) hash.Add(model);
  for (const auto& [plugin, model] : definition.plugins) {
    hash.Add(plugin);
    for (const auto& [name, value] : model.config) hash.Add(name).Add(value);
  }
  // Marks of issues that were made before there was a choice stay as they are.
  if (definition.through != Through::kDirect) {
    hash.Add(static_cast<uint64_t>(definition.through));
  }
  AddExplanations(definition, hash);
  return {.mark = absl::StrCat(absl::Hex(hash.value())),
          .columns = state.columns};
}

absl::StatusOr<IssueState> ReadIssueState(const store::Reader& reader,
                                          absl::string_view indicator) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadState(reader, IssueKey(indicator)));
  IssueState state;
  absl::string_view rest = text;
  state.failed = absl::ConsumePrefix(&rest, kFailedPrefix);
  const std::vector<absl::string_view> words = absl::StrSplit(rest, ' ');
  state.mark = std::string(words[0]);
  for (size_t i = 1; i < words.size(); ++i) {
    uint64_t column = 0;
    // As if there had been no issue: the next one makes the record good.
    if (!absl::SimpleHexAtoi(words[i], &column)) return IssueState();
    state.columns.push_back(column);
  }
  return state;
}

store::Record IssueStateRecord(absl::string_view indicator,
                               const IssueState& state) {
  std::string text =
      absl::StrCat(state.failed ? kFailedPrefix : "", state.mark);
  for (uint64_t column : state.columns) {
    absl::StrAppend(&text, " ", absl::Hex(column));
  }
  return {store::RecordKind::kState, IssueKey(indicator), std::move(text)};
}

absl::StatusOr<store::RecordPrecondition> NoIssueSince(
    const store::Reader& reader, absl::string_view indicator) {
  store::RecordPrecondition precondition;
  precondition.kind = store::RecordKind::kState;
  precondition.key = IssueKey(indicator);
  ASSIGN_OR_RETURN(precondition.value,
                   reader.FindRecord(precondition.kind, precondition.key));
  return precondition;
}

absl::StatusOr<std::optional<store::CommitNumber>> ReadDerivedCommit(
    const store::Reader& reader, absl::string_view pipeline) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadState(reader, CommitKey(pipeline)));
  if (text.empty()) return std::nullopt;
  store::CommitNumber commit = 0;
  if (!absl::SimpleAtoi(text, &commit)) {
    Log(LogLevel::kError,
        "a record is damaged; the pipeline's indicators are looked at anew",
        {{"record", CommitKey(pipeline)}, {"text", text}});
    return std::nullopt;
  }
  return commit;
}

store::Record DerivedCommitRecord(absl::string_view pipeline,
                                  store::CommitNumber commit) {
  return {store::RecordKind::kState, CommitKey(pipeline), absl::StrCat(commit)};
}

absl::StatusOr<std::vector<series::SeriesKey>> ChangedSince(
    const store::Reader& reader, store::CommitNumber commit) {
  std::set<store::SeriesId> ids;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> entries,
                     reader.ListChanges(commit, kCommitsPerRead));
    for (const store::CommitEntry& entry : entries) {
      ids.insert(entry.changed_series.begin(), entry.changed_series.end());
    }
    if (entries.size() < kCommitsPerRead) break;
    commit = entries.back().commit;
  }
  return KeysOf(reader, ids);
}

absl::StatusOr<std::vector<series::SeriesKey>> KeysOf(
    const store::Reader& reader, const std::set<store::SeriesId>& ids) {
  std::vector<series::SeriesKey> keys;
  for (store::SeriesId id : ids) {
    absl::StatusOr<store::SeriesEntry> entry = reader.GetSeries(id);
    if (absl::IsDataLoss(entry.status())) {
      Log(LogLevel::kError, "a changed series is damaged and passed over",
          {{"error", std::string(entry.status().message())}});
      continue;
    }
    RETURN_IF_ERROR(entry.status());
    keys.push_back(std::move(entry->info.key));
  }
  return keys;
}

absl::StatusOr<std::shared_ptr<const query::IndicatorMap>> ExpressionsFor(
    const Definitions& definitions, const EvaluateOptions& options) {
  const absl::Time instant = std::min(options.as_of, options.recorded_by);
  if (definitions.history != nullptr && instant != absl::InfiniteFuture()) {
    const std::shared_ptr<const query::IndicatorMap> then =
        definitions.history->ExpressionsAt(instant, definitions.expressions);
    if (then != nullptr) {
      RETURN_IF_ERROR(query::CheckAcyclic(*then));
      return then;
    }
  }
  // Owned by the definitions.
  return std::shared_ptr<const query::IndicatorMap>(
      std::shared_ptr<const query::IndicatorMap>(), &definitions.expressions);
}

namespace {

// In which the expression of `definition`, one of `expressions`, is evaluated.
query::Context ContextOf(const query::IndicatorMap& expressions,
                         const query::IndicatorDefinition& definition,
                         const store::Reader& reader,
                         const EvaluateOptions& options, MemoryBudget* budget) {
  query::Context context;
  context.reader = &reader;
  context.indicators = &expressions;
  context.members = definition.members;
  context.as_of = options.as_of;
  context.recorded_by = options.recorded_by;
  context.check_alive = options.check_alive;
  context.budget = budget;
  return context;
}

absl::StatusOr<const query::IndicatorDefinition*> DefinitionThen(
    const query::IndicatorMap& expressions, const std::string& name) {
  const auto found = expressions.find(name);
  if (found != expressions.end()) return &found->second;
  return absl::InvalidArgumentError(
      absl::StrCat("indicator \"", name,
                   "\" had a definition then that this program cannot read; "
                   "read it as of a later instant"));
}

}  // namespace

absl::StatusOr<query::Panel> EvaluateIndicator(const Definitions& definitions,
                                               const std::string& name,
                                               const store::Reader& reader,
                                               const EvaluateOptions& options,
                                               MemoryBudget* budget) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const query::IndicatorMap> expressions,
                   ExpressionsFor(definitions, options));
  ASSIGN_OR_RETURN(const query::IndicatorDefinition* definition,
                   DefinitionThen(*expressions, name));
  const query::Context context =
      ContextOf(*expressions, *definition, reader, options, budget);
  ASSIGN_OR_RETURN(query::Panel panel,
                   query::Evaluate(definition->expression, context));
  // Definitions were checked against the series of their time; new ones may
  // clash.
  if (!panel.columns.empty() && !panel.unit.CanBeLabelled(definition->unit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("indicator \"", name, "\": the expression has the unit \"",
                     panel.unit.ToString(), "\" and the indicator declares \"",
                     definition->unit.ToString(), "\"; correct one of them"));
  }
  panel.unit = definition->unit;
  return panel;
}

std::optional<Ahead> LookAheadOf(const Definitions& definitions,
                                 const store::Reader& reader,
                                 const EvaluateOptions& options,
                                 MemoryBudget* budget,
                                 const query::Panel& panel,
                                 const ForecastTask& task) {
  if (task.definition.through == Through::kDirect) return std::nullopt;
  Ahead ahead;
  const auto expressions = ExpressionsFor(definitions, options);
  ahead.status = expressions.status();
  if (!ahead.status.ok()) return ahead;
  const auto definition = DefinitionThen(**expressions, task.indicator);
  ahead.status = definition.status();
  if (!ahead.status.ok()) return ahead;
  return LookAhead(
      {&(*definition)->expression,
       ContextOf(**expressions, **definition, reader, options, budget),
       &definitions.indicators},
      panel, task);
}

}  // namespace headway::pipeline
