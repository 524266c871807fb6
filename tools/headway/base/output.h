// Where answers go: standard output, as a table, JSON or CSV.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_OUTPUT_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "tools/headway/base/context.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// Whether standard output is a terminal, whether colours are wanted there
// (NO_COLOR is not set), and its width in columns; 0, without bound, if it is
// no terminal.
bool IsTerminal();
bool WantsColour();
int OutputWidth();

// Writes to standard output and flushes, so that a watching program sees it.
void Print(absl::string_view text);

// The table as text, as wide as the terminal.
void PrintText(const Table& table);
// The table as CSV where that is asked for, else as text.
void PrintTable(const Context& context, const Table& table);

// A message as one line of proto3 JSON, fields at their default included.
// DATA_LOSS: JSON cannot hold the message, as with a timestamp out of range.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
// The messages as a JSON array.
template <typename M>
absl::StatusOr<std::string> ToJson(
    const google::protobuf::RepeatedPtrField<M>& messages) {
  std::string json = "[";
  for (const M& message : messages) {
    absl::StatusOr<std::string> element = ToJson(message);
    if (!element.ok()) return element;
    if (json.size() > 1) json += ',';
    json += *element;
  }
  return json + "]";
}

// One line of JSON; errors as ToJson's.
absl::Status PrintJson(const google::protobuf::Message& message);

// The message where JSON is asked for, else the table.
absl::Status PrintAnswer(const Context& context,
                         const google::protobuf::Message& message,
                         const Table& table);

// "note: ..." for each on standard error, where they spoil no table; JSON has
// them in the message.
void PrintNotes(const Context& context,
                const google::protobuf::RepeatedPtrField<std::string>& notes);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_OUTPUT_H_
