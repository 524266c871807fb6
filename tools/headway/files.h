// Reading files whole.
#ifndef HEADWAY_TOOLS_HEADWAY_FILES_H_
#define HEADWAY_TOOLS_HEADWAY_FILES_H_

#include <string>

#include "absl/status/statusor.h"

namespace headway::cli {

// The error names the path and what the system said.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_FILES_H_
