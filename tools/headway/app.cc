#include "tools/headway/app.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "tools/headway/client.h"
#include "tools/headway/render/format.h"

namespace headway::cli {

CLI::Option* AddAsOf(CLI::App& command,
                     std::optional<google::protobuf::Timestamp>* as_of) {
  return command
      .add_option_function<std::string>(
          "--as-of",
          [as_of](const std::string& text) {
            google::protobuf::Timestamp instant;
            if (!ParseInstant(text, &instant)) {
              throw CLI::ValidationError(
                  "--as-of",
                  absl::StrCat("\"", text,
                               "\" is neither a date such as 2025-04-03 nor "
                               "an instant such as 2025-04-03T12:30:00Z"));
            }
            *as_of = instant;
          },
          "Answer with what was known then: a date (to the end of that day, "
          "UTC) or an instant (RFC 3339)")
      ->type_name("DATE|INSTANT");
}

Client MakeClient(const Context& context) {
  return Client({.address = context.address,
                 .timeout = absl::Seconds(context.timeout_seconds)});
}

bool IsTerminal() { return isatty(STDOUT_FILENO) == 1; }

bool WantsColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return IsTerminal() && (no_colour == nullptr || *no_colour == '\0');
}

int OutputWidth() {
  winsize size = {};
  if (!IsTerminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void Print(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void PrintTable(const Table& table) {
  Print(table.ToText({.max_width = OutputWidth(), .colour = WantsColour()}));
}

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::DataLossError(absl::StrCat("the answer does not fit JSON: ",
                                            status.message().as_string()));
  }
  return json;
}

absl::Status PrintAnswer(const Context& context,
                         const google::protobuf::Message& message,
                         const Table& table) {
  if (context.format == Format::kJson) {
    ASSIGN_OR_RETURN(const std::string json, ToJson(message));
    Print(json + "\n");
  } else if (context.format == Format::kCsv) {
    Print(table.ToCsv());
  } else {
    PrintTable(table);
  }
  return absl::OkStatus();
}

}  // namespace headway::cli
