#include "daemon/store/commit_writer.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/batch_check.h"
#include "daemon/store/catalogue.h"
#include "daemon/store/commit_log.h"
#include "daemon/store/records.h"

namespace headway::store {
namespace {

// Says nothing that HashContent leaves out.
bool IsPlain(const VintageUpdate& update) {
  return update.restated.empty() && !update.covers;
}

}  // namespace

CommitWriter::CommitWriter(Clock* clock, const Store::Options& options)
    : clock_(clock),
      full_block_interval_(options.full_block_interval),
      cache_(options.series_cache_size) {}

absl::StatusOr<CommitWriter> CommitWriter::Create(
    const RocksView& view, Clock* clock, const Store::Options& options) {
  CommitWriter writer(clock, options);
  ASSIGN_OR_RETURN(writer.last_series_, LastSeriesId(view));
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(view));
  writer.last_commit_ = last.first;
  if (last.first > 0) writer.last_recorded_at_ = last.second.recorded_at;
  return writer;
}

std::vector<CommitWriter::Group> CommitWriter::GroupBySeries(
    const Batch& batch) {
  std::vector<Group> groups;
  absl::flat_hash_map<std::string, size_t> index;
  for (const VintageUpdate& update : batch.updates) {
    std::string key = EncodeOrderedKey(update.info.key);
    auto [it, is_new] = index.try_emplace(key, groups.size());
    if (is_new) groups.push_back({std::move(key), nullptr, {}});
    groups[it->second].info = &update.info;
    groups[it->second].updates.push_back(&update);
  }
  return groups;
}

absl::StatusOr<CommitResult> CommitWriter::Prepare(const Batch& batch,
                                                   const RocksView& present,
                                                   RocksBatch* out) {
  CommitContext context;
  context.commit = last_commit_ + 1;
  context.full_block_interval = full_block_interval_;
  // Strictly rising, whatever the clock does: it is part of the blocks' keys.
  context.recorded_at =
      std::max(absl::ToUnixMicros(clock_->Now()), last_recorded_at_ + 1);
  pending_ = {context.commit, last_series_, context.recorded_at, {}};

  CommitResult result;
  for (Group& group : GroupBySeries(batch)) {
    SeriesId id = 0;
    ASSIGN_OR_RETURN(int64_t changed, PrepareSeries(std::move(group), context,
                                                    present, &id, out));
    if (changed > 0) result.changed_series.push_back(id);
    result.changed_observations += changed;
  }
  std::sort(result.changed_series.begin(), result.changed_series.end());
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    WriteCheckpoint(checkpoint, out);
  }
  for (const Record& record : batch.records) WriteRecord(record, out);
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
  for (auto& [key, series] : pending_.series) {
    cache_.Put(std::move(key), series);
  }
  pending_.series.clear();
}

absl::StatusOr<int64_t> CommitWriter::PrepareSeries(
    Group group, const CommitContext& context, const RocksView& present,
    SeriesId* id, RocksBatch* out) {
  ASSIGN_OR_RETURN(CachedSeries series, Describe(group, present, out));
  *id = series.id;
  std::optional<SettledUpdate> update;
  if (group.updates.size() == 1 && IsPlain(*group.updates.front())) {
    update = SettledUpdate{HashContent(*group.updates.front()),
                           absl::ToUnixMicros(group.updates.front()->known_at)};
    if (series.settled && series.settled->content == update->content &&
        series.settled->known_at <= update->known_at) {
      return 0;
    }
  }
  ASSIGN_OR_RETURN(
      Applied applied,
      ApplyUpdates(present, series.id, std::move(group.updates), context, out));
  // Behind all vintages, all that the update says holds.
  series.settled.reset();
  if (update && update->known_at >= applied.newest_known_at) {
    series.settled = update;
  }
  pending_.series.emplace_back(std::move(group.key), series);
  return applied.changed;
}

absl::StatusOr<CachedSeries> CommitWriter::Describe(const Group& group,
                                                    const RocksView& present,
                                                    RocksBatch* out) {
  const std::string description = EncodeSeriesInfo(*group.info);
  const uint64_t hash = HashText(description);
  if (const CachedSeries* cached = cache_.Find(group.key)) {
    if (cached->description == hash) return *cached;
  }
  RETURN_IF_ERROR(CheckDescription(*group.info));
  CachedSeries series;
  series.description = hash;
  ASSIGN_OR_RETURN(std::optional<SeriesId> known,
                   FindSeriesId(present, group.info->key));
  if (known) {
    series.id = *known;
    RETURN_IF_ERROR(UpdateSeries(present, series.id, description, out));
  } else {
    series.id = ++pending_.last_series;
    AddSeries(series.id, group.info->key, description, out);
  }
  return series;
}

}  // namespace headway::store
