#include "daemon/ingest/sandbox/directory_size.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace headway::ingest {

bool HoldsMoreThan(const std::string& directory, int64_t bytes, int64_t files) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator entries(
      directory, fs::directory_options::skip_permission_denied, error);
  for (; !error && entries != fs::recursive_directory_iterator();
       entries.increment(error)) {
    struct stat info;
    if (::lstat(entries->path().c_str(), &info) != 0) continue;
    // A file with holes takes less than its size.
    bytes -= int64_t{info.st_blocks} * 512;
    if (bytes < 0 || --files < 0) return true;
  }
  return false;
}

}  // namespace headway::ingest
