// Directories and files of a test's own.
#ifndef HEADWAY_TESTS_SUPPORT_TEMP_DIRECTORY_H_
#define HEADWAY_TESTS_SUPPORT_TEMP_DIRECTORY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway {

// Made empty, and removed with all that is in it when the object is destroyed.
// Aborts when it cannot be made.
class TempDirectory {
 public:
  enum class Place {
    // In memory where there is such a file system: the tests end processes,
    // not the machine, and a synced write to a disk takes milliseconds.
    // Programs may be forbidden to run from there.
    kMemory,
    kDisk,
  };

  explicit TempDirectory(Place place = Place::kMemory);
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  // The path of `name` in the directory.
  std::string Join(absl::string_view name) const;

 private:
  std::string path_;
};

// One file in such a directory.
class TempFile {
 public:
  TempFile(absl::string_view name, absl::string_view content);

  const std::string& path() const { return path_; }
  // "file://" and the path.
  std::string url() const;

 private:
  TempDirectory directory_;
  std::string path_;
};

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_TEMP_DIRECTORY_H_
