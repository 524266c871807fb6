// Options that several commands take, and how a command says what it does.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/headway/base/context.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace headway::cli {

// The context's action is `action` when `command` was parsed.
void SetAction(CLI::App& command, Context& context,
               std::function<absl::Status()> action);

// `name` DATE|INSTANT into `instant`, which must outlive the parsing.
CLI::Option* AddInstant(CLI::App& command, const std::string& name,
                        std::optional<google::protobuf::Timestamp>* instant,
                        const std::string& help);

// --as-of, of reading commands.
CLI::Option* AddAsOf(CLI::App& command,
                     std::optional<google::protobuf::Timestamp>* as_of);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_OPTIONS_H_
