#include "daemon/store/history/records.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/format.h"

namespace headway::store {
namespace {

Family FamilyOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kForecasts:
      return Family::kForecasts;
    case RecordKind::kRuns:
      return Family::kRuns;
    case RecordKind::kScores:
      return Family::kScores;
    case RecordKind::kVerdicts:
      return Family::kVerdicts;
    case RecordKind::kState:
      return Family::kState;
  }
  return Family::kState;
}

}  // namespace

absl::StatusOr<std::vector<Checkpoint>> GetCheckpoints(
    const View& view, absl::string_view source) {
  const std::string prefix = CheckpointPrefix(source);
  std::vector<Checkpoint> checkpoints;
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kCheckpoints, {prefix, PrefixEnd(prefix)});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    checkpoints.push_back({std::string(source),
                           std::string(it->key().substr(prefix.size())),
                           std::string(it->value())});
  }
  RETURN_IF_ERROR(it->status());
  return checkpoints;
}

absl::StatusOr<std::optional<std::string>> FindRecord(const View& view,
                                                      RecordKind kind,
                                                      absl::string_view key) {
  return view.Get(FamilyOf(kind), key);
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanRecords(
    const View& view, RecordKind kind, absl::string_view prefix,
    absl::string_view after, size_t limit, Order order) {
  const bool ascending = order == Order::kAscending;
  std::string lower(prefix);
  std::string upper = PrefixEnd(prefix);
  std::vector<std::pair<std::string, std::string>> records;
  if (!after.empty() && ascending) {
    // The least text greater than `after`.
    std::string beyond(after);
    beyond.push_back('\0');
    lower = std::max(lower, beyond);
  } else if (!after.empty()) {
    upper = upper.empty() ? std::string(after)
                          : std::min(upper, std::string(after));
  }
  if (!upper.empty() && lower >= upper) return records;
  const std::unique_ptr<Cursor> it =
      view.NewCursor(FamilyOf(kind), {lower, upper, !ascending});
  for (it->SeekToFirst(); it->Valid() && records.size() < limit; it->Next()) {
    records.emplace_back(it->key(), it->value());
  }
  RETURN_IF_ERROR(it->status());
  return records;
}

void WriteCheckpoint(const Checkpoint& checkpoint, WriteBatch* batch) {
  batch->Put(
      Family::kCheckpoints,
      absl::StrCat(CheckpointPrefix(checkpoint.source), checkpoint.stream),
      checkpoint.state);
}

void WriteRecord(const Record& record, WriteBatch* batch) {
  if (record.value) {
    batch->Put(FamilyOf(record.kind), record.key, *record.value);
  } else {
    batch->Delete(FamilyOf(record.kind), record.key);
  }
}

void RequireRecord(const RecordPrecondition& precondition, WriteBatch* batch) {
  const Family family = FamilyOf(precondition.kind);
  if (precondition.value) {
    batch->RequireValue(family, precondition.key, *precondition.value);
  } else {
    batch->RequireAbsent(family, precondition.key);
  }
}

}  // namespace headway::store
