#include "tools/headway/base/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace headway::cli {

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

void PrintText(const Table& table) {
  Print(table.ToText({.max_width = OutputWidth(), .colour = WantsColour()}));
}

void PrintTable(const Context& context, const Table& table) {
  if (context.format == Format::kCsv) return Print(table.ToCsv());
  PrintText(table);
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

absl::Status PrintJson(const google::protobuf::Message& message) {
  ASSIGN_OR_RETURN(const std::string json, ToJson(message));
  Print(json + "\n");
  return absl::OkStatus();
}

absl::Status PrintAnswer(const Context& context,
                         const google::protobuf::Message& message,
                         const Table& table) {
  if (context.format == Format::kJson) return PrintJson(message);
  PrintTable(context, table);
  return absl::OkStatus();
}

void PrintNotes(const Context& context,
                const google::protobuf::RepeatedPtrField<std::string>& notes) {
  if (context.format == Format::kJson) return;
  for (const std::string& note : notes) {
    std::fprintf(stderr, "note: %s\n", note.c_str());
  }
}

}  // namespace headway::cli
