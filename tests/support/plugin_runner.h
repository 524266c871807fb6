// Runs plugin programs as processes, as the daemon does, and decodes what they
// say. Thread-safe: the functions hold no state.
#ifndef HEADWAY_TESTS_SUPPORT_PLUGIN_RUNNER_H_
#define HEADWAY_TESTS_SUPPORT_PLUGIN_RUNNER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway {

// What a plugin said.
struct Conversation {
  int exit_status = -1;
  // All that came on standard output, decoded.
  std::vector<plugin::v1::PluginMessage> messages;
  std::string standard_output;
  std::string standard_error;

  std::vector<plugin::v1::SeriesDefinition> series() const;
  std::vector<plugin::v1::Checkpoint> checkpoints() const;
  // The states of the checkpoints by stream: what the next read is given.
  std::map<std::string, std::string> states() const;
  std::vector<plugin::v1::ObservationBatch> batches() const;
  // Log lines, one under the other.
  std::string log() const;
  // The error, or an empty one.
  plugin::v1::Error error() const;
  // metric{label=value,…} period@known_at = value status: a line for each, with
  // the status if it is not final, sorted;
  // "@" only with a known_at, "withdrawn" for a value taken back, and
  // "snapshot" before the values of a batch that is the whole series.
  std::vector<std::string> Values() const;
};

// What a plugin is given.
struct Ask {
  std::map<std::string, std::string> config;
  std::map<std::string, std::string> checkpoints;
  // RFC 3339.
  std::string now = "2026-08-20T12:00:00Z";
  // The whole environment of the plugin.
  std::map<std::string, std::string> environment;
  // After the verb.
  std::vector<std::string> arguments;
};

// The path of a plugin of the build.
std::string PluginPath(absl::string_view name);

Conversation RunPlugin(const std::string& program, const std::string& verb,
                       const Ask& ask);

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_PLUGIN_RUNNER_H_
