#include "tools/headway/base/options.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "tools/headway/render/format.h"

namespace headway::cli {

void SetAction(CLI::App& command, Context& context,
               std::function<absl::Status()> action) {
  command.callback(
      [&context, action = std::move(action)] { context.action = action; });
}

CLI::Option* AddInstant(CLI::App& command, const std::string& name,
                        std::optional<google::protobuf::Timestamp>* instant,
                        const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, instant](const std::string& text) {
            google::protobuf::Timestamp parsed;
            if (!ParseDateOrInstant(text, &parsed)) {
              throw CLI::ValidationError(
                  name, absl::StrCat("\"", text,
                                     "\" is neither a date such as 2025-04-03 "
                                     "nor an instant such as "
                                     "2025-04-03T12:30:00Z"));
            }
            *instant = parsed;
          },
          help)
      ->type_name("DATE|INSTANT");
}

CLI::Option* AddAsOf(CLI::App& command,
                     std::optional<google::protobuf::Timestamp>* as_of) {
  return AddInstant(
      command, "--as-of", as_of,
      "Answer with what was known then: a date (to the end of that day, UTC) "
      "or an instant (RFC 3339)");
}

}  // namespace headway::cli
