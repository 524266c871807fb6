// The verbs of a plugin that store nothing, one function each: describe, check
// and discover. pull/read.h has the verb "read".
//
// Thread-safe. Errors are those of plugin_host.h.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_VERBS_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_VERBS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/series/series_info.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// A request with the protocol version and the time.
plugin::v1::Request NewRequest(absl::Time now);

// One execution of the source's plugin, with its options, secrets and limits.
Invocation Invoke(const ReadySource& ready, absl::string_view verb,
                  absl::Time now);

// Runs `describe` and checks the answer. `isolation` may be null.
absl::StatusOr<plugin::v1::Description> Describe(const std::string& name,
                                                 const std::string& path,
                                                 const Isolation* isolation,
                                                 Clock* clock);

absl::StatusOr<plugin::v1::CheckResult> RunCheck(
    const ReadySource& ready, Clock* clock,
    const std::function<bool()>& cancelled);

absl::StatusOr<std::vector<series::SeriesInfo>> RunDiscover(
    const ReadySource& ready, Clock* clock);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_VERBS_H_
