// What was derived and issued last, kept in the store, so that a run does only
// what has changed since.
//
// For each indicator the store keeps a DerivedState: hashes of its values and
// of the definition they came from. For each pipeline it keeps the commit up to
// which its indicators reflect the series. Pure functions over a store::Reader;
// thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_DERIVATION_H_
#define HEADWAY_DAEMON_PIPELINE_DERIVATION_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/memory_budget.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/forecasting/ahead.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

struct DerivedState {
  // Indicator::fingerprint.
  uint64_t fingerprint = 0;
  // A hash of the labels and values of each column; rising.
  std::vector<uint64_t> columns;

  friend bool operator==(const DerivedState&, const DerivedState&) = default;
};

// Of the labels and values of a column.
uint64_t HashOf(const query::LabelledColumn& column);

DerivedState StateOf(const Indicator& indicator, const query::Panel& panel);
// How many columns of `now` differ from all of those before.
int64_t CountChanged(const std::optional<DerivedState>& before,
                     const DerivedState& now);

// Absent if it was never derived.
absl::StatusOr<std::optional<DerivedState>> ReadDerivedState(
    const store::Reader& reader, absl::string_view indicator);
// Without a state the record deletes what is kept, so that the next run derives
// the indicator again.
store::Record DerivedStateRecord(absl::string_view indicator,
                                 const std::optional<DerivedState>& state);

// What is kept of the last issue.
struct IssueState {
  // Stands for the definitions of indicator and forecast that it was made by;
  // "" if there was no issue.
  std::string mark;
  // Of the values that it was made from: DerivedState::columns.
  std::vector<uint64_t> columns;
  // A forecast of the issue could not be made.
  bool failed = false;

  friend bool operator==(const IssueState&, const IssueState&) = default;
};
// Of an issue of these values in which nothing failed.
IssueState IssueStateOf(const DerivedState& state,
                        const ForecastDefinition& definition);
absl::StatusOr<IssueState> ReadIssueState(const store::Reader& reader,
                                          absl::string_view indicator);
store::Record IssueStateRecord(absl::string_view indicator,
                               const IssueState& state);

// Holds as long as the state of the indicator's issues is what the reader sees,
// for batches that build upon the newest issue.
absl::StatusOr<store::RecordPrecondition> NoIssueSince(
    const store::Reader& reader, absl::string_view indicator);

// Absent if the pipeline never derived, or if what is kept of it cannot be
// read.
absl::StatusOr<std::optional<store::CommitNumber>> ReadDerivedCommit(
    const store::Reader& reader, absl::string_view pipeline);
store::Record DerivedCommitRecord(absl::string_view pipeline,
                                  store::CommitNumber commit);

// The keys of series. One whose description is damaged is left out, and said
// in the log: what uses it fails by itself, and the others go on.
absl::StatusOr<std::vector<series::SeriesKey>> KeysOf(
    const store::Reader& reader, const std::set<store::SeriesId>& ids);

// As KeysOf, of the series that changed after that commit.
absl::StatusOr<std::vector<series::SeriesKey>> ChangedSince(
    const store::Reader& reader, store::CommitNumber commit);

// What an evaluation is asked for.
struct EvaluateOptions {
  absl::Time as_of = absl::InfiniteFuture();
  // Only what was stored by this instant.
  absl::Time recorded_by = absl::InfiniteFuture();
  CheckAlive check_alive;
};

// The indicators as they were defined at the instant that the options read as
// of. INVALID_ARGUMENT if those definitions do not go together any more.
absl::StatusOr<std::shared_ptr<const query::IndicatorMap>> ExpressionsFor(
    const Definitions& definitions, const EvaluateOptions& options);

// Evaluates one of `definitions.expressions`, as it was defined then, in its
// declared unit. `budget`
// bounds what all evaluations hold; it may be null.
absl::StatusOr<query::Panel> EvaluateIndicator(const Definitions& definitions,
                                               const std::string& name,
                                               const store::Reader& reader,
                                               const EvaluateOptions& options,
                                               MemoryBudget* budget);

// What the paths of its inputs make of the indicator of the task, which
// `panel` is, as those options evaluate it. Absent where it is forecast
// directly.
std::optional<Ahead> LookAheadOf(const Definitions& definitions,
                                 const store::Reader& reader,
                                 const EvaluateOptions& options,
                                 MemoryBudget* budget,
                                 const query::Panel& panel,
                                 const ForecastTask& task);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DERIVATION_H_
