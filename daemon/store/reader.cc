#include "daemon/store/reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/head.h"
#include "daemon/store/history/records.h"

namespace headway::store {
namespace {

// Columns without what lies outside the bounds.
void KeepRange(const ReadOptions& options, series::Observations* column) {
  const auto [begin, end] =
      RangeOf(column->ordinals, options.first, options.last);
  if (static_cast<size_t>(end - begin) == column->size()) return;
  column->statuses = series::SliceStatuses(
      column->statuses, static_cast<size_t>(begin), static_cast<size_t>(end));
  column->values = {column->values.begin() + begin,
                    column->values.begin() + end};
  column->ordinals = {column->ordinals.begin() + begin,
                      column->ordinals.begin() + end};
}

// The statements that change `state`.
Columns ChangesAgainst(const Cells& state, const Cells& said) {
  Cells changes;
  for (const Cell& cell : said) {
    const Cell* before = FindCell(state, cell.ordinal);
    const bool differs =
        before == nullptr ? !cell.withdrawn : !Same(*before, cell);
    if (differs) changes.push_back(cell);
  }
  return ToColumns(changes);
}

std::vector<CommitEntry> ToEntries(std::vector<NumberedCommit>&& commits) {
  std::vector<CommitEntry> entries;
  entries.reserve(commits.size());
  for (auto& [number, commit] : commits) {
    entries.push_back({number, absl::FromUnixMicros(commit.recorded_at),
                       std::move(commit.changed_series),
                       std::move(commit.provenance.run)});
  }
  return entries;
}

Coverage CoverageOf(const Block& block) {
  if (block.snapshot) return {.all = true};
  return {.first = block.first_covered, .last = block.last_covered};
}

}  // namespace

Reader::Reader(std::unique_ptr<const View> view, CommitNumber commit,
               CommitNumber series_commit)
    : view_(std::move(view)), commit_(commit), series_commit_(series_commit) {}

Reader::~Reader() = default;

absl::StatusOr<SeriesEntry> Reader::GetSeries(SeriesId id,
                                              absl::Time as_of) const {
  return store::GetSeries(*view_, id, as_of);
}

absl::StatusOr<SeriesEntry> Reader::FindSeriesOf(
    const series::SeriesKey& key, absl::string_view source) const {
  ASSIGN_OR_RETURN(const std::optional<StoredKey> stored,
                   FindStoredKey(*view_, key));
  const bool is_its =
      !stored || (!stored->contested &&
                  stored->owner.value_or(std::string(source)) == source);
  return FindSeries(is_its ? key : series::OwnKey(key, source));
}

absl::StatusOr<SeriesEntry> Reader::FindSeries(
    const series::SeriesKey& key) const {
  ASSIGN_OR_RETURN(std::optional<SeriesId> id, FindSeriesId(*view_, key));
  if (!id) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", series::FrequencyName(key.frequency),
                     " series ", series::FormatSeriesKey(key)));
  }
  return store::GetSeries(*view_, *id);
}

absl::StatusOr<bool> Reader::TakesImports(const series::SeriesKey& key) const {
  ASSIGN_OR_RETURN(const std::optional<StoredKey> stored,
                   FindStoredKey(*view_, key));
  return !stored || stored->imported;
}

absl::StatusOr<std::vector<SeriesEntry>> Reader::SelectSeries(
    const series::Selector& selector, size_t limit,
    const std::optional<series::SeriesKey>& after, OwnSeries own) const {
  return store::SelectSeries(*view_, selector, limit, after, own);
}

absl::StatusOr<series::Observations> Reader::Read(
    SeriesId id, const ReadOptions& options) const {
  const Micros as_of = absl::ToUnixMicros(options.as_of);
  const Micros recorded_by = absl::ToUnixMicros(options.recorded_by);
  series::Observations column;
  PinnedValue bytes;
  ASSIGN_OR_RETURN(bool is_there, GetHead(*view_, id, &bytes));
  if (!is_there) {
    ASSIGN_OR_RETURN(SeriesEntry entry, store::GetSeries(*view_, id));
    column.frequency = entry.info.key.frequency;
    return column;
  }
  PackedHead head;
  Undo undo;
  absl::StatusOr<HeadAnswer> answer =
      ReadFromHead(bytes.bytes, as_of, recorded_by, &head, &undo);
  if (!answer.ok()) return DescribeDamage(*view_, id, answer.status());
  column.frequency = head.frequency;
  Columns state = std::move(head.state);
  std::optional<Micros> known_at = answer->known_at;
  if (!answer->is_here) {
    ASSIGN_OR_RETURN(BlockAnswer older,
                     ReadFromBlocks(*view_, id, as_of, recorded_by));
    state = std::move(older.state);
    known_at = older.known_at;
  }
  if (known_at) column.known_at = absl::FromUnixMicros(*known_at);
  column.ordinals = std::move(state.ordinals);
  column.values = std::move(state.values);
  column.statuses = std::move(state.statuses);
  KeepRange(options, &column);
  return column;
}

absl::StatusOr<SeriesState> Reader::ReadState(SeriesId id) const {
  PinnedValue bytes;
  ASSIGN_OR_RETURN(const bool is_there, GetHead(*view_, id, &bytes));
  if (!is_there) {
    RETURN_IF_ERROR(store::GetSeries(*view_, id).status());
    return SeriesState();
  }
  PackedHead head;
  const absl::Status status = UnpackHead(bytes.bytes, &head);
  if (!status.ok()) return DescribeDamage(*view_, id, status);
  return SeriesState{
      std::move(head.state.ordinals), std::move(head.state.values),
      std::move(head.state.statuses), std::move(head.state.withdrawn)};
}

absl::StatusOr<std::vector<Vintage>> Reader::ListVintages(
    SeriesId id, Statements statements) const {
  RETURN_IF_ERROR(store::GetSeries(*view_, id).status());
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   ReadAllVintages(*view_, id));
  std::vector<Vintage> vintages;
  std::map<CommitNumber, StoredCommit> commits;
  Cells state;
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    const Block& block = it->block;
    if (!commits.contains(block.commit)) {
      ASSIGN_OR_RETURN(commits[block.commit], ReadCommit(*view_, block.commit));
    }
    const StoredCommit& commit = commits[block.commit];
    const Cells said = SaidCells(block);
    Columns shown = statements == Statements::kAll
                        ? ToColumns(said)
                        : ChangesAgainst(state, said);
    OverlayOnto(said, &state);
    vintages.push_back({absl::FromUnixMicros(it->known_at),
                        absl::FromUnixMicros(commit.recorded_at),
                        std::move(shown.ordinals), std::move(shown.values),
                        std::move(shown.statuses), std::move(shown.withdrawn),
                        commit.provenance, CoverageOf(block)});
  }
  return vintages;
}

absl::StatusOr<std::vector<Checkpoint>> Reader::GetCheckpoints(
    absl::string_view source) const {
  return store::GetCheckpoints(*view_, source);
}

absl::StatusOr<std::optional<std::string>> Reader::FindRecord(
    RecordKind kind, absl::string_view key) const {
  return store::FindRecord(*view_, kind, key);
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
Reader::ScanRecords(RecordKind kind, absl::string_view prefix,
                    absl::string_view after, size_t limit, Order order) const {
  return store::ScanRecords(*view_, kind, prefix, after, limit, order);
}

absl::StatusOr<std::vector<CommitEntry>> Reader::ListCommits(
    CommitNumber after, size_t limit) const {
  ASSIGN_OR_RETURN(std::vector<NumberedCommit> commits,
                   CommitsAfter(*view_, after, limit));
  return ToEntries(std::move(commits));
}

absl::StatusOr<std::vector<CommitEntry>> Reader::ListChanges(
    CommitNumber after, size_t limit) const {
  ASSIGN_OR_RETURN(std::vector<NumberedCommit> commits,
                   ChangesAfter(*view_, after, limit));
  return ToEntries(std::move(commits));
}

}  // namespace headway::store
