#include "tests/support/temp_directory.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "tests/support/files.h"

namespace headway {

TempDirectory::TempDirectory(Place place) {
  const std::filesystem::path memory = "/dev/shm";
  const bool in_memory =
      place == Place::kMemory && access(memory.c_str(), W_OK) == 0;
  path_ = ((in_memory ? memory : std::filesystem::temp_directory_path()) /
           "headway-test-XXXXXX")
              .string();
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Join(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

TempFile::TempFile(absl::string_view name, absl::string_view content)
    : path_(directory_.Join(name)) {
  WriteFile(path_, content);
}

std::string TempFile::url() const { return absl::StrCat("file://", path_); }

}  // namespace headway
