// Files that tests read and write.
#ifndef HEADWAY_TESTS_SUPPORT_FILES_H_
#define HEADWAY_TESTS_SUPPORT_FILES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway {

// The bytes of the file; "" where it cannot be read.
std::string ReadFile(const std::string& path);

// Writes the file anew; the test fails when that cannot be done.
void WriteFile(const std::string& path, absl::string_view content);

// Puts an executable at `path`. It gets a new inode each time, as an
// installation does.
void WriteExecutable(const std::string& path, absl::string_view content);

// The folder of third-party test data: HEADWAY_SHARED_DATA, or one beside the
// checkout. It need not be there.
std::string SharedDataDirectory();

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_FILES_H_
