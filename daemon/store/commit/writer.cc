#include "daemon/store/commit/writer.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/parallel_for.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/unit.h"
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
  ASSIGN_OR_RETURN(
      Applied applied,
      ApplyUpdates(present, series->id, std::move(updates), context, out));
  // Behind all vintages, all that the update says holds.
  series->settled.reset();
  if (update && update->known_at >= applied.newest_known_at) {
    series->settled = update;
  }
  return applied.changed;
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

  std::vector<Group> groups = GroupBySeries(batch);
  for (Group& group : groups) {
    RETURN_IF_ERROR(Describe(present, &group, out));
  }
  ApplyAll(context, present, options_, absl::MakeSpan(groups), out);
  CommitResult result;
  for (Group& group : groups) {
    RETURN_IF_ERROR(group.status);
    if (group.changed > 0) result.changed_series.push_back(group.series.id);
    result.changed_observations += group.changed;
    pending_.series.emplace_back(std::move(group.key), group.series);
  }
  std::sort(result.changed_series.begin(), result.changed_series.end());
  result.touched_series = !out->empty();
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    WriteCheckpoint(checkpoint, out);
  }
  for (const Record& record : batch.records) WriteRecord(record, out);
  for (const RecordPrecondition& precondition : batch.preconditions) {
    RequireRecord(precondition, out);
  }
  result.commit = out->empty() ? last_commit_ : context.commit;
  if (!out->empty()) {
    WriteCommit(context.commit,
                {context.recorded_at, batch.provenance, result.changed_series},
                out);
  }
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

absl::Status CommitWriter::Describe(const View& present, Group* group,
                                    WriteBatch* out) {
  const std::string description = EncodeSeriesInfo(*group->info);
  const uint64_t hash = HashText(description);
  if (const CachedSeries* cached = cache_.Find(group->key)) {
    group->series = *cached;
    if (cached->description == hash) return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckDescription(*group->info));
  group->series.description = hash;
  ASSIGN_OR_RETURN(std::optional<SeriesId> known,
                   FindSeriesId(present, group->info->key));
  if (known) {
    group->series.id = *known;
    return UpdateSeries(present, *known, description, out);
  }
  group->series.id = ++pending_.last_series;
  AddSeries(group->series.id, group->info->key, description, out);
  return absl::OkStatus();
}

void CommitWriter::ApplyAll(const CommitContext& context, const View& present,
                            const StoreOptions& options,
                            absl::Span<Group> groups, WriteBatch* out) {
  auto apply = [&](Group* group, WriteBatch* target) {
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
