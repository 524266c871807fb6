#include "tools/headway/input/files.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

namespace headway::cli {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"),
                                             std::fclose);
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  std::string text;
  char buffer[1 << 16];
  while (const size_t count =
             std::fread(buffer, 1, sizeof(buffer), file.get())) {
    text.append(buffer, count);
  }
  if (std::ferror(file.get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  return text;
}

absl::Status WriteFile(const std::string& path, absl::string_view content) {
  const auto failed = [&path] {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  };
  FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return failed();
  const bool written =
      std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const int write_error = errno;
  // What was buffered may fail only now.
  if (std::fclose(file) != 0) return failed();
  errno = write_error;
  return written ? absl::OkStatus() : failed();
}

}  // namespace headway::cli
