#include "daemon/ingest/pull/assembler.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/pull/members.h"
#include "daemon/ingest/pull/series_count.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;
using series::SeriesInfo;
using series::SeriesKey;

}  // namespace

Assembler::Assembler(store::Provenance provenance, int64_t max_series,
                     Clock* clock, const store::Store* store, BatchSink* sink)
    : provenance_(std::move(provenance)),
      max_series_(max_series),
      clock_(clock),
      store_(store),
      sink_(sink) {}

absl::Status Assembler::Handle(const PluginMessage& message) {
  switch (message.message_case()) {
    case PluginMessage::kSeries:
      return Define(message.series());
    case PluginMessage::kObservations:
      return Add(message.observations());
    case PluginMessage::kCheckpoint:
      return Commit(message.checkpoint());
    default:
      return absl::InternalError(
          "read answers with series, observations and checkpoints, and this "
          "is none of them");
  }
}

absl::Status Assembler::Define(const plugin::v1::SeriesDefinition& definition) {
  ASSIGN_OR_RETURN(SeriesInfo info, ToSeriesInfo(definition));
  const std::string& id = definition.id();
  if (auto known = series_by_id_.find(id); known != series_by_id_.end()) {
    if (series_[known->second] == info) return absl::OkStatus();
    return absl::InternalError(absl::StrCat(
        "series ", Quote(id), " is defined twice, and differently"));
  }
  if (static_cast<int64_t>(series_.size()) >= max_series_) {
    return absl::InternalError(absl::StrCat(
        "series ", Quote(id), " is one more than the ", max_series_,
        " series the source is allowed; see that no label holds a value that "
        "is new at every read, or raise max_series in the source's limits"));
  }
  const auto [other, is_new] = ids_by_key_.emplace(info.key, id);
  if (!is_new) {
    return absl::InternalError(absl::StrCat(
        "series ", Quote(id), " and ", Quote(other->second), " are both ",
        series::FormatSeriesKey(info.key), "; tell them apart by a label"));
  }
  series_by_id_.emplace(id, series_.size());
  series_.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status Assembler::Add(const plugin::v1::ObservationBatch& message) {
  const auto known = series_by_id_.find(message.series());
  if (known == series_by_id_.end()) {
    std::vector<std::string> ids;
    for (const auto& [id, index] : series_by_id_) ids.push_back(id);
    return absl::InternalError(absl::StrCat(
        "observations of series ", Quote(message.series()),
        ", which is not defined", DidYouMean(message.series(), ids),
        "; send its definition first"));
  }
  ASSIGN_OR_RETURN(CheckedBatch batch,
                   CheckBatch(message, series_[known->second], clock_->Now()));
  pending_observations_ += static_cast<int64_t>(batch.ordinals.size());
  pending_.push_back({known->second, std::move(batch)});
  return absl::OkStatus();
}

absl::Status Assembler::AppendUpdates(
    PendingBatch& pending, absl::Time now,
    std::vector<store::VintageUpdate>& updates) {
  const SeriesInfo& info = series_[pending.series];
  if (info.vintage_kind == series::VintageKind::kAssumed) {
    auto assumed = assumed_.find(pending.series);
    if (assumed == assumed_.end()) {
      ASSIGN_OR_RETURN(const StoredHistory stored,
                       sink_->StoredVintages(info.key));
      assumed = assumed_.emplace(pending.series, AssumedVintages(stored)).first;
    }
    for (store::VintageUpdate& update :
         assumed->second.Apply(pending.batch, info, now)) {
      updates.push_back(std::move(update));
    }
    return absl::OkStatus();
  }
  store::VintageUpdate update;
  update.info = info;
  update.known_at = pending.batch.known_at.value_or(now);
  update.ordinals = std::move(pending.batch.ordinals);
  update.values = std::move(pending.batch.values);
  update.statuses = std::move(pending.batch.statuses);
  update.withdrawn = std::move(pending.batch.withdrawn);
  update.snapshot = pending.batch.snapshot;
  updates.push_back(std::move(update));
  return absl::OkStatus();
}

absl::Status Assembler::UpdateMembership(absl::string_view stream,
                                         bool complete, absl::Time known_at,
                                         const store::Reader& reader,
                                         store::Batch& batch) const {
  const std::string prefix = MemberPrefix(provenance_.source, stream);
  std::set<std::string> delivered;
  std::vector<const SeriesKey*> added;
  for (const PendingBatch& pending : pending_) {
    const SeriesKey& key = series_[pending.series].key;
    std::string name = absl::StrCat(prefix, MemberName(key));
    if (!delivered.insert(name).second) continue;
    ASSIGN_OR_RETURN(const std::optional<std::string> known,
                     reader.FindRecord(store::RecordKind::kState, name));
    if (known) continue;
    added.push_back(&key);
    batch.records.push_back(
        {store::RecordKind::kState, std::move(name), SerializeMember(key)});
  }
  RETURN_IF_ERROR(CountSeries(added, reader, batch));
  if (!complete) return absl::OkStatus();
  // Only a whole stream is worth a look at all of its members.
  ASSIGN_OR_RETURN(const auto members,
                   reader.ScanRecords(store::RecordKind::kState, prefix));
  for (const auto& [name, record] : members) {
    if (delivered.contains(name)) continue;
    ASSIGN_OR_RETURN(auto withdrawal,
                     Withdrawal(record, name, known_at, reader));
    if (withdrawal) batch.updates.push_back(*std::move(withdrawal));
    batch.records.push_back({store::RecordKind::kState, name, std::nullopt});
  }
  return absl::OkStatus();
}

absl::Status Assembler::CountSeries(const std::vector<const SeriesKey*>& added,
                                    const store::Reader& reader,
                                    store::Batch& batch) const {
  std::vector<const SeriesKey*> fresh;
  for (const SeriesKey* key : added) {
    const absl::Status found = reader.FindSeries(*key).status();
    if (absl::IsNotFound(found)) {
      fresh.push_back(key);
    } else {
      RETURN_IF_ERROR(found);
    }
  }
  if (fresh.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t before,
                   ReadSeriesCount(provenance_.source,
                                   MemberPrefix(provenance_.source), reader));
  const int64_t count = before + static_cast<int64_t>(fresh.size());
  if (count > max_series_) {
    return absl::InternalError(absl::StrCat(
        "with ", fresh.size(), " new series, such as ",
        series::FormatSeriesKey(*fresh.front()),
        ", the source would have delivered ", count, ", more than the ",
        max_series_,
        " it is allowed; see that no label holds a value that is new at every "
        "read, or raise max_series in the source's limits"));
  }
  batch.records.push_back(SeriesCountRecord(provenance_.source, count));
  return absl::OkStatus();
}

absl::Status Assembler::Commit(const plugin::v1::Checkpoint& checkpoint) {
  ASSIGN_OR_RETURN(const absl::Time now,
                   sink_->TimeOfRead(checkpoint.stream()));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> known_at,
                   CheckCheckpoint(checkpoint, now));
  store::Batch batch;
  batch.provenance = provenance_;
  batch.checkpoints.push_back(
      {provenance_.source, checkpoint.stream(), checkpoint.state()});
  std::unique_ptr<store::Reader> reader = store_->NewReader();
  batch.updates.reserve(pending_.size());
  for (PendingBatch& pending : pending_) {
    RETURN_IF_ERROR(AppendUpdates(pending, now, batch.updates));
  }
  RETURN_IF_ERROR(UpdateMembership(checkpoint.stream(), checkpoint.complete(),
                                   known_at.value_or(now), *reader, batch));
  absl::StatusOr<store::CommitResult> result = sink_->Commit(
      std::move(batch),
      {checkpoint.complete(), known_at.value_or(now), pending_observations_});
  if (!result.ok()) return Annotate(result.status(), "cannot be stored");

  ++checkpoints_;
  for (const PendingBatch& pending : pending_) {
    committed_series_.insert(pending.series);
  }
  observations_read_ += pending_observations_;
  observations_changed_ += result->changed_observations;
  changed_series_.insert(result->changed_series.begin(),
                         result->changed_series.end());
  pending_.clear();
  pending_observations_ = 0;
  assumed_.clear();
  return absl::OkStatus();
}

absl::Status Assembler::Finish() const {
  if (pending_.empty() || checkpoints_ > 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "it delivered ", pending_observations_,
      " observations and no checkpoint, so nothing was stored; send a "
      "checkpoint after the last batch"));
}

}  // namespace headway::ingest
