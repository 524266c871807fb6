// What is kept beside the series: checkpoints and the kinds of opaque records.
// Functions over a view; thread-safe; errors are those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_RECORDS_H_
#define HEADWAY_DAEMON_STORE_HISTORY_RECORDS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/types.h"

namespace headway::store {

// These three as Reader has them.
absl::StatusOr<std::vector<Checkpoint>> GetCheckpoints(
    const View& view, absl::string_view source);
absl::StatusOr<std::optional<std::string>> FindRecord(const View& view,
                                                      RecordKind kind,
                                                      absl::string_view key);
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanRecords(
    const View& view, RecordKind kind, absl::string_view prefix,
    absl::string_view after, size_t limit, Order order);

void WriteCheckpoint(const Checkpoint& checkpoint, WriteBatch* batch);
void WriteRecord(const Record& record, WriteBatch* batch);
void RequireRecord(const RecordPrecondition& precondition, WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_RECORDS_H_
