#include "daemon/store/commit/contested.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/period.h"
#include "daemon/store/commit/merge.h"
#include "daemon/store/commit/precedence.h"
#include "daemon/store/engine/overlay_view.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/timeline.h"

namespace headway::store {
namespace {

// The vintages of each source in a history, newest first.
absl::StatusOr<std::map<std::string, std::vector<StoredVintage>>> BySource(
    const View& view, std::vector<StoredVintage> newest_first) {
  std::map<std::string, std::vector<StoredVintage>> by_source;
  std::map<CommitNumber, std::string> sources;
  for (StoredVintage& vintage : newest_first) {
    const auto [source, is_new] = sources.try_emplace(vintage.block.commit);
    if (is_new) {
      ASSIGN_OR_RETURN(StoredCommit commit,
                       ReadCommit(view, vintage.block.commit));
      source->second = std::move(commit.provenance.source);
    }
    by_source[source->second].push_back(std::move(vintage));
  }
  return by_source;
}

VintageUpdate ToUpdate(const series::SeriesInfo& info,
                       const StoredVintage& vintage) {
  const Columns said = ToColumns(SaidCells(vintage.block));
  VintageUpdate update;
  update.info = info;
  update.known_at = absl::FromUnixMicros(vintage.known_at);
  update.ordinals = said.ordinals;
  update.values = said.values;
  update.statuses = said.statuses;
  update.withdrawn = said.withdrawn;
  return update;
}

std::string ClashKey(const series::SeriesKey& key) {
  return absl::StrCat(kClashPrefix, series::FrequencyName(key.frequency), "/",
                      series::FormatSeriesKey(key));
}

std::string DescribeClash(const Clash& clash, const series::SeriesKey& key) {
  return absl::StrCat(clash.first, " and ", clash.second, " differ in ",
                      clash.periods,
                      clash.periods == 1 ? " period, " : " periods, last in ",
                      series::FormatPeriod({key.frequency, clash.last}));
}

void NoteClash(absl::Span<const SourceHistory> sources,
               const series::SeriesKey& key, WriteBatch* out) {
  const Clash clash = FindClash(sources);
  if (clash.periods == 0) {
    out->Delete(Family::kState, ClashKey(key));
  } else {
    out->Put(Family::kState, ClashKey(key), DescribeClash(clash, key));
  }
}

}  // namespace

absl::StatusOr<std::string> NewestSource(const View& view, SeriesId id) {
  PinnedValue bytes;
  ASSIGN_OR_RETURN(const bool is_there, GetHead(view, id, &bytes));
  if (!is_there) return std::string();
  PackedHead head;
  const absl::Status status = UnpackHead(bytes.bytes, &head);
  if (!status.ok()) return DescribeDamage(view, id, status);
  CommitNumber newest = 0;
  if (head.recent_count > 0) {
    Undo undo;
    absl::string_view recent = head.recent;
    RETURN_IF_ERROR(ReadUndo(&recent, &undo));
    newest = undo.commit;
  } else {
    ASSIGN_OR_RETURN(const std::vector<StoredVintage> blocks,
                     ReadAllVintages(view, id));
    if (blocks.empty()) return std::string();
    newest = blocks.front().block.commit;
  }
  ASSIGN_OR_RETURN(StoredCommit commit, ReadCommit(view, newest));
  return std::move(commit.provenance.source);
}

absl::StatusOr<int64_t> ContestedSeries::Apply(const Sayings& sayings,
                                               bool merge,
                                               std::vector<SeriesId>* changed,
                                               WriteBatch* out) {
  WriteBatch divided;
  if (!stored_.contested) RETURN_IF_ERROR(Divide(&divided));
  const OverlayView before(present_, divided);
  WriteBatch said;
  for (const auto& [source, updates] : sayings) {
    ASSIGN_OR_RETURN(const int64_t count,
                     Say(before, source, updates, changed, &said));
    merge |= count > 0;
  }
  divided.Append(said);
  int64_t changes = 0;
  if (merge) {
    ASSIGN_OR_RETURN(changes, MergeFrom(OverlayView(present_, divided), out));
  }
  out->Append(divided);
  return changes;
}

absl::StatusOr<int64_t> ContestedSeries::MergeAgain(WriteBatch* out) {
  return MergeFrom(present_, out);
}

absl::Status ContestedSeries::Divide(WriteBatch* out) {
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   ReadAllVintages(present_, stored_.series));
  ASSIGN_OR_RETURN(const auto by_source,
                   BySource(present_, std::move(newest_first)));
  for (const auto& [source, vintages] : by_source) {
    const SeriesId own = AddOwn(source, info_, out);
    if (by_source.size() == 1) {
      RETURN_IF_ERROR(CopyHistory(own, out));
      continue;
    }
    std::vector<VintageUpdate> updates;
    for (const StoredVintage& vintage : vintages) {
      updates.push_back(ToUpdate(info_, vintage));
    }
    std::vector<const VintageUpdate*> pointers;
    for (const VintageUpdate& update : updates) pointers.push_back(&update);
    RETURN_IF_ERROR(
        ApplyUpdates(present_, own, std::move(pointers), context_, out)
            .status());
  }
  stored_.contested = true;
  if (!stored_.owner) stored_.owner = "";
  UpdateOwner(stored_, info_.key, out);
  return absl::OkStatus();
}

// As it stands, with the commits and the recordings of each vintage.
absl::Status ContestedSeries::CopyHistory(SeriesId to, WriteBatch* out) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> head,
                   present_.Get(Family::kCurrent, EncodeId(stored_.series)));
  if (head) out->Put(Family::kCurrent, EncodeId(to), *head);
  const std::string prefix = EncodeId(stored_.series);
  const std::unique_ptr<Cursor> it =
      present_.NewCursor(Family::kVintages, {prefix, PrefixEnd(prefix)});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(VintageKey key, DecodeVintageKey(it->key()));
    key.series = to;
    out->Put(Family::kVintages, EncodeVintageKey(key), it->value());
  }
  return it->status();
}

SeriesId ContestedSeries::AddOwn(absl::string_view source,
                                 const series::SeriesInfo& info,
                                 WriteBatch* out) const {
  series::SeriesInfo own = info;
  own.key = series::OwnKey(info_.key, source);
  StoredKey stored{new_id_(), std::string(source), false};
  AddSeries(stored, own, out);
  return stored.series;
}

absl::StatusOr<int64_t> ContestedSeries::Say(
    const View& view, const std::string& source,
    std::vector<const VintageUpdate*> updates, std::vector<SeriesId>* changed,
    WriteBatch* out) const {
  series::SeriesInfo info = updates.back()->info;
  info.key = series::OwnKey(info_.key, source);
  ASSIGN_OR_RETURN(const std::optional<SeriesId> known,
                   FindSeriesId(view, info.key));
  SeriesId id = 0;
  if (known) {
    id = *known;
    RETURN_IF_ERROR(UpdateSeries(view, id, info, context_.recorded_at, out));
  } else {
    id = AddOwn(source, info, out);
  }
  ASSIGN_OR_RETURN(const Applied applied,
                   ApplyUpdates(view, id, std::move(updates), context_, out));
  if (applied.changed > 0) changed->push_back(id);
  return applied.changed;
}

absl::StatusOr<int64_t> ContestedSeries::MergeFrom(const View& view,
                                                   WriteBatch* out) const {
  ASSIGN_OR_RETURN(const std::vector<SeriesEntry> own,
                   OwnSeriesOf(view, info_.key));
  std::vector<SourceHistory> sources;
  for (const SeriesEntry& entry : own) {
    SourceHistory& source = sources.emplace_back();
    source.source =
        std::string(entry.info.key.labels.Get(series::kSourceLabel));
    ASSIGN_OR_RETURN(source.precedence, PrecedenceOf(view, source.source));
    ASSIGN_OR_RETURN(source.vintages, ReadAllVintages(view, entry.id));
  }
  NoteClash(sources, info_.key, out);
  ASSIGN_OR_RETURN(const std::vector<StoredVintage> read,
                   ReadAllVintages(view, stored_.series));
  const std::vector<VintageUpdate> merged = Merge(info_, read, sources);
  if (merged.empty()) return 0;
  std::vector<const VintageUpdate*> pointers;
  for (const VintageUpdate& update : merged) pointers.push_back(&update);
  ASSIGN_OR_RETURN(const Applied applied,
                   ApplyUpdates(present_, stored_.series, std::move(pointers),
                                context_, out));
  return applied.changed;
}

}  // namespace headway::store
