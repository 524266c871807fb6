// A source with all that its plugin needs: checked options and secrets.
//
// Thread-safe. Errors: FAILED_PRECONDITION, with the name of the source; see
// source/errors.h for the option at fault.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_READY_SOURCE_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_READY_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/source/source.h"

namespace headway::ingest {

// What the daemon gives to all plugins.
struct Surroundings {
  // Null: none.
  const Isolation* isolation = nullptr;
  // Who counts the requests of all plugins together; null: nobody.
  QuotaKeeper* quotas = nullptr;
  // Whom a publisher may write to about requests; "": whom HEADWAY_CONTACT of
  // this process's environment names.
  std::string contact = {};
};

struct ReadySource {
  PluginInfo plugin;
  // Defaults are filled in.
  Source source;
  // From the daemon's environment.
  std::vector<Secret> secrets;
  Surroundings surroundings;
  // "NAME=value", besides secrets.
  std::vector<std::string> environment = {};
  // What it may see and reach in its isolation.
  std::vector<std::string> readable = {};
  std::vector<HostRule> hosts = {};
  // How often it may ask some of them.
  std::vector<HostLimit> limits = {};
};

// Checks options against the description and fills in defaults.
absl::StatusOr<Source> CompleteConfig(
    const plugin::v1::Description& description, const Source& source);

// What an isolated plugin is given beyond itself: the files and hosts that the
// options of the source name, the hosts that the plugin declares, with their
// limits, and those that the operator allows. Pure.
struct Access {
  std::vector<std::string> readable;
  std::vector<HostRule> hosts;
  std::vector<HostLimit> limits;
};
absl::StatusOr<Access> AccessOf(const plugin::v1::Description& description,
                                const Source& source);

// The required secrets that the daemon's environment does not have.
std::vector<std::string> MissingSecretsOf(
    const plugin::v1::Description& description);

// CompleteConfig, the secrets, the contact and the access.
absl::StatusOr<ReadySource> MakeReady(const PluginInfo& plugin,
                                      const Source& source,
                                      const Surroundings& surroundings);

// Names the source in an error.
absl::Status ForSource(const absl::Status& status, const ReadySource& ready);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_READY_SOURCE_H_
