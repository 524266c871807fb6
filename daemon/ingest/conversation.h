// One execution of a plugin: a verb, a request, and what it says in answer.
//
// Knows how an execution can end and what each end means; knows nothing of
// what the messages are about. Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_CONVERSATION_H_
#define HEADWAY_DAEMON_INGEST_CONVERSATION_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/limits.h"
#include "daemon/ingest/protocol/redaction.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// An environment variable that a plugin declared as a secret, and its value.
struct Secret {
  std::string name;
  std::string value;
};

// Strikes out their values.
Redactor MakeRedactor(const std::vector<Secret>& secrets);

struct Invocation {
  // For errors.
  std::string plugin;
  // Absolute path of the executable.
  std::string path;
  std::string verb;
  plugin::v1::Request request;
  std::vector<Secret> secrets;
  // Further "NAME=value" for its environment, from the daemon itself.
  std::vector<std::string> environment = {};
  Limits limits;
};

// All are called on the calling thread; on_progress and cancelled may be empty.
struct Listener {
  // Gets every message but progress, log and error; an error ends the plugin
  // and is the result. Nothing comes after the plugin said Error.
  std::function<absl::Status(const plugin::v1::PluginMessage&)> on_message;
  std::function<void(std::optional<double> fraction, absl::string_view message)>
      on_progress;
  std::function<bool()> cancelled;
};

// Runs the plugin to its end. Returns the last lines that it logged. Errors
// are those of plugin_host.h, begin with the plugin's name and the verb, and
// hold no secret.
absl::StatusOr<std::vector<std::string>> Converse(const Invocation& invocation,
                                                  const Listener& listener);

// Whether the plugin ended by a signal of its own making, or with a status
// other than 0 and without saying why.
bool IsCrash(const absl::Status& status);
// Whether the status is an Error that the plugin said.
bool IsSaid(const absl::Status& status);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_CONVERSATION_H_
