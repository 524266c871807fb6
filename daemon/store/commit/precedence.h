// Whose word is read where several sources write one series, and where they
// disagree without one going before the other.
//
// Both are records of RecordKind::kState, so that a backup keeps them.
// Functions over a view; errors are those of the engine.
#ifndef HEADWAY_DAEMON_STORE_COMMIT_PRECEDENCE_H_
#define HEADWAY_DAEMON_STORE_COMMIT_PRECEDENCE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/write_batch.h"

namespace headway::store {

// 0 unless it was set. Of corrections by hand, more than any other has.
absl::StatusOr<int64_t> PrecedenceOf(const View& view,
                                     absl::string_view source);
void WritePrecedence(absl::string_view source, int64_t precedence,
                     WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_COMMIT_PRECEDENCE_H_
