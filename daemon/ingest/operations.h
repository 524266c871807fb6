// The verbs of a plugin, one function each: what PluginHost and the
// conformance suite are made of.
//
// Thread-safe. Errors are those of plugin_host.h.
#ifndef HEADWAY_DAEMON_INGEST_OPERATIONS_H_
#define HEADWAY_DAEMON_INGEST_OPERATIONS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/assembler.h"
#include "daemon/ingest/conversation.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// A source with all that its plugin needs.
struct ReadySource {
  PluginInfo plugin;
  // Defaults are filled in.
  Source source;
  // From the daemon's environment.
  std::vector<Secret> secrets;
};

// A request with the protocol version and the time.
plugin::v1::Request NewRequest(absl::Time now);

// Runs `describe` and checks the answer.
absl::StatusOr<plugin::v1::Description> Describe(const std::string& name,
                                                 const std::string& path,
                                                 Clock* clock);

// Checks options against the description and fills in defaults.
absl::StatusOr<Source> CompleteConfig(
    const plugin::v1::Description& description, const Source& source);

// CompleteConfig, and the secrets.
absl::StatusOr<ReadySource> MakeReady(const PluginInfo& plugin,
                                      const Source& source);

absl::StatusOr<plugin::v1::CheckResult> RunCheck(
    const ReadySource& ready, Clock* clock,
    const std::function<bool()>& cancelled);

absl::StatusOr<std::vector<series::SeriesInfo>> RunDiscover(
    const ReadySource& ready, Clock* clock);

// The parts of `read` that a replay shares.
Invocation Invoke(const ReadySource& ready, absl::string_view verb,
                  absl::Time now);
store::Provenance ProvenanceOf(const ReadySource& ready, absl::string_view run);
// Runs the plugin and hands all it delivers to the assembler.
absl::StatusOr<PullReport> Deliver(const ReadySource& ready,
                                   const Invocation& invocation,
                                   Assembler& assembler,
                                   const PullObserver& observer);
// Names the source in an error.
absl::Status ForSource(const absl::Status& status, const ReadySource& ready);

absl::StatusOr<PullReport> RunRead(const ReadySource& ready,
                                   absl::string_view run, Clock* clock,
                                   store::Store* store,
                                   const PullObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_OPERATIONS_H_
