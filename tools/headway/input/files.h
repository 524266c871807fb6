// Reading and writing files whole.
#ifndef HEADWAY_TOOLS_HEADWAY_INPUT_FILES_H_
#define HEADWAY_TOOLS_HEADWAY_INPUT_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

// The error names the path and what the system said.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Makes the file or replaces what is in it.
absl::Status WriteFile(const std::string& path, absl::string_view content);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_INPUT_FILES_H_
