// The pipeline manager joins definitions, scheduler, ledger and executor. The
// services reach pipelines through it.
//
//   ASSIGN_OR_RETURN(auto manager, PipelineManager::Create(options, clock,
//   store, host)); RETURN_IF_ERROR(manager->Start());
//
// A run pulls its sources, derives the indicators whose inputs changed, and
// issues forecasts of those whose values changed. New data in the store, from
// another pipeline or a program that pushes, queue a run ON_CHANGE of every
// pipeline that uses them.
//
// Pipelines and indicators are named here without "pipelines/" and
// "indicators/"; runs by their full name, pipelines/NAME/runs/ID.
//
// Thread-safe. Reads take a store::Reader, so that a request sees one state of
// the store throughout; evaluation and forecasts compute on the caller's
// thread. Errors: NOT_FOUND with the nearest name for an unknown pipeline or
// indicator; FAILED_PRECONDITION, with the definition's errors, for one that is
// disabled; INVALID_ARGUMENT for what a caller asked wrongly.
#ifndef HEADWAY_DAEMON_PIPELINE_MANAGER_H_
#define HEADWAY_DAEMON_PIPELINE_MANAGER_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/forecast_archive.h"
#include "daemon/query/query.h"
#include "daemon/schedule/ledger.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {

class PipelineManager {
 public:
  struct Options {
    std::string pipelines_directory;
    int max_concurrent_runs = 2;
  };

  // Loads the definitions. Errors in them do not fail it (see
  // definitions()->errors); an unreadable directory does. The pointers must
  // outlive the manager.
  static absl::StatusOr<std::unique_ptr<PipelineManager>> Create(
      Options options, Clock* clock, store::Store* store,
      ingest::PluginHost* plugins);
  // Stops.
  ~PipelineManager();

  // Takes up the runs that had not ended and begins to run what is due.
  absl::Status Start();
  // Runs at work are stopped and taken up at the next start.
  void Stop();

  // Reads the definitions again. On an error the old ones stay.
  absl::Status Reload();
  // The definitions in force; they do not change under the holder.
  std::shared_ptr<const Definitions> definitions() const;

  // Pipelines by name, broken ones with their errors.
  absl::StatusOr<std::vector<v1::Pipeline>> ListPipelines() const;
  absl::StatusOr<v1::Pipeline> GetPipeline(absl::string_view name) const;
  // Queues a manual run, or returns the one that is waiting already.
  absl::StatusOr<v1::Run> StartRun(absl::string_view pipeline);
  absl::StatusOr<v1::Run> CancelRun(absl::string_view run_name);
  absl::StatusOr<v1::Pipeline> PausePipeline(absl::string_view name);
  absl::StatusOr<v1::Pipeline> ResumePipeline(absl::string_view name);
  // For GetRun, ListRuns and WatchRun.
  schedule::Ledger& ledger();

  // The indicator's values, in its declared unit.
  absl::StatusOr<query::Panel> EvaluateIndicator(
      absl::string_view name, const store::Reader& reader,
      absl::Time as_of = absl::InfiniteFuture()) const;
  // Indicators, by name, that use one of the series directly or by way of
  // other indicators.
  absl::StatusOr<std::set<std::string>> AffectedIndicators(
      const store::Reader& reader,
      absl::Span<const store::SeriesId> changed) const;

  // The newest issue by `as_of`, one forecast for each series of the indicator,
  // by labels. Empty if none was issued by then.
  absl::StatusOr<std::vector<v1::Forecast>> LatestForecasts(
      absl::string_view indicator, const store::Reader& reader,
      absl::Time as_of = absl::InfiniteFuture()) const;

  using ForecastPage = pipeline::ForecastPage;
  absl::StatusOr<ForecastPage> ListForecasts(
      absl::string_view indicator, const store::Reader& reader,
      size_t page_size, absl::string_view page_token) const;

  // What the forecasts issued by `as_of` scored against the actuals known at
  // `as_of`: one record for each series of the indicator, by labels; an empty
  // one where no actual has come yet. Reads every issue, some at a time.
  absl::StatusOr<std::vector<v1::TrackRecord>> TrackRecords(
      absl::string_view indicator, const store::Reader& reader,
      absl::Time as_of = absl::InfiniteFuture()) const;

  struct ForecastRequest {
    // One of the two.
    std::string indicator;
    std::string expression;
    std::string method = "auto";
    // Periods ahead, 1 to 1000; 0: one year, at least 4.
    int horizon = 0;
    absl::Time as_of = absl::InfiniteFuture();
    // Rising, each in (0, 1); empty: the default grid.
    std::vector<double> probabilities;
  };
  // Forecasts of every series, not kept. Bounds are those of the indicator's
  // definition. A series that cannot be forecast carries its error.
  absl::StatusOr<std::vector<v1::Forecast>> ComputeForecast(
      const ForecastRequest& request, const store::Reader& reader) const;

 private:
  class Impl;
  explicit PipelineManager(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MANAGER_H_
