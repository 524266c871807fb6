#include "daemon/store/engine/rocks/status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace headway::store {

absl::Status PermissionDenied(const std::string& directory,
                              absl::string_view detail) {
  return absl::PermissionDeniedError(absl::StrCat(
      "store ", directory, ": no permission (", detail,
      "); let the daemon's user read and write it, or choose another "
      "directory with --data-dir"));
}

absl::Status DiskFull(const std::string& directory, absl::string_view detail) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "store ", directory, ": the disk is full (", detail,
      "); free some space on its file system: what was acknowledged is safe, "
      "and commits go on as soon as there is room"));
}

absl::Status Locked(const std::string& directory, absl::string_view detail) {
  return absl::UnavailableError(
      absl::StrCat("store ", directory, ": locked by another process (", detail,
                   "); stop the other daemon, or choose another directory with "
                   "--data-dir"));
}

namespace {

absl::Status IoError(const std::string& directory,
                     const rocksdb::Status& status) {
  const std::string detail = status.ToString();
  if (status.IsNoSpace() || absl::StrContains(detail, "No space left") ||
      absl::StrContains(detail, "Disk quota exceeded")) {
    return DiskFull(directory, detail);
  }
  if (absl::StrContains(detail, "While lock file") ||
      absl::StrContains(detail, "lock hold by current process")) {
    return Locked(directory, detail);
  }
  if (absl::StrContains(detail, "Permission denied") ||
      absl::StrContains(detail, "Read-only file system")) {
    return PermissionDenied(directory, detail);
  }
  if (status.IsPathNotFound()) {
    return absl::NotFoundError(
        absl::StrCat("store ", directory, ": a file is missing (", detail,
                     "); restore the directory from a backup"));
  }
  return absl::InternalError(
      absl::StrCat("store ", directory, ": ", detail,
                   "; look for disk errors in the system's log"));
}

}  // namespace

absl::Status ToStatus(const std::string& directory,
                      const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsIOError()) return IoError(directory, status);
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat(
        "store ", directory, ": a file is corrupt (", status.ToString(),
        "); stop the daemon and restore the directory from a backup"));
  }
  return absl::InternalError(
      absl::StrCat("store ", directory, ": ", status.ToString()));
}

}  // namespace headway::store
