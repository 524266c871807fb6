// Runs source plugins and commits what they deliver.
//
// A plugin is the least trusted code in the house. It runs as a process of its
// own, in its own process group, with a scrubbed environment, limits on
// memory, CPU time, wall time and output, no inherited file descriptors, and
// dies with the daemon. Everything it says is checked; a bad record fails the
// batch with the record named, and nothing half-valid is stored. The protocol
// is proto/headway/plugin/v1/plugin.proto; docs/plugins.md is its guide.
//
// Errors carry the class of the failure in their code:
//   FAILED_PRECONDITION  CONFIG: configuration, secret or missing plugin; mend
//                        it, retrying is no use
//   UNAVAILABLE          TRANSIENT: retry with backoff; RetryAfter(status) may
//                        say when
//   INTERNAL             SYSTEM: the plugin crashed, hung, flooded or spoke
//                        garbage
//   CANCELLED            the observer asked for it
// and name the plugin, what it did, and the remedy. A store that cannot commit
// gives its own error.
//
// Thread-safe: any number of pulls run at once, one at a time for each source.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_HOST_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_HOST_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/limits.h"
#include "daemon/series/series_info.h"
#include "daemon/store/documents.h"
#include "daemon/store/store.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// A plugin as a pipeline uses it.
struct Source {
  std::string name;
  std::string plugin;
  std::map<std::string, std::string> config;
  Limits limits;
  DocumentPolicy documents;
};

struct PluginInfo {
  std::string name;
  std::string path;
  // SHA-256 of the executable, in hexadecimal.
  std::string hash;
  plugin::v1::Description description;
  // Not OK: why the plugin cannot be used.
  absl::Status status;
};

// What a pull did. Counts cover what was committed.
struct PullReport {
  std::string plugin_version;
  int64_t series = 0;
  int64_t observations_read = 0;
  int64_t observations_changed = 0;
  std::vector<store::SeriesId> changed_series;
  // Not committed, for they followed the last checkpoint.
  int64_t observations_dropped = 0;
  // The last lines that the plugin logged, secrets struck out.
  std::vector<std::string> log;
};

// Which pull to replay; by default the newest that delivered observations or
// failed.
struct PullChoice {
  // All of this run, one after the other.
  std::string run;
  // The newest that had begun at this instant.
  std::optional<absl::Time> at;
};

// A value that a replay corrects, as known at `known_at`.
struct ReplayedValue {
  series::SeriesKey series;
  int32_t ordinal = 0;
  absl::Time known_at;
  // Empty: there is none.
  std::optional<double> before;
  std::optional<double> after;
};

// What a replay did, or would do.
struct ReplayReport {
  store::Pull pull;
  // Now.
  std::string plugin_version;
  int64_t series = 0;
  int64_t observations_read = 0;
  std::vector<ReplayedValue> values;
  // Vintages left as they are, for a later pull spoke of the same known_at.
  int64_t superseded = 0;
  std::vector<std::string> log;
};

// How a caller follows a pull and stops it. Both may be empty. Called on the
// pulling thread.
struct PullObserver {
  // `fraction` of the work done, 0 to 1, or absent if unknown.
  std::function<void(std::optional<double> fraction, absl::string_view message)>
      on_progress;
  // Polled several times a second; true ends the plugin.
  std::function<bool()> cancelled;
};

// With an UNAVAILABLE status: when the plugin asked to be retried.
std::optional<absl::Duration> RetryAfter(const absl::Status& status);

class PluginHost {
 public:
  struct Options {
    // Searched in order; each executable file in them is a plugin, named by
    // its file name without extension. The first of a name wins.
    std::vector<std::string> directories;
    // After this many crashes in a row a plugin is parked: it is refused, with
    // the reason, until its executable changes.
    int crashes_until_parked = 5;
  };

  // `clock` and `store` must outlive the host.
  PluginHost(Options options, Clock* clock, store::Store* store);
  ~PluginHost();

  // Every plugin there is, by name, each asked to describe itself; answers are
  // kept until the executable changes.
  std::vector<PluginInfo> ListPlugins();
  // FAILED_PRECONDITION with the nearest name if there is none.
  absl::StatusOr<PluginInfo> GetPlugin(absl::string_view name);

  // Checks the options of a source against its plugin's description, without
  // running more than `describe`.
  absl::Status CheckConfig(const Source& source);
  // Runs `check`: is the configuration good, can the publisher be reached?
  // `cancelled` may be empty; polled as in PullObserver.
  absl::StatusOr<plugin::v1::CheckResult> Check(
      const Source& source, const std::function<bool()>& cancelled = {});
  // Runs `discover`: the series that the source can deliver.
  absl::StatusOr<std::vector<series::SeriesInfo>> Discover(
      const Source& source);
  // Runs `read` from the last checkpoints and commits what comes. What was
  // committed before a failure stays.
  absl::StatusOr<PullReport> Pull(const Source& source, absl::string_view run,
                                  const PullObserver& observer);

  // Runs `read` on the documents of an earlier pull, without the publisher, and
  // corrects what that pull committed; see replay.h. With `dry_run` it only
  // says what it would do. NOT_FOUND if there is no such pull;
  // FAILED_PRECONDITION if a document of it was not kept.
  absl::StatusOr<std::vector<ReplayReport>> Replay(
      const Source& source, const PullChoice& which, bool dry_run,
      const PullObserver& observer);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_HOST_H_
