// The records of operations in the store.
//
// An operation is a headway.v1.Operation in a record of RecordKind::kRuns. Its
// name is operations/NUMBER; numbers rise from 1, and are in the key with
// leading zeros, so that keys sort as numbers do.
//
// Thread-safe. Errors are those of the store.
#ifndef HEADWAY_DAEMON_OPERATIONS_OPERATION_LOG_H_
#define HEADWAY_DAEMON_OPERATIONS_OPERATION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/store/store.h"
#include "headway/v1/operation.pb.h"

namespace headway::operations {

std::string FormatOperationName(int64_t number);
// INVALID_ARGUMENT if it is not operations/NUMBER.
absl::StatusOr<int64_t> ParseOperationName(absl::string_view name);

class OperationLog {
 public:
  // `store` must outlive the log.
  explicit OperationLog(store::Store* store) : store_(*store) {}

  // Writes these and deletes those, all or nothing.
  absl::Status Write(absl::Span<const v1::Operation> operations,
                     absl::Span<const int64_t> dropped);

  // NOT_FOUND if there is none. One whose record is damaged is FAILED, and its
  // error says so.
  absl::StatusOr<v1::Operation> Get(int64_t number) const;

  // Newest first, those below `before`, at most `limit`.
  absl::StatusOr<std::vector<v1::Operation>> ListBefore(
      const store::Reader& reader, int64_t before, size_t limit) const;

  std::unique_ptr<store::Reader> NewReader() const {
    return store_.NewReader();
  }

 private:
  store::Store& store_;
};

}  // namespace headway::operations

#endif  // HEADWAY_DAEMON_OPERATIONS_OPERATION_LOG_H_
