#include "daemon/store/commit/writer.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/parallel_for.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/unit.h"
#include "daemon/store/commit/contested.h"
#include "daemon/store/commit/precedence.h"
#include "daemon/store/engine/overlay_view.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/records.h"
#include "daemon/store/history/timeline.h"

namespace headway::store {
namespace {

// Worth the call of another thread.
constexpr size_t kSeriesPerChunk = 128;

// HashContent leaves nothing of it out.
bool IsPlain(const VintageUpdate& update) {
  return update.restated.empty() && !update.covers;
}

// Fits the updates of one series in, unless it can be told without a read that
// they change nothing. Returns how many observations they change.
absl::StatusOr<int64_t> Apply(std::vector<const VintageUpdate*> updates,
                              const CommitContext& context, const View& present,
                              CachedSeries* series, WriteBatch* out) {
  std::optional<SettledUpdate> update;
  if (updates.size() == 1 && IsPlain(*updates.front())) {
    update = SettledUpdate{HashContent(*updates.front()),
                           absl::ToUnixMicros(updates.front()->known_at)};
    if (series->settled && series->settled->content == update->content &&
        series->settled->known_at <= update->known_at) {
      return 0;
    }
  }
  ASSIGN_OR_RETURN(Applied applied,
                   ApplyUpdates(present, series->stored.series,
                                std::move(updates), context, out));
  // Behind all vintages, all that the update says holds.
  series->settled.reset();
  if (update && update->known_at >= applied.newest_known_at) {
    series->settled = update;
  }
  return applied.changed;
}

const std::string& SourceOf(const VintageUpdate& update, const Batch& batch) {
  return update.source ? *update.source : batch.provenance.source;
}

// Whether the description can be read back: a product of units may be longer
// than any text that can. Slow, so descriptions in the store are not checked
// again.
absl::Status CheckDescription(const series::SeriesInfo& info) {
  return Annotate(series::Unit::Parse(info.unit.ToString()).status(),
                  absl::StrCat("series ", series::FormatSeriesKey(info.key)));
}

}  // namespace

CommitWriter::CommitWriter(Clock* clock, const StoreOptions& options)
    : clock_(clock), options_(options), cache_(options.series_cache_size) {}

absl::StatusOr<CommitWriter> CommitWriter::Create(const View& view,
                                                  Clock* clock,
                                                  const StoreOptions& options) {
  CommitWriter writer(clock, options);
  ASSIGN_OR_RETURN(writer.last_series_, LastSeriesId(view));
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(view));
  writer.last_commit_ = last.first;
  if (last.first > 0) writer.last_recorded_at_ = last.second.recorded_at;
  return writer;
}

absl::Time CommitWriter::last_recorded_at() const {
  return last_commit_ == 0 ? absl::InfinitePast()
                           : absl::FromUnixMicros(last_recorded_at_);
}

std::vector<CommitWriter::Group> CommitWriter::GroupBySeries(
    const Batch& batch) {
  std::vector<Group> groups;
  groups.reserve(batch.updates.size());
  absl::flat_hash_map<std::string, size_t> index;
  index.reserve(batch.updates.size());
  for (const VintageUpdate& update : batch.updates) {
    std::string key = EncodeOrderedKey(update.info.key);
    auto [it, is_new] = index.try_emplace(key, groups.size());
    if (is_new) groups.emplace_back().key = std::move(key);
    groups[it->second].info = &update.info;
    groups[it->second].updates.push_back(&update);
  }
  return groups;
}

absl::StatusOr<CommitResult> CommitWriter::Prepare(const Batch& batch,
                                                   const View& present,
                                                   WriteBatch* out) {
  CommitContext context;
  context.commit = last_commit_ + 1;
  context.full_block_interval = options_.full_block_interval;
  // Strictly rising, whatever the clock does: it is part of the blocks' keys.
  context.recorded_at =
      std::max(absl::ToUnixMicros(clock_->Now()), last_recorded_at_ + 1);
  pending_ = {context.commit, last_series_, context.recorded_at, {}};

  WriteBatch precedences;
  std::vector<std::string> moved;
  for (const auto& [source, precedence] : batch.precedences) {
    ASSIGN_OR_RETURN(const int64_t stood, PrecedenceOf(present, source));
    if (stood == precedence) continue;
    WritePrecedence(source, precedence, &precedences);
    moved.push_back(source);
  }
  const OverlayView view(present, precedences);
  std::vector<Group> groups = GroupBySeries(batch);
  for (Group& group : groups) {
    RETURN_IF_ERROR(Find(present, batch, &group, out));
  }
  RETURN_IF_ERROR(MarkContested(present, &groups, out));
  for (Group& group : groups) {
    ASSIGN_OR_RETURN(group.contested,
                     IsContested(context, present, batch, &group));
    RETURN_IF_ERROR(Describe(view, batch, &group, out));
  }
  ApplyAll(context, present, options_, absl::MakeSpan(groups), out);
  CommitResult result;
  std::vector<SeriesId> own_changed;
  for (Group& group : groups) {
    if (group.contested) {
      RETURN_IF_ERROR(ApplyContested(context, view, batch,
                                     /*merge=*/!moved.empty(), &group,
                                     &own_changed, out));
    }
    RETURN_IF_ERROR(group.status);
    StoredKey& stored = group.series.stored;
    if (stored.imported && !group.is_verbatim &&
        (group.contested || group.changed > 0)) {
      stored.imported = false;
      UpdateOwner(stored, group.info->key, out);
    }
    const SeriesId id = group.series.stored.series;
    if (group.changed > 0) result.changed_series.push_back(id);
    result.changed_observations += group.changed;
    pending_.series.emplace_back(std::move(group.key), group.series);
  }
  RETURN_IF_ERROR(MergeAgain(context, view, moved, groups, &result, out));
  std::sort(result.changed_series.begin(), result.changed_series.end());
  result.kind = out->empty() ? CommitKind::kRecords : CommitKind::kSeries;
  out->Append(precedences);
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    WriteCheckpoint(checkpoint, out);
  }
  for (const Record& record : batch.records) WriteRecord(record, out);
  for (const RecordPrecondition& precondition : batch.preconditions) {
    RequireRecord(precondition, out);
  }
  result.commit = out->empty() ? last_commit_ : context.commit;
  if (out->empty()) return result;
  own_changed.insert(own_changed.end(), result.changed_series.begin(),
                     result.changed_series.end());
  std::sort(own_changed.begin(), own_changed.end());
  WriteCommit(context.commit,
              {context.recorded_at, batch.provenance, std::move(own_changed)},
              out);
  return result;
}

void CommitWriter::Accept() {
  last_commit_ = pending_.commit;
  last_series_ = pending_.last_series;
  last_recorded_at_ = pending_.recorded_at;
  for (const auto& [key, series] : pending_.series) {
    cache_.Put(key, series);
  }
  pending_.series.clear();
}

absl::Status CommitWriter::Find(const View& present, const Batch& batch,
                                Group* group, WriteBatch* out) {
  for (const VintageUpdate* update : group->updates) {
    if (update->info.unit == group->info->unit) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "series ", series::FormatSeriesKey(group->info->key),
        ": a batch has it in \"", update->info.unit.ToString(), "\" and in \"",
        group->info->unit.ToString(), "\"; convert one of them"));
  }
  group->description = HashText(EncodeSeriesInfo(*group->info));
  if (const CachedSeries* cached = cache_.Find(group->key)) {
    group->series = *cached;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::optional<StoredKey> known,
                   FindStoredKey(present, group->info->key));
  if (!known) {
    RETURN_IF_ERROR(CheckDescription(*group->info));
    group->series.description = group->description;
    const VintageUpdate& update = *group->updates.front();
    StoredKey& stored = group->series.stored;
    stored = {++pending_.last_series, SourceOf(update, batch), false};
    if (update.imported == Import::kVerbatim) {
      ASSIGN_OR_RETURN(const std::vector<SeriesEntry> own,
                       OwnSeriesOf(present, group->info->key));
      stored.contested = !own.empty();
      stored.imported = true;
    }
    AddSeries(stored, *group->info, out);
    return absl::OkStatus();
  }
  if (!known->owner) {
    ASSIGN_OR_RETURN(known->owner, NewestSource(present, known->series));
  }
  group->series.stored = *std::move(known);
  return absl::OkStatus();
}

absl::Status CommitWriter::MarkContested(const View& present,
                                         std::vector<Group>* groups,
                                         WriteBatch* out) {
  for (const Group& group : *groups) {
    if (!group.info->key.labels.Has(series::kSourceLabel)) continue;
    series::SeriesKey read = group.info->key;
    read.labels = read.labels.Without({std::string(series::kSourceLabel)});
    const std::string key = EncodeOrderedKey(read);
    const auto beside =
        std::find_if(groups->begin(), groups->end(),
                     [&](const Group& other) { return other.key == key; });
    if (beside != groups->end()) {
      beside->series.stored.contested = true;
      UpdateOwner(beside->series.stored, read, out);
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<StoredKey> stored,
                     FindStoredKey(present, read));
    if (!stored || stored->contested) continue;
    if (!stored->owner) stored->owner = "";
    stored->contested = true;
    UpdateOwner(*stored, read, out);
    pending_.series.emplace_back(key, CachedSeries{*std::move(stored), 0, {}});
  }
  return absl::OkStatus();
}

// The source whose word goes first describes the series.
absl::Status CommitWriter::Describe(const View& present, const Batch& batch,
                                    Group* group, WriteBatch* out) {
  CachedSeries& series = group->series;
  if (series.description == group->description) return absl::OkStatus();
  RETURN_IF_ERROR(CheckDescription(*group->info));
  const std::string& source = SourceOf(*group->updates.back(), batch);
  if (group->contested && source != *series.stored.owner) {
    ASSIGN_OR_RETURN(const int64_t own, PrecedenceOf(present, source));
    ASSIGN_OR_RETURN(const int64_t stands,
                     PrecedenceOf(present, *series.stored.owner));
    if (own <= stands || IsByHand(source)) {
      return CheckUnit(present, series.stored.series, *group->info);
    }
    series.stored.owner = source;
    UpdateOwner(series.stored, group->info->key, out);
  }
  series.description = group->description;
  return UpdateSeries(present, series.stored.series, *group->info,
                      pending_.recorded_at, out);
}

absl::StatusOr<bool> CommitWriter::IsContested(const CommitContext& context,
                                               const View& present,
                                               const Batch& batch,
                                               Group* group) {
  const StoredKey& stored = group->series.stored;
  bool is_merge = true;
  bool is_verbatim = true;
  bool is_owner = true;
  bool is_own_series = false;
  for (const VintageUpdate* update : group->updates) {
    is_merge &= update->imported == Import::kMerge;
    is_verbatim &= update->imported == Import::kVerbatim;
    is_owner &= SourceOf(*update, batch) == *stored.owner;
    is_own_series |= update->source.has_value();
  }
  group->is_verbatim = is_verbatim;
  if (is_verbatim || (is_owner && !stored.contested)) return false;
  if (!is_merge || is_own_series) return true;
  // It may say nothing that is not there. Of a contested series an export has
  // what is read, too, which nobody said.
  WriteBatch unused;
  ASSIGN_OR_RETURN(
      const Applied applied,
      ApplyUpdates(present, stored.series, group->updates, context, &unused));
  group->is_no_news = applied.changed == 0;
  return !group->is_no_news;
}

absl::Status CommitWriter::ApplyContested(const CommitContext& context,
                                          const View& present,
                                          const Batch& batch, bool merge,
                                          Group* group,
                                          std::vector<SeriesId>* own_changed,
                                          WriteBatch* out) {
  ContestedSeries::Sayings sayings;
  for (const VintageUpdate* update : group->updates) {
    sayings[SourceOf(*update, batch)].push_back(update);
  }
  group->series.settled.reset();
  ContestedSeries series(present, context, *group->info, &group->series.stored,
                         [this] { return ++pending_.last_series; });
  ASSIGN_OR_RETURN(group->changed,
                   series.Apply(sayings, merge, own_changed, out));
  return absl::OkStatus();
}

absl::Status CommitWriter::MergeAgain(const CommitContext& context,
                                      const View& present,
                                      const std::vector<std::string>& sources,
                                      const std::vector<Group>& groups,
                                      CommitResult* result, WriteBatch* out) {
  std::set<series::SeriesKey> keys;
  for (const std::string& source : sources) {
    ASSIGN_OR_RETURN(const std::vector<SeriesEntry> own,
                     OwnSeriesBy(present, source));
    for (const SeriesEntry& entry : own) {
      series::SeriesKey key = entry.info.key;
      key.labels = key.labels.Without({std::string(series::kSourceLabel)});
      keys.insert(std::move(key));
    }
  }
  // Those were merged with the new ones already.
  for (const Group& group : groups) keys.erase(group.info->key);
  for (const series::SeriesKey& key : keys) {
    ASSIGN_OR_RETURN(std::optional<StoredKey> stored,
                     FindStoredKey(present, key));
    if (!stored) continue;
    ASSIGN_OR_RETURN(const SeriesEntry entry,
                     GetSeries(present, stored->series));
    ContestedSeries series(present, context, entry.info, &*stored, nullptr);
    ASSIGN_OR_RETURN(const int64_t changed, series.MergeAgain(out));
    if (changed == 0) continue;
    result->changed_series.push_back(stored->series);
    result->changed_observations += changed;
  }
  return absl::OkStatus();
}

void CommitWriter::ApplyAll(const CommitContext& context, const View& present,
                            const StoreOptions& options,
                            absl::Span<Group> groups, WriteBatch* out) {
  auto apply = [&](Group* group, WriteBatch* target) {
    if (group->contested || group->is_no_news) return;
    absl::StatusOr<int64_t> changed = Apply(std::move(group->updates), context,
                                            present, &group->series, target);
    group->status = changed.status();
    group->changed = changed.value_or(0);
  };
  const size_t chunks = (groups.size() + kSeriesPerChunk - 1) / kSeriesPerChunk;
  if (options.commit_threads == 1 || chunks < 2) {
    for (Group& group : groups) apply(&group, out);
    return;
  }
  std::vector<WriteBatch> parts(chunks);
  ParallelFor(options.pool, options.commit_threads, chunks, [&](size_t i) {
    for (Group& group : groups.subspan(i * kSeriesPerChunk, kSeriesPerChunk)) {
      apply(&group, &parts[i]);
    }
  });
  // In the order of the batch, so that the same batch writes the same bytes.
  for (const WriteBatch& part : parts) out->Append(part);
}

}  // namespace headway::store
