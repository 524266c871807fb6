// Ids of users that exist nowhere but in running plugins: where the daemon is
// root, each plugin runs as one of its own. So files are closed to it as to any
// stranger, and the kernel counts its processes apart.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_USER_IDS_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_USER_IDS_H_

#include <sys/types.h>

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace headway::ingest {

class UserIds {
 public:
  // Gives the id back when it is destroyed.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Lease() {
      if (owner_ != nullptr) owner_->Return(id_);
    }

    bool is_held() const { return owner_ != nullptr; }
    uid_t id() const { return id_; }

   private:
    friend class UserIds;
    Lease(UserIds* owner, uid_t id) : owner_(owner), id_(id) {}

    UserIds* owner_ = nullptr;
    uid_t id_ = 0;
  };

  UserIds(uid_t first, int count)
      : first_(first), taken_(static_cast<size_t>(count)) {}

  // RESOURCE_EXHAUSTED if all are taken.
  absl::StatusOr<Lease> Take();

 private:
  void Return(uid_t id);

  const uid_t first_;
  absl::Mutex mutex_;
  // Goes round, so that what an id left behind somewhere is not soon another's.
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<bool> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_USER_IDS_H_
