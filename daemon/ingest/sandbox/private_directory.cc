#include "daemon/ingest/sandbox/private_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"

namespace headway::ingest {

absl::StatusOr<PrivateDirectory> PrivateDirectory::Create() {
  std::error_code error;
  const std::filesystem::path base =
      std::filesystem::temp_directory_path(error);
  if (error) {
    return absl::InternalError(absl::StrCat(
        "there is no directory for temporary files (", error.message(),
        "); set TMPDIR to one that can be written"));
  }
  std::string name = (base / "headway-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return absl::InternalError(absl::StrCat(
        "cannot make a directory in ", base.string(), ": ",
        std::strerror(errno), "; set TMPDIR to one that can be written"));
  }
  return PrivateDirectory(std::move(name));
}

PrivateDirectory::~PrivateDirectory() {
  if (path_.empty()) return;
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) {
    Log(LogLevel::kWarning, "cannot remove a private directory",
        {{"path", path_}, {"error", error.message()}});
  }
}

}  // namespace headway::ingest
