// A source plugin in C++. The author fills in a Plugin and hands it to
// RunPlugin:
//
//   absl::Status Read(const Request& request, Writer& out) {
//     std::string id = out.Define({.metric = "moons", .labels = {},
//         .frequency = Frequency::kAnnual, .unit = "1"});
//     out.Observe(id, "2024", 1);
//     out.Checkpoint({.complete = true});
//     return absl::OkStatus();
//   }
//
//   int main(int argc, char** argv) {
//     return headway::sdk::RunPlugin(argc, argv, {
//         .name = "moons", .version = "1", .summary = "Counts moons.",
//         .read = Read});
//   }
//
// The protocol is proto/headway/plugin/v1/plugin.proto. To see what a plugin
// says, add --json after the verb:
//   echo '{"config":{"url":"file:///data/x.csv"}}' | ./csv read --json
#ifndef HEADWAY_PLUGINS_SDK_CPP_PLUGIN_H_
#define HEADWAY_PLUGINS_SDK_CPP_PLUGIN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
// RETURN_IF_ERROR and ASSIGN_OR_RETURN, for authors.
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/limits.h"
#include "plugins/sdk/cpp/writer.h"

namespace headway::sdk {

// What the daemon asks. Immutable.
class Request {
 public:
  Request(std::string source, std::map<std::string, std::string> options,
          std::map<std::string, std::string> checkpoints, absl::Time now,
          std::string fingerprint, std::vector<std::string> hosts = {},
          std::vector<HostLimit> limits = {});

  // The name of the source in its pipeline.
  const std::string& source() const { return source_; }
  // The value of an option, or its default, or "".
  const std::string& Option(absl::string_view name) const;
  // The value split at commas, without spaces around the parts and without
  // empty parts.
  std::vector<std::string> ListOption(absl::string_view name) const;
  // A ConfigError if it is not a number, or not true or false.
  absl::StatusOr<double> NumberOption(absl::string_view name) const;
  absl::StatusOr<bool> BoolOption(absl::string_view name) const;
  // The secret of that name from the environment, or "".
  std::string Secret(absl::string_view name) const;
  // The state of the stream's last checkpoint, or "".
  const std::string& checkpoint(absl::string_view stream = "") const;
  // The instant at which the daemon asks.
  absl::Time now() const { return now_; }
  // Changes with the plugin's version and with its options.
  const std::string& fingerprint() const { return fingerprint_; }
  // For HttpOptions: the hosts that the plugin declares, its options name or
  // its operator allows, and the plugin's limits.
  const std::vector<std::string>& hosts() const { return hosts_; }
  const std::vector<HostLimit>& limits() const { return limits_; }

 private:
  std::string source_;
  std::map<std::string, std::string, std::less<>> options_;
  std::map<std::string, std::string, std::less<>> checkpoints_;
  absl::Time now_;
  std::string fingerprint_;
  std::vector<std::string> hosts_;
  std::vector<HostLimit> limits_;
};

struct OptionSpec {
  std::string name;
  std::string description;
  std::string default_value = {};
  bool required = false;
  // It holds the path of a file or directory, which the daemon then lets the
  // plugin read; for addresses (https://, http://, file://) it does anyway.
  bool is_path = false;
};

struct SecretSpec {
  std::string name;
  std::string description;
  bool required = false;
};

// Answers of the publisher that were recorded on `date`, "2026-11-30", or its
// documentation of that day.
struct Evidence {
  enum class Kind { kNone, kRecorded, kDocumented };
  Kind kind = Kind::kNone;
  std::string date = {};
};

// On what terms the publisher gives the numbers away.
struct Terms {
  // kForbidden: they are for whoever has them from the publisher, and the
  // daemon does not show them to others.
  enum class Sharing { kUnsaid, kAllowed, kForbidden };
  Sharing sharing = Sharing::kUnsaid;
  // One sentence, and the publisher's page that says it.
  std::string summary = {};
  std::string url = {};
};

struct Plugin {
  // Lower-case letters, digits and hyphens.
  std::string name;
  std::string version;
  // One sentence.
  std::string summary;
  std::vector<OptionSpec> options = {};
  std::vector<SecretSpec> secrets = {};
  // Those that the plugin talks to: "HOST", "HOST:PORT" or "*.DOMAIN". It
  // reaches no others but those in its options.
  std::vector<std::string> hosts = {};
  std::string default_schedule = {};
  // By what you know that it reads what the publisher sends.
  Evidence evidence = {};

  std::function<absl::Status(const Request&, Writer&)> read;
  // Defines the series that `read` can deliver. If empty, `read` runs without
  // checkpoints, and only its definitions are kept.
  std::function<absl::Status(const Request&, Writer&)> discover = {};
  // Says what it found, by a request or two. If empty, `discover` is tried and
  // its series counted; without that, too, the configuration alone is checked
  // and the publisher not asked.
  std::function<absl::StatusOr<std::string>(const Request&)> check = {};
  // How often its hosts may be asked.
  std::vector<HostLimit> limits = {};
  // It is not run where the operator gives no contact: its publisher wants to
  // know who asks.
  bool needs_contact = false;
  Terms terms = {};
};

// The whole of main: answers the verb in argv[1] and returns the exit status.
int RunPlugin(int argc, char** argv, const Plugin& plugin);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_PLUGIN_H_
