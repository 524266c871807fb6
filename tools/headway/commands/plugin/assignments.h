// NAME=VALUE, as commands that run a plugin take them. Pure functions.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_ASSIGNMENTS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_ASSIGNMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::cli {

// Options of a source. INVALID_ARGUMENT where a text has no name, or a name
// comes twice.
absl::StatusOr<std::map<std::string, std::string>> ParseConfig(
    const std::vector<std::string>& texts);

// Checkpoints: STREAM=STATE, or the state of the stream without a name.
std::map<std::string, std::string> ParseCheckpoints(
    const std::vector<std::string>& texts);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_ASSIGNMENTS_H_
