// The plain types of the store: what is written, what is read, and the numbers
// that both use. They own what they hold.
//
// Times are instants in UTC, kept to the microsecond. A period is an ordinal at
// the frequency of its series (series/period.h).
#ifndef HEADWAY_DAEMON_STORE_TYPES_H_
#define HEADWAY_DAEMON_STORE_TYPES_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock_guard.h"
#include "daemon/base/thread_pool.h"
#include "daemon/series/observation_status.h"
#include "daemon/series/period.h"
#include "daemon/series/series_info.h"

namespace headway::store {

// Given by the store when a series is first written; never reused.
using SeriesId = uint64_t;

// Counts the commits of a store from 1; 0 is before the first.
using CommitNumber = uint64_t;

// Microseconds since 1970, UTC: a known_at or a recorded_at as it is stored.
using Micros = int64_t;

struct StoreOptions {
  // Every this many vintages of a series a block holds the whole state.
  int full_block_interval = 16;
  size_t block_cache_bytes = size_t{64} << 20;
  // How many series the writer remembers, some 200 bytes each: those are
  // compared with what a pull delivers by a hash, without a read.
  size_t series_cache_size = size_t{1} << 18;
  // How much of the log is kept for the next backup, which takes from it
  // every commit since the last one (upkeep/backup.h); 0 is nothing. Absent:
  // everything if the store kept some before, else nothing, so that a program
  // that opens the store of a daemon for a moment does not change what the
  // daemon keeps.
  std::optional<uint64_t> keep_log_bytes;
  // Threads that prepare a large batch, the committing one among them; the
  // others are of `pool`, which must outlive the store.
  int commit_threads = 1;
  ThreadPool* pool = nullptr;
  // When the clock is doubted, and nothing is stored.
  ClockGuard::Options clock_guard;
  // Called once, on a committing thread, after an error that leaves in doubt
  // what is on the disk: nothing can be stored until the process is started
  // again. Must not use the store.
  std::function<void(const absl::Status&)> on_final_error;
};

// ---- what is written ----

// Where a batch came from; kept with every vintage it wrote.
struct Provenance {
  std::string source;
  std::string plugin;
  std::string plugin_version;
  std::string plugin_hash;
  std::string run;

  friend bool operator==(const Provenance&, const Provenance&) = default;
  friend auto operator<=>(const Provenance&, const Provenance&) = default;
};

// Whose statements go before those of all others: corrections by hand.
inline constexpr absl::string_view kCorrectionSource = "correction";

// A value that this source has for a period strikes the period out: nothing is
// read of it.
inline constexpr absl::string_view kStrikeSource = "strike";

inline bool IsByHand(absl::string_view source) {
  return source == kCorrectionSource || source == kStrikeSource;
}

// Records of RecordKind::kState with this prefix, frequency and series behind
// it, say in words which sources of one precedence disagree about a series.
inline constexpr absl::string_view kClashPrefix = "clash/";

// The periods that a vintage speaks for: where it makes no statement about one
// of them, it confirms what was known before. history/timeline.h has the rules.
struct Coverage {
  // All periods: the vintage was given as the whole series.
  bool all = false;
  // Else those from `first` to `last`.
  int32_t first = 0;
  int32_t last = 0;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// How an update that comes from an export is taken.
enum class Import {
  kNone,  // it comes from no export
  // Into a series that others wrote: what is there already changes nothing,
  // whoever said it.
  kMerge,
  // Into a series that is new, or that imports alone have written: as it is,
  // whoever said it.
  kVerbatim,
};

// What became known of one series at one instant. The series is registered if
// it is new, and its description brought up to date if it changed; but its unit
// stays.
//
// A source owns what it says. Where several write one series, what each says is
// kept in a series of its own (series::OwnKey), and what is read is merged from
// these by precedence (Batch::precedences); a withdrawal takes back the
// source's own values alone.
//
// The members from `restated` on let an import reproduce a vintage of another
// store exactly.
struct VintageUpdate {
  series::SeriesInfo info;
  absl::Time known_at;
  // Same length; ordinals rise strictly; values are finite.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // Of the values. Another status is another statement, though the value stays.
  series::Statuses statuses;
  // Periods whose value was taken back; rise strictly; none is in ordinals.
  std::vector<int32_t> withdrawn;
  // The update is the whole series: every other period is withdrawn.
  bool snapshot = false;
  // Those of the periods above whose statement is kept even where it changes
  // nothing; rise strictly.
  std::vector<int32_t> restated;
  // What the vintage covers, if it is new. Absent: the span that
  // history/timeline.h gives it.
  std::optional<Coverage> covers;
  // Whose word it is. Absent: that of the source in the batch's provenance.
  std::optional<std::string> source;
  Import imported = Import::kNone;
};

// Where a source goes on at its next pull. Keyed by source and stream.
struct Checkpoint {
  std::string source;
  std::string stream;
  std::string state;
};

// The kinds of opaque records beside the series, each a key space of its own.
enum class RecordKind { kForecasts, kRuns, kScores, kVerdicts, kState };

struct Record {
  RecordKind kind = RecordKind::kState;
  std::string key;
  // Absent: the record is deleted.
  std::optional<std::string> value;
};

// What must hold of one record just before a batch is stored.
struct RecordPrecondition {
  RecordKind kind = RecordKind::kState;
  std::string key;
  // The value that the record must have; absent: there must be no such record.
  std::optional<std::string> value;
};

// Which face of the store a commit is of. Raw documents, the third face, are
// stored beside the commits (documents.h).
enum class CommitKind {
  // It gave a series observations or another description: what watches and
  // runs on change follow. It may have stored records as well.
  kSeries,
  // Checkpoints and records alone: runs, state, forecasts.
  kRecords,
};

// What Store::Commit stores, all or nothing.
struct Batch {
  std::vector<VintageUpdate> updates;
  std::vector<Checkpoint> checkpoints;
  std::vector<Record> records;
  Provenance provenance;
  // Nothing is stored unless all of them hold.
  std::vector<RecordPrecondition> preconditions;
  // Whose word goes first from now on, the greater number; 0 for a source that
  // was never given one. Series that such a source and others write are merged
  // again as of all their vintages.
  std::map<std::string, int64_t> precedences;
};

struct CommitResult {
  // If the batch changed nothing at all, the last commit before it.
  CommitNumber commit = 0;
  // Series that got a new value, revision or withdrawal; ids rise. Those that
  // are read, and not the sources' own.
  std::vector<SeriesId> changed_series;
  int64_t changed_observations = 0;
  // kSeries if a series is new, has another description, or is among
  // changed_series.
  CommitKind kind = CommitKind::kRecords;
};

// Why nothing can be stored at present.
struct WriteError {
  absl::Status status;
  // Of the first of the errors without a commit that succeeded in between.
  absl::Time since;
  // Only starting the process again helps.
  bool is_final = false;
};

// What a listener hears of a commit.
struct CommitNotice {
  CommitNumber commit = 0;
  CommitKind kind = CommitKind::kRecords;
};

// ---- what is read ----

// One line of the commit log.
struct CommitEntry {
  CommitNumber commit = 0;
  absl::Time recorded_at;
  // The sources' own series among them.
  std::vector<SeriesId> changed_series;
  std::string run;
};

struct SeriesEntry {
  SeriesId id = 0;
  series::SeriesInfo info;
};

struct ReadOptions {
  // Only what was known at this instant.
  absl::Time as_of = absl::InfiniteFuture();
  // Only what was stored by this instant.
  absl::Time recorded_by = absl::InfiniteFuture();
  // Inclusive bounds on the ordinal.
  int32_t first = INT32_MIN;
  int32_t last = INT32_MAX;
};

// The statements of one vintage: all of them, or those that changed the state
// before it.
struct Vintage {
  absl::Time known_at;
  absl::Time recorded_at;
  // Same length; ordinals rise.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  series::Statuses statuses;
  // Rise; none is in ordinals.
  std::vector<int32_t> withdrawn;
  Provenance provenance;
  Coverage covers;
};

// What stands of a series: its values, and the periods that had one once and
// have none now.
struct SeriesState {
  // Same length; ordinals rise.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  series::Statuses statuses;
  // Rise; none is in ordinals.
  std::vector<int32_t> withdrawn;
};

// The first value ever given for a period, and the latest. A period whose value
// was withdrawn and not given again has none.
struct Release {
  int32_t ordinal = 0;
  double first = 0;
  absl::Time first_known_at;
  double latest = 0;
  absl::Time latest_known_at;
  // How many times another value came after the first.
  int revisions = 0;
};

// Observations of many series, those of series[i] at [begins[i], begins[i + 1])
// of `ordinals` and `values`.
struct ScanBatch {
  std::vector<SeriesId> series;
  // Both as long as `series`; known_at as series::Observations has it.
  std::vector<series::Frequency> frequencies;
  std::vector<absl::Time> known_at;
  // One longer than `series`.
  std::vector<size_t> begins;
  // Same length.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // Of all the values.
  series::Statuses statuses;
};

struct ScanOptions {
  ReadOptions read;
  // Threads that work on the scan, the calling one among them; the others are
  // of `pool` and may be fewer when it is busy.
  int threads = 1;
  ThreadPool* pool = nullptr;
};

enum class Order { kAscending, kDescending };

// Whether a selection takes in the sources' own series of contested ones: as a
// rule only if the selector has a matcher of series::kSourceLabel.
enum class OwnSeries { kIfAskedFor, kAlso };

// ---- raw documents (documents.h) ----

// One answer of a publisher. Text fields hold no secrets: the caller has
// removed them.
struct Document {
  absl::Time fetched_at;
  // The file in which the plugin handed it over; a replay gives it back there.
  std::string file;
  // The address it was fetched from.
  std::string address;
  // The HTTP status; 0 for another protocol.
  int status = 0;
  // The HTTP headers, names in lower case.
  std::map<std::string, std::string> headers;
  // SHA-256 of the body, in hexadecimal; empty if the body was not kept.
  std::string hash;
  // Bytes of the body, as sent and on the disk.
  int64_t size = 0;
  int64_t stored_size = 0;
  // Why the body was not kept, where it was not.
  std::string not_kept;

  friend bool operator==(const Document&, const Document&) = default;

  // "" if the publisher did not say.
  absl::string_view media_type() const {
    const auto type = headers.find("content-type");
    return type == headers.end() ? absl::string_view() : type->second;
  }
};

// What one pull of a source started from and what came of it.
struct Pull {
  std::string source;
  // Tells the pulls of a source apart.
  absl::Time start_time;
  // When something was last heard of it.
  absl::Time end_time;
  // False: under way, or broken off by the end of the daemon.
  bool ended = false;
  std::string run;
  std::string plugin;
  std::string plugin_version;
  // SHA-256 of the plugin's executable.
  std::string plugin_hash;
  // The checkpoints that it was given: (stream, state).
  std::vector<std::pair<std::string, std::string>> checkpoints;
  // What it committed, in order: the stream of the checkpoint, and since when
  // observed values of that commit count as known.
  std::vector<std::pair<std::string, absl::Time>> commits;
  int64_t observations = 0;
  // Why it failed; empty if it did not.
  std::string error;
  int64_t documents = 0;

  friend bool operator==(const Pull&, const Pull&) = default;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TYPES_H_
