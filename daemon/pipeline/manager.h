// The pipeline manager joins definitions, scheduler, ledger and executor. The
// services reach pipelines through it.
//
//   ASSIGN_OR_RETURN(auto manager, PipelineManager::Create(options, clock,
//                                                          store, host));
//   RETURN_IF_ERROR(manager->Recover());
//   manager->Start();
//
// A run pulls its sources, derives the indicators whose inputs changed, and
// issues forecasts of those whose values changed. New data in the store, from
// another pipeline or a program that pushes, queue a run ON_CHANGE of every
// pipeline that uses them.
//
// Pipelines and indicators are named here without "pipelines/" and
// "indicators/"; runs by their full name, pipelines/NAME/runs/ID.
//
// Thread-safe. Evaluation and forecasts compute on the caller's thread, and end
// with what its `check_alive` says. Errors: NOT_FOUND with the nearest name for
// an unknown pipeline or indicator; FAILED_PRECONDITION, with the definition's
// errors, for one that is disabled; INVALID_ARGUMENT for what a caller asked
// wrongly.
#ifndef HEADWAY_DAEMON_PIPELINE_MANAGER_H_
#define HEADWAY_DAEMON_PIPELINE_MANAGER_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/evaluations.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "daemon/pipeline/issues/issue_scores.h"
#include "daemon/query/query.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {

class PipelineManager {
 public:
  struct Options {
    std::string pipelines_directory;
    int max_concurrent_runs = 2;
    // From their creation; retention.h says which stay.
    absl::Duration keep_runs = absl::Hours(24 * 400);
    // Before they are thinned out (forecast_thinning.h); zero: for good.
    absl::Duration keep_all_forecasts = absl::ZeroDuration();
    Evaluations::Options evaluations;
  };

  // Loads the definitions. Errors in them do not fail it (see
  // definitions()->errors); an unreadable directory does. The pointers must
  // outlive the manager.
  static absl::StatusOr<std::unique_ptr<PipelineManager>> Create(
      Options options, Clock* clock, store::Store* store,
      ingest::PluginHost* plugins);
  // Stops.
  ~PipelineManager();

  // Takes up the runs that had not ended. Once, before the manager is given to
  // anybody who could ask for a run.
  absl::Status Recover();
  // Begins to run what is due. After Recover. What cannot be begun, because the
  // clock is in doubt or the store refuses, is logged and tried again.
  void Start();
  // Runs at work are stopped and taken up at the next start.
  void Stop();

  // Reads the definitions again. On an error the old ones stay. Definitions
  // that are wrong are no error: definitions()->errors has them.
  absl::Status Reload();
  // Switches a source on or off, whatever its definition says, and keeps that
  // over restarts and reloads. NOT_FOUND if it is not defined.
  absl::Status SwitchSource(absl::string_view name, bool enabled);
  // The definitions in force; they do not change under the holder.
  std::shared_ptr<const Definitions> definitions() const;

  // Pipelines by name, broken ones with their errors.
  absl::StatusOr<std::vector<v1::Pipeline>> ListPipelines() const;
  absl::StatusOr<v1::Pipeline> GetPipeline(absl::string_view name) const;
  // Queues a manual run, or returns the one that is queued already. With a
  // request id: returns the run that the first call with it gave.
  absl::StatusOr<v1::Run> StartRun(absl::string_view pipeline,
                                   absl::string_view request_id = "");
  absl::StatusOr<v1::Run> CancelRun(absl::string_view run_name);
  absl::StatusOr<v1::Pipeline> PausePipeline(absl::string_view name);
  absl::StatusOr<v1::Pipeline> ResumePipeline(absl::string_view name);
  // For GetRun, ListRuns and WatchRun.
  schedule::Ledger& ledger();

  // Slots without a run more than a minute after they were due.
  std::vector<schedule::Scheduler::LateSlot> LateSlots() const;

  // The indicator's values, in its declared unit; shared with others who ask.
  absl::StatusOr<std::shared_ptr<const Evaluation>> ReadIndicator(
      absl::string_view name, const EvaluateOptions& options = {}) const;
  // The values of an expression, which must have the members.
  absl::StatusOr<query::Panel> EvaluateExpression(
      absl::string_view expression, const store::Reader& reader,
      const EvaluateOptions& options = {},
      const std::vector<query::MemberSet>& members = {}) const;
  // Indicators, by name, that use a series which commits after this one
  // changed, directly or by way of other indicators.
  absl::StatusOr<std::set<std::string>> ChangedIndicators(
      store::CommitNumber after) const;

  // Part of the newest issue by `query.as_of`.
  absl::StatusOr<ForecastPage> LatestForecasts(
      absl::string_view indicator, const store::Reader& reader,
      const IssueQuery& query = {}) const;
  // Every issue, newest first.
  absl::StatusOr<ForecastPage> ListForecasts(
      absl::string_view indicator, const store::Reader& reader,
      const PageBounds& bounds, absl::string_view page_token) const;

  // What the issued forecasts scored against `actuals`, columns of the
  // indicator as known at the options' instant. Reads every issue, some at a
  // time.
  absl::StatusOr<IssueScores> TrackRecords(absl::string_view indicator,
                                           const store::Reader& reader,
                                           const query::Panel& actuals,
                                           const ScoreOptions& options) const;

  // Issues the newest forecasts of the indicator, its bare name, once more,
  // with one changed by hand: AdjustNewestIssue. ABORTED if a run issues
  // meanwhile.
  absl::StatusOr<v1::Forecast> AdjustForecast(
      absl::string_view indicator, const v1::AdjustForecastRequest& request);

  struct ForecastRequest {
    // One of the two.
    std::string indicator;
    std::string expression;
    std::string method = "auto";
    // Periods ahead, 1 to 1000; 0: one year, at least 4.
    int horizon = 0;
    // Of the instants both are the same in every page of an answer.
    absl::Time as_of = absl::InfiniteFuture();
    absl::Time recorded_by = absl::InfiniteFuture();
    // Rising, each in (0, 1); empty: the default grid.
    std::vector<double> probabilities;
    // Of all series, the first wanted, and how much.
    size_t first_series = 0;
    PageBounds bounds;
  };
  struct ComputedForecasts {
    std::vector<v1::Forecast> forecasts;
    // The series to go on with; absent after the last.
    std::optional<size_t> next_series;
    // What the next page is to be asked for.
    absl::Time as_of;
    absl::Time recorded_by;
  };
  // Forecasts of the series from `first_series` on, not kept. Bounds of the
  // values are those of the indicator's definition. A series that cannot be
  // forecast carries its error.
  absl::StatusOr<ComputedForecasts> ComputeForecast(
      const ForecastRequest& request, const store::Reader& reader,
      const CheckAlive& check_alive) const;

 private:
  class Impl;
  explicit PipelineManager(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MANAGER_H_
