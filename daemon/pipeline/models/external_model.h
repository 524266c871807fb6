// A plugin as a forecasting model: series go to it as tables of the plugin
// protocol, and its answers come back as the library's.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_MODELS_EXTERNAL_MODEL_H_
#define HEADWAY_DAEMON_PIPELINE_MODELS_EXTERNAL_MODEL_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/models/series_work.h"

namespace headway::pipeline {

class ExternalModel {
 public:
  // `plugins` and `model` must outlive this. `stopped` may be empty. The same
  // table and seed shall give the same answer.
  ExternalModel(ingest::PluginHost* plugins, const ingest::Source* model,
                uint32_t seed, std::function<bool()> stopped)
      : plugins_(plugins),
        model_(*model),
        seed_(seed),
        stopped_(std::move(stopped)) {}

  // The forecasts that follow the cuts, in their order, as far ahead and at the
  // probabilities that their options say. The plugin is run as often as the
  // tables are too large for one run; where it fails, every series of the run
  // carries its error. FAILED_PRECONDITION for a cut of fewer than two values.
  std::vector<absl::StatusOr<forecast::Forecast>> Forecast(
      absl::Span<const Cut> cuts) const;

 private:
  ingest::PluginHost* const plugins_;
  const ingest::Source& model_;
  const uint32_t seed_;
  const std::function<bool()> stopped_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MODELS_EXTERNAL_MODEL_H_
