// A directory that only the daemon's user may look into, removed with all in it
// on destruction. Lies in TMPDIR, or /tmp.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_PRIVATE_DIRECTORY_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_PRIVATE_DIRECTORY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace headway::ingest {

class PrivateDirectory {
 public:
  // INTERNAL if it cannot be made.
  static absl::StatusOr<PrivateDirectory> Create();

  PrivateDirectory(PrivateDirectory&& other) noexcept
      : path_(std::exchange(other.path_, std::string())) {}
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  ~PrivateDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit PrivateDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_PRIVATE_DIRECTORY_H_
