#include "daemon/health/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::health {
namespace {

absl::StatusOr<rlimit> ReadFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) return limit;
  return absl::InternalError(absl::StrCat(
      "cannot read the limit of open files: ", std::strerror(errno)));
}

}  // namespace

absl::Status RaiseFileLimit() {
  ASSIGN_OR_RETURN(rlimit limit, ReadFileLimit());
  if (limit.rlim_cur == limit.rlim_max) return absl::OkStatus();
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot raise the limit of open files to ", limit.rlim_max,
                   ": ", std::strerror(errno)));
}

absl::StatusOr<FileDescriptors> CountFileDescriptors() {
  ASSIGN_OR_RETURN(const rlimit limit, ReadFileLimit());
  FileDescriptors result;
  result.limit = limit.rlim_cur == RLIM_INFINITY
                     ? std::numeric_limits<int64_t>::max()
                     : static_cast<int64_t>(limit.rlim_cur);
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator();
       it.increment(error)) {
    ++result.open;
  }
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot count the open files of this process in "
                     "/proc/self/fd (",
                     error.message(), "); mount /proc"));
  }
  // One of them was the folder's own.
  result.open = std::max<int64_t>(0, result.open - 1);
  return result;
}

}  // namespace headway::health
