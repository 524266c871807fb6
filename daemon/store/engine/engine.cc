#include "daemon/store/engine/engine.h"

#include "daemon/base/status_macros.h"

namespace headway::store {

absl::StatusOr<std::optional<std::string>> View::Get(
    Family family, absl::string_view key) const {
  PinnedValue value;
  ASSIGN_OR_RETURN(bool is_there, Get(family, key, &value));
  if (!is_there) return std::optional<std::string>();
  return std::optional<std::string>(std::string(value.bytes));
}

absl::Status Engine::Write(const WriteBatch& batch) {
  RETURN_IF_ERROR(Append(batch));
  return Sync();
}

}  // namespace headway::store
