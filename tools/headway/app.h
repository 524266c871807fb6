// What the commands share: the options given, and where answers go.
//
// A command adds itself to the parser, and its callback leaves what is to be
// done in Context::action; main runs that once parsing is done. A failure is a
// status, whose message main prints.
#ifndef HEADWAY_TOOLS_HEADWAY_APP_H_
#define HEADWAY_TOOLS_HEADWAY_APP_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/headway/render/table.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace headway::cli {

class Client;

enum class Format { kTable, kJson, kCsv };

struct Context {
  std::string address = "127.0.0.1:7311";
  Format format = Format::kTable;
  double timeout_seconds = 60;
  std::function<absl::Status()> action;
};

// Commands by group, each in a file of its own.
void AddStatusCommand(CLI::App& app, Context& context);
void AddIndicatorCommands(CLI::App& app, Context& context);
void AddForecastCommand(CLI::App& app, Context& context);
void AddSeriesCommands(CLI::App& app, Context& context);
void AddPipelineCommands(CLI::App& app, Context& context);
void AddRunCommands(CLI::App& app, Context& context);
void AddPluginCommands(CLI::App& app, Context& context);
void AddSourceCommands(CLI::App& app, Context& context);
void AddCheckCommand(CLI::App& app, Context& context);
void AddWatchCommand(CLI::App& app, Context& context);
void AddStoreCommands(CLI::App& app, Context& context);

// --as-of DATE|INSTANT into `as_of`, which must outlive the parsing.
CLI::Option* AddAsOf(CLI::App& command,
                     std::optional<google::protobuf::Timestamp>* as_of);

Client MakeClient(const Context& context);

// Whether standard output is a terminal, whether colours are wanted there
// (NO_COLOR is not set), and how wide it is; 0, without bound, if it is none.
bool IsTerminal();
bool WantsColour();
int OutputWidth();

// Writes to standard output and flushes, so that a watching program sees it.
void Print(absl::string_view text);
void PrintTable(const Table& table);
// A message as one line of proto3 JSON, fields at their default included. Fails
// on a message that JSON cannot hold: a timestamp out of range.
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

// JSON where that is asked for, else the table as text or CSV.
absl::Status PrintAnswer(const Context& context,
                         const google::protobuf::Message& message,
                         const Table& table);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_APP_H_
