// The verb `forecast` of a plugin: a table of series in, a forecast of each
// out.
//
// Thread-safe. Errors are those of plugin_host.h.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_FORECAST_VERB_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_FORECAST_VERB_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/protocol/forecast_answer.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// FAILED_PRECONDITION if the plugin does not say that it forecasts.
absl::Status CheckForecasts(const PluginInfo& plugin);

// One answer for each series of the table, in their order. A series whose
// answer is out of order, or that has none, carries the error; the others
// stand. The plugin as a whole fails where it crashes, runs into a limit, names
// a series that was not asked for, or one twice. `cancelled` may be empty.
absl::StatusOr<std::vector<absl::StatusOr<ModelForecast>>> RunForecast(
    const ReadySource& ready, const plugin::v1::ForecastTable& table,
    Clock* clock, const std::function<bool()>& cancelled);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_FORECAST_VERB_H_
