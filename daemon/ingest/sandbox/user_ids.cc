#include "daemon/ingest/sandbox/user_ids.h"

#include "absl/strings/str_cat.h"

namespace headway::ingest {

absl::StatusOr<UserIds::Lease> UserIds::Take() {
  absl::MutexLock lock(&mutex_);
  for (size_t tried = 0; tried < taken_.size(); ++tried) {
    const size_t index = next_;
    next_ = (next_ + 1) % taken_.size();
    if (taken_[index]) continue;
    taken_[index] = true;
    return Lease(this, first_ + static_cast<uid_t>(index));
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("all ", taken_.size(),
                   " user ids of plugins are in use; raise plugin_user_count "
                   "in the daemon's configuration"));
}

void UserIds::Return(uid_t id) {
  absl::MutexLock lock(&mutex_);
  taken_[id - first_] = false;
}

}  // namespace headway::ingest
