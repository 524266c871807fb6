// Runs source plugins and commits what they deliver.
//
// A plugin is the least trusted code in the house. It runs as a process of its
// own with a scrubbed environment and limits, isolated from everything else
// that is on the machine (sandbox/isolation.h), and dies with the daemon.
// Everything it says is checked; a bad record fails the batch with the record
// named, and nothing half-valid is stored. The protocol is
// proto/headway/plugin/v1/plugin.proto; docs/plugins.md is its guide.
//
// Errors carry the class of the failure in their code:
//   FAILED_PRECONDITION  CONFIG: configuration, secret or missing plugin; mend
//                        it, retrying is no use
//   UNAVAILABLE          TRANSIENT: retry with backoff; RetryAfter(status) of
//                        source/errors.h may say when. Also a plugin that
//                        somebody else ended by a signal:
//                        WasInterrupted(status)
//   INTERNAL             SYSTEM: the plugin crashed, hung, flooded or spoke
//                        garbage
//   CANCELLED            the observer asked for it
// and name the plugin, what it did, and the remedy; LogOf(status) is what it
// logged. A store that cannot commit
// gives its own error.
//
// Thread-safe: any number of pulls run at once, one at a time for each source.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_HOST_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_HOST_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/catalogue.h"
#include "daemon/ingest/plugin/parking.h"
#include "daemon/ingest/protocol/forecast_answer.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/ingest/source/source.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

class PluginHost {
 public:
  struct Options {
    // Searched in order; each executable file in them is a plugin, named by
    // its file name without extension. The first of a name wins.
    std::vector<std::string> directories;
    // What they run in; null: nothing. Must outlive the host.
    const Isolation* isolation = nullptr;
    // Whether a plugin that nobody approved (plugin/manifest.h) is of no use.
    bool require_approval = false;
    // Whom a publisher may write to about requests; "": whom HEADWAY_CONTACT of
    // the environment names.
    std::string contact = {};
    Parking::Options parking = {};
  };

  // `clock` and `store` must outlive the host. With a null store it describes
  // plugins and checks configurations, and nothing else may be asked of it.
  PluginHost(Options options, Clock* clock, store::Store* store);
  ~PluginHost();

  // What plugins run in; null: nothing.
  const Isolation* isolation() const;

  // Every plugin there is, by name, each asked to describe itself; answers are
  // kept until the executable changes.
  std::vector<PluginInfo> ListPlugins();
  // FAILED_PRECONDITION with the nearest name if there is none.
  absl::StatusOr<PluginInfo> GetPlugin(absl::string_view name);
  // Asks those of these names that did not describe themselves yet, several at
  // once.
  void DescribePlugins(const std::set<std::string>& names);
  // Whether the plugin could be used when it was asked last. Asks nobody.
  absl::Status LastStatusOf(absl::string_view plugin) const;
  // Whether the manifest of its directory names the executable that was found
  // when the plugin was asked last: OK as well where there is no manifest. Asks
  // nobody.
  absl::Status LastApprovalOf(absl::string_view plugin) const;

  // The required secrets of a plugin that this process's environment does not
  // have.
  static std::vector<std::string> MissingSecrets(
      const plugin::v1::Description& description);

  // What all plugins together sent to the host on this day of UTC, as far as
  // they declare a limit of it.
  absl::StatusOr<int64_t> RequestsToday(const std::string& host);

  // FAILED_PRECONDITION while the source is parked, because its plugin keeps
  // ending without saying why: it is not pulled. Asks nobody.
  absl::Status CheckNotParked(const Source& source) const;
  // Has it pulled again; whether it was parked.
  absl::StatusOr<bool> Unpark(const std::string& source);

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
  // Whether the plugin of `model` describes itself as one that forecasts, and
  // takes these options. Runs no more than `describe`.
  absl::Status CheckModel(const Source& model);
  // Runs `forecast`: the answer or the error of each series of the table, in
  // their order (plugin/forecast_verb.h). The plugin is isolated and limited as
  // a source's is. `cancelled` may be empty; polled as in PullObserver.
  absl::StatusOr<std::vector<absl::StatusOr<ModelForecast>>> Forecast(
      const Source& model, const plugin::v1::ForecastTable& table,
      const std::function<bool()>& cancelled = {});
  // Runs `read` from the last checkpoints and commits what comes. What was
  // committed before a failure stays.
  absl::StatusOr<PullReport> Pull(const Source& source, absl::string_view run,
                                  const PullObserver& observer);

  // Has the next pull of a source stored, of which one was held back because it
  // looked wrong (pull/suspicion.h). NOT_FOUND if none was.
  absl::Status Accept(absl::string_view source);

  // Runs `read` on the documents of an earlier pull, without the publisher, and
  // corrects what that pull committed; see pull/replay.h. With `dry_run` it
  // only says what it would do. NOT_FOUND if there is no such pull;
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
