// Forecasts of many series by the models of a definition: a method of the
// library, a plugin, or a pool of several, each weighed by its record.
//
// Pure functions of their arguments, as far as the plugins are; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_MODELS_MODELLING_H_
#define HEADWAY_DAEMON_PIPELINE_MODELS_MODELLING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/options.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/models/series_work.h"

namespace headway::pipeline {

// What takes the place of a plugin that fails.
inline constexpr char kFallbackMethod[] = "auto";
// The method of a forecast that a pool made.
inline constexpr char kPoolMethod[] = "pool";

// As `stopped`, which is not asked again after a yes: that of one series is
// that of all. Empty if it is.
std::function<bool()> AskUntilYes(const std::function<bool()>& stopped);

struct ModelContext {
  // Null: there are none.
  ingest::PluginHost* plugins = nullptr;
  // Null if `threads` is 1.
  ThreadPool* pool = nullptr;
  int threads = 1;
  // Of plugins.
  uint32_t seed = 1;
  // Whether to give all of it up; may be empty.
  std::function<bool()> stopped;
};

// A model of a pool and its record on the series' own past.
struct MemberRecord {
  std::string method;
  double weight = 0;
  int origins = 0;
  // Mean ranked probability score over the scale of the series; meaningless
  // without origins.
  double score = 0;
  // Why it has no forecast; OK if it has one.
  absl::Status status;
};

struct ModelledForecast {
  absl::StatusOr<forecast::Forecast> forecast = absl::InternalError("not made");
  // What made it: the method of the definition, or the one that took its place.
  std::string method;
  // Of a pool.
  std::vector<MemberRecord> members;
  // Why a plugin has no forecast. The others stand in for it, or the fallback,
  // and a note of the forecast says so. OUT_OF_RANGE: the plugin works, and
  // says that it cannot forecast this series.
  absl::Status model_failure;
};

// One for each work, in their order; of a single method with its score on the
// past of the series, where the options of the work ask for it.
//
// A pool averages points, means and quantiles. Its weights come from up to 20
// origins before the end of the series, one step apart: each member forecasts
// from the values before each, as far ahead as values follow, and its ranked
// probability scores become its weight (weights.h). A member that fails has the
// weight 0.
std::vector<ModelledForecast> ForecastByModels(
    absl::Span<const SeriesWork> works, const ForecastDefinition& definition,
    const ModelContext& context);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MODELS_MODELLING_H_
