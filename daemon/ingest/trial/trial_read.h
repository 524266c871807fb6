// One read of a plugin as the daemon would make it, without a daemon: what
// `headway plugin run ./my-plugin` runs.
//
// The plugin is isolated and limited as a source's is, and what it delivers is
// committed to a store in a temporary directory. Secrets are read from the
// environment.
#ifndef HEADWAY_DAEMON_INGEST_TRIAL_TRIAL_READ_H_
#define HEADWAY_DAEMON_INGEST_TRIAL_TRIAL_READ_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/ingest/source/source.h"
#include "daemon/series/series_info.h"
#include "daemon/store/types.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

struct TrialRequest {
  // Of the executable.
  std::string path;
  // Options of the source to read.
  std::map<std::string, std::string> config;
  // Hosts that it may reach besides those that it declares.
  std::vector<std::string> allow_hosts;
  // Where the read begins: state by stream.
  std::map<std::string, std::string> checkpoints;
};

struct TrialSeries {
  series::SeriesInfo info;
  // What stands in the end, and how that became known.
  store::SeriesState state;
  std::vector<store::Vintage> vintages;
};

struct TrialResult {
  // Why the read failed, where it did; what was committed before is below.
  absl::Status status;
  plugin::v1::Description description;
  // Of all that was committed, by metric, labels and frequency.
  std::vector<TrialSeries> series;
  // Where the next read would go on.
  std::map<std::string, std::string> checkpoints;
  // What the plugin logged, and what the daemon says of it.
  std::vector<std::string> log;
  int64_t observations_read = 0;
};

// `isolation` may be null. Of `observer`, the progress and the cancellation
// count. Blocking; thread-safe.
TrialResult ReadOnTrial(const TrialRequest& request, const Isolation* isolation,
                        Clock* clock, const PullObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_TRIAL_TRIAL_READ_H_
