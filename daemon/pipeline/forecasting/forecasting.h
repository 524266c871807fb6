// Forecasts of every column of a panel, as the messages of the API. The same
// panel and task give the same bits, on any number of threads, if the plugins
// among the models do.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_FORECASTING_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_FORECASTING_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/thread_pool.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/forecasting/regressors.h"
#include "daemon/pipeline/models/modelling.h"
#include "daemon/query/query.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// What became of an indicator through the paths of its inputs: ahead.h.
struct Ahead {
  absl::Status status;
  // Those of the panel that go on.
  std::vector<query::LabelledColumn> columns;
  // What it was made of, in a few words.
  std::string model;
  std::vector<std::string> notes;
};

struct ForecastTask {
  // Empty for a free expression.
  std::string indicator;
  ForecastDefinition definition;
  // Rising, each in (0, 1); empty: the library's grid.
  std::vector<double> probabilities;
  // The instant as of which the panel was read; finite. It seeds the models.
  absl::Time as_of;
  absl::Time issue_time;
  // Full name; empty if no run asked.
  std::string run;
  // Whether to give all of it up: forecast::Options::stopped.
  std::function<bool()> stopped;
  // The plugins that serve as models; may be null.
  ingest::PluginHost* plugins = nullptr;
  // Threads to share the work with, besides the caller's, and how many threads
  // there are to be; the pool may be null for one.
  ThreadPool* pool = nullptr;
  int threads = 1;
  // Borrowed; null where the definition says that the forecast is direct.
  const Ahead* ahead = nullptr;
  // Borrowed; null where no regressor is an indicator.
  const RegressorIndicators* regressors = nullptr;
  // Whether to score the method on the past, and to look for anomalies there.
  bool with_record = true;
};

struct MadeForecast {
  // Without a name. Carries the error where there is no forecast.
  v1::Forecast forecast;
  absl::Status status;
  // Why a plugin that was to forecast did not, where others stand in for it:
  // ModelledForecast::model_failure.
  absl::Status model_failure;
};

// What the models of the task work with.
ModelContext ModelContextOf(const ForecastTask& task);

// In the order of the panel's columns. A daily series that never has values on
// some days of the week has no steps there: series::StepAxis. Periods without a
// value between the first and the last are missing values to the model. A
// column of which `ahead` says nothing is forecast directly, and a note says
// why.
// CANCELLED, and no part of the answer, if the task is stopped between two
// forecasts or within one; no other error.
absl::StatusOr<std::vector<MadeForecast>> MakeForecasts(
    const query::Panel& panel, const ForecastTask& task);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_FORECASTING_H_
