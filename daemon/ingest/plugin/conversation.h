// One execution of a plugin: a verb, a request, and what it says in answer.
//
// This file knows how an execution can end and what each end means. It does not
// know what the messages are about. Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_CONVERSATION_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_CONVERSATION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/egress/hosts.h"
#include "daemon/ingest/egress/quotas.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/sandbox/process.h"
#include "daemon/ingest/source/limits.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// An environment variable that a plugin declared as a secret, and its value.
struct Secret {
  std::string name;
  std::string value;
};

// A redactor that strikes out the values of `secrets`.
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

  // Null: none. What follows is given to it in its isolation.
  const Isolation* isolation = nullptr;
  std::vector<std::string> readable = {};
  // A directory, and what it may hold; empty: none.
  std::string writable = {};
  int64_t writable_bytes = INT64_MAX;
  std::vector<HostRule> hosts = {};
  std::vector<HostLimit> limits_of_hosts = {};
  QuotaKeeper* quotas = nullptr;
};

// All are called on the calling thread; on_progress and cancelled may be empty.
struct Listener {
  // Gets every message but progress, log and error. An error that it returns
  // ends the plugin and is the result. It gets nothing after an Error message.
  std::function<absl::Status(const plugin::v1::PluginMessage&)> on_message;
  std::function<void(std::optional<double> fraction, absl::string_view message)>
      on_progress;
  std::function<bool()> cancelled;
  // How the process ended, before that is judged. May be empty.
  std::function<void(const ProcessResult&)> on_end = {};
};

// Runs the plugin to its end. Returns the last lines that it logged. Errors
// are those of plugin_host.h, begin with the plugin's name and the verb, and
// hold no secret.
absl::StatusOr<std::vector<std::string>> Converse(const Invocation& invocation,
                                                  const Listener& listener);

// Whether the plugin ended by a signal that the daemon did not send, or with a
// status other than 0 and without an Error message.
bool IsCrash(const absl::Status& status);
// Whether the status is an Error message of the plugin.
bool IsSaid(const absl::Status& status);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_CONVERSATION_H_
