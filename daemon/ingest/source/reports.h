// What a caller says of a pull or a replay, and what it is told. Value types.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_REPORTS_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_REPORTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/store/documents.h"
#include "daemon/store/types.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// What a pull did. Counts cover what was committed.
struct PullReport {
  std::string plugin_version;
  int64_t series = 0;
  int64_t observations_read = 0;
  int64_t observations_changed = 0;
  std::vector<store::SeriesId> changed_series;
  // Not committed, because they came after the last checkpoint.
  int64_t observations_dropped = 0;
  // The last lines that the plugin logged, secrets struck out.
  std::vector<std::string> log;
};

// Which pull to replay; by default the newest one that delivered observations
// or failed.
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
  // Vintages left as they are, because a later pull delivered one of the same
  // known_at.
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
  // What every commit of the pull must find; ABORTED if it does not.
  std::vector<store::RecordPrecondition> preconditions = {};
  // When the last pull of the source that went well had ended: what it lacked
  // was not known then.
  absl::Time last_pull = absl::InfinitePast();
  // Sees each message before it is taken; an error that it returns ends the
  // pull. May be empty.
  std::function<absl::Status(const plugin::v1::PluginMessage&)> on_message = {};
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_REPORTS_H_
