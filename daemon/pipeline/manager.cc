#include "daemon/pipeline/manager.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/clock_guard.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/base/thread_pool.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/change_watcher.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/definitions/indicator_history.h"
#include "daemon/pipeline/definitions/last_good.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/executor.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/forecast_thinning.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/pipeline/issues/adjustment.h"
#include "daemon/pipeline/issues/issue_scores.h"
#include "daemon/pipeline/regressors.h"
#include "daemon/pipeline/retention.h"
#include "daemon/pipeline/switches/switches.h"
#include "daemon/pipeline/upkeep.h"
#include "daemon/schedule/scheduler.h"

namespace headway::pipeline {
namespace {

constexpr int kNextFireTimes = 10;
// The classes of work, each of which may take all of its places at once.
constexpr int kResources = 3;

template <typename Map>
absl::StatusOr<typename Map::const_iterator> Find(const Map& map,
                                                  absl::string_view what,
                                                  absl::string_view name) {
  const auto it = map.find(std::string(name));
  if (it != map.end()) return it;
  std::vector<std::string> names;
  for (const auto& [known, value] : map) names.push_back(known);
  return absl::NotFoundError(absl::StrCat("there is no ", what, " \"", name,
                                          "\"", DidYouMean(name, names)));
}

// What follows "does not run: ": never nothing.
std::string Reasons(const std::vector<std::string>& errors) {
  if (!errors.empty()) return absl::StrJoin(errors, "; ");
  return "its file has errors; the daemon's log and headway check name them";
}

absl::StatusOr<const Indicator*> FindUsable(const Definitions& definitions,
                                            absl::string_view name) {
  ASSIGN_OR_RETURN(const auto found,
                   Find(definitions.indicators, "indicator", name));
  const Indicator& indicator = found->second;
  if (indicator.errors.empty()) return &indicator;
  return absl::FailedPreconditionError(absl::StrCat(
      "indicator \"", name, "\" is disabled: ", Reasons(indicator.errors)));
}

std::vector<schedule::Job> JobsOf(const Definitions& definitions) {
  std::vector<schedule::Job> jobs;
  for (const auto& [name, pipeline] : definitions.pipelines) {
    if (pipeline.runs) jobs.push_back(pipeline.job);
  }
  return jobs;
}

// What was asked wrongly is one error, not one for each series.
absl::Status CheckRequest(const PipelineManager::ForecastRequest& request) {
  if (request.indicator.empty() == request.expression.empty()) {
    return absl::InvalidArgumentError(
        "name an indicator or give an expression, one of the two");
  }
  if (!request.method.empty()) RETURN_IF_ERROR(CheckMethod(request.method));
  RETURN_IF_ERROR(CheckHorizon(request.horizon));
  double last = 0;
  for (double probability : request.probabilities) {
    if (!(probability > last && probability < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("quantile ", probability, " is not between ", last,
                       " and 1; give probabilities between 0 and 1 that rise"));
    }
    last = probability;
  }
  return absl::OkStatus();
}

// Makes the forecasts of a page, one series after the other.
absl::Status Compute(const query::Panel& panel,
                     const PipelineManager::ForecastRequest& request,
                     const ForecastTask& task, const CheckAlive& check_alive,
                     PipelineManager::ComputedForecasts& computed) {
  size_t bytes = 0;
  for (size_t i = request.first_series; i < panel.columns.size(); ++i) {
    if (check_alive) RETURN_IF_ERROR(check_alive());
    const query::Panel one = {panel.unit, {panel.columns[i]}};
    absl::StatusOr<std::vector<MadeForecast>> made = MakeForecasts(one, task);
    // Says why the forecast was stopped.
    if (!made.ok() && check_alive) RETURN_IF_ERROR(check_alive());
    RETURN_IF_ERROR(made.status());
    v1::Forecast& forecast = (*made)[0].forecast;
    bytes += forecast.ByteSizeLong();
    const bool is_full = computed.forecasts.size() == request.bounds.items ||
                         bytes > request.bounds.bytes;
    if (is_full && !computed.forecasts.empty()) {
      computed.next_series = i;
      return absl::OkStatus();
    }
    computed.forecasts.push_back(std::move(forecast));
  }
  return absl::OkStatus();
}

void LogErrors(const Definitions& definitions) {
  for (const DefinitionError& error : definitions.errors) {
    Log(LogLevel::kError, "definition error", {{"error", error.ToString()}});
  }
}

}  // namespace

class PipelineManager::Impl {
 public:
  Impl(Options options, Clock* clock, store::Store* store,
       ingest::PluginHost* plugins)
      : options(std::move(options)),
        clock(clock),
        store(store),
        plugins(plugins),
        ledger(store, clock),
        pool({.threads = kResources * this->options.max_concurrent_runs,
              .niceness = kBackground}),
        executor(
            clock, store, plugins, [this] { return InForce(); }, &pool,
            static_cast<int>(
                std::max(1u, std::thread::hardware_concurrency()))),
        retention(this->options.keep_runs, clock, store, &ledger),
        thinning(this->options.keep_all_forecasts, clock, store,
                 [this] { return InForce(); }),
        documents(clock, store, [this] { return InForce(); }),
        upkeep(clock, {[this] { return retention.DoSome(); },
                       [this] { return thinning.DoSome(); },
                       [this] { return documents.DoSome(); }}),
        scheduler(
            {.max_concurrent_runs = this->options.max_concurrent_runs,
             .upkeep = [this] { return upkeep.DoSome(); }},
            clock, store, &ledger,
            [this](schedule::ActiveRun& run, const schedule::Piece& piece) {
              return executor.Execute(run, piece);
            },
            [this](std::function<void()> work) {
              return pool.Schedule(std::move(work));
            }),
        watcher(clock, store, &ledger, &scheduler,
                [this] { return InForce(); }),
        evaluations(this->options.evaluations, store,
                    [this] { return InForce(); }) {}

  std::shared_ptr<const Definitions> InForce() const {
    absl::MutexLock lock(&mutex);
    return definitions;
  }

  absl::Status Load() {
    const std::unique_ptr<store::Reader> reader = store->NewReader();
    ASSIGN_OR_RETURN(const LastGood last_good, ReadLastGood(*reader));
    ASSIGN_OR_RETURN(auto switches, ReadSwitches(*reader));
    ASSIGN_OR_RETURN(Definitions loaded,
                     LoadDirectory(options.pipelines_directory,
                                   {.plugins = plugins,
                                    .reader = reader.get(),
                                    .last_good = &last_good,
                                    .clock = clock,
                                    .switches = std::move(switches)}));
    LogErrors(loaded);
    ASSIGN_OR_RETURN(IndicatorHistory history, IndicatorHistory::Read(*reader));
    RETURN_IF_ERROR(Save(last_good, loaded, &history));
    loaded.history =
        std::make_shared<const IndicatorHistory>(std::move(history));
    RETURN_IF_ERROR(scheduler.SetJobs(JobsOf(loaded)));
    absl::MutexLock lock(&mutex);
    definitions = std::make_shared<const Definitions>(std::move(loaded));
    return absl::OkStatus();
  }

  absl::Status Save(const LastGood& before, const Definitions& now,
                    IndicatorHistory* history) {
    store::Batch batch;
    batch.records = LastGoodRecords(before, now.valid);
    for (store::Record& version : history->Add(now, clock->Now())) {
      batch.records.push_back(std::move(version));
    }
    if (batch.records.empty()) return absl::OkStatus();
    absl::Status saved = store->Commit(batch).status();
    if (!IsClockInDoubt(saved)) return saved;
    Log(LogLevel::kWarning,
        "the valid definitions cannot be stored; if one of them is broken "
        "before they are read again, an older version of it comes into force, "
        "and answers as of now will not be had again",
        {{"error", std::string(saved.message())}});
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Pipeline> Describe(const Pipeline& pipeline) const;
  absl::Status DescribeSchedule(const std::string& name,
                                v1::Pipeline& proto) const;
  // What failed in the pipeline and is still defined.
  absl::StatusOr<std::vector<v1::StepFailure>> FailuresOf(
      const store::Reader& reader, const Pipeline& pipeline) const;
  // A pipeline that exists and runs.
  absl::Status CheckRuns(absl::string_view name) const;

  const Options options;
  Clock* const clock;
  store::Store* const store;
  ingest::PluginHost* const plugins;

  mutable absl::Mutex mutex;
  std::shared_ptr<const Definitions> definitions ABSL_GUARDED_BY(mutex) =
      std::make_shared<const Definitions>();
  // One reload at a time.
  absl::Mutex reload_mutex;
  // One change of a forecast by hand at a time.
  absl::Mutex adjust_mutex;

  // In the order of use: what stands below ends first.
  schedule::Ledger ledger;
  ThreadPool pool;
  Executor executor;
  Retention retention;
  ForecastThinning thinning;
  DocumentRetention documents;
  Upkeep upkeep;
  schedule::Scheduler scheduler;
  ChangeWatcher watcher;
  // Thread-safe, as callers of const methods expect.
  mutable Evaluations evaluations;
};

absl::Status PipelineManager::Impl::DescribeSchedule(
    const std::string& name, v1::Pipeline& proto) const {
  ASSIGN_OR_RETURN(const bool paused, scheduler.IsPaused(name));
  proto.set_paused(paused);
  ASSIGN_OR_RETURN(const std::vector<absl::Time> times,
                   scheduler.NextFireTimes(name, kNextFireTimes));
  for (absl::Time time : times) {
    *proto.add_next_fire_times() = messages::ToTimestamp(time);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Pipeline> PipelineManager::Impl::Describe(
    const Pipeline& pipeline) const {
  v1::Pipeline proto;
  proto.set_name(absl::StrCat("pipelines/", pipeline.name));
  proto.set_title(pipeline.title);
  proto.set_description(pipeline.description);
  proto.set_cron(pipeline.cron);
  proto.set_time_zone(pipeline.time_zone);
  for (const std::string& name : pipeline.sources) proto.add_sources(name);
  for (const std::string& name : pipeline.indicators) {
    proto.add_indicators(absl::StrCat("indicators/", name));
  }
  for (const std::string& error : pipeline.errors) proto.add_errors(error);
  if (pipeline.runs) {
    const absl::Status status = DescribeSchedule(pipeline.name, proto);
    // A reload may have taken it out of the schedule just now.
    if (!absl::IsNotFound(status)) RETURN_IF_ERROR(status);
  }
  ASSIGN_OR_RETURN(std::optional<v1::Run> last, ledger.Latest(pipeline.name));
  if (last.has_value()) *proto.mutable_last_run() = *std::move(last);
  if (!pipeline.sources.empty()) {
    ASSIGN_OR_RETURN(std::optional<v1::Run> pull,
                     ledger.LatestPull(pipeline.name));
    if (pull.has_value()) *proto.mutable_last_pull() = *std::move(pull);
  }
  const std::unique_ptr<store::Reader> reader = store->NewReader();
  ASSIGN_OR_RETURN(std::vector<v1::StepFailure> failures,
                   FailuresOf(*reader, pipeline));
  for (v1::StepFailure& failure : failures) {
    *proto.add_failures() = std::move(failure);
  }
  for (const std::string& source : pipeline.sources) {
    v1::SourceStatus& status = *proto.add_source_status();
    status.set_name(source);
    ASSIGN_OR_RETURN(const std::optional<absl::Time> pulled,
                     LastPullOf(*reader, source));
    if (pulled.has_value()) {
      *status.mutable_last_success() = messages::ToTimestamp(*pulled);
    }
  }
  return proto;
}

absl::StatusOr<std::vector<v1::StepFailure>> PipelineManager::Impl::FailuresOf(
    const store::Reader& reader, const Pipeline& pipeline) const {
  const std::shared_ptr<const Definitions> in_force = InForce();
  ASSIGN_OR_RETURN(std::vector<v1::StepFailure> failures,
                   ListFailures(reader, pipeline.name));
  const auto is_gone = [&](const v1::StepFailure& failure) {
    if (failure.kind() == v1::RunStep::PULL) {
      const auto source = in_force->sources.find(failure.subject());
      return source == in_force->sources.end() || source->second.disabled ||
             source->second.pipeline != pipeline.name;
    }
    const auto indicator = in_force->indicators.find(failure.subject());
    return indicator == in_force->indicators.end() ||
           indicator->second.pipeline != pipeline.name ||
           (failure.kind() == v1::RunStep::FORECAST &&
            indicator->second.forecast.disabled);
  };
  failures.erase(std::remove_if(failures.begin(), failures.end(), is_gone),
                 failures.end());
  return failures;
}

absl::Status PipelineManager::Impl::CheckRuns(absl::string_view name) const {
  const std::shared_ptr<const Definitions> in_force = InForce();
  ASSIGN_OR_RETURN(const auto found,
                   Find(in_force->pipelines, "pipeline", name));
  if (found->second.runs) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "pipeline \"", name, "\" does not run: ", Reasons(found->second.errors)));
}

absl::StatusOr<std::unique_ptr<PipelineManager>> PipelineManager::Create(
    Options options, Clock* clock, store::Store* store,
    ingest::PluginHost* plugins) {
  auto impl = std::make_unique<Impl>(std::move(options), clock, store, plugins);
  RETURN_IF_ERROR(impl->Load());
  return absl::WrapUnique(new PipelineManager(std::move(impl)));
}

PipelineManager::PipelineManager(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
PipelineManager::~PipelineManager() = default;

absl::Status PipelineManager::Recover() { return impl_->scheduler.Recover(); }

void PipelineManager::Start() {
  impl_->watcher.CatchUp();
  impl_->watcher.Start();
  impl_->scheduler.Start();
}

void PipelineManager::Stop() { impl_->scheduler.Stop(); }

absl::Status PipelineManager::Reload() {
  absl::MutexLock lock(&impl_->reload_mutex);
  RETURN_IF_ERROR(impl_->Load());
  impl_->watcher.CatchUp();
  return absl::OkStatus();
}

absl::Status PipelineManager::SwitchSource(absl::string_view name,
                                           bool enabled) {
  absl::MutexLock lock(&impl_->reload_mutex);
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  ASSIGN_OR_RETURN(const auto found, Find(in_force->sources, "source", name));
  const bool as_declared = found->second.declared_disabled != enabled;
  store::Batch batch;
  batch.records.push_back(SwitchRecord(
      name, as_declared ? std::nullopt : std::optional<bool>(enabled)));
  RETURN_IF_ERROR(impl_->store->Commit(batch).status());
  RETURN_IF_ERROR(impl_->Load());
  impl_->watcher.CatchUp();
  return absl::OkStatus();
}

std::shared_ptr<const Definitions> PipelineManager::definitions() const {
  return impl_->InForce();
}

absl::StatusOr<std::vector<v1::Pipeline>> PipelineManager::ListPipelines()
    const {
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  std::vector<v1::Pipeline> protos;
  for (const auto& [name, pipeline] : in_force->pipelines) {
    ASSIGN_OR_RETURN(protos.emplace_back(), impl_->Describe(pipeline));
  }
  return protos;
}

absl::StatusOr<v1::Pipeline> PipelineManager::GetPipeline(
    absl::string_view name) const {
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  ASSIGN_OR_RETURN(const auto found,
                   Find(in_force->pipelines, "pipeline", name));
  return impl_->Describe(found->second);
}

absl::StatusOr<v1::Run> PipelineManager::StartRun(
    absl::string_view pipeline, absl::string_view request_id) {
  RETURN_IF_ERROR(impl_->CheckRuns(pipeline));
  return impl_->scheduler.Trigger(pipeline, v1::Run::MANUAL, request_id);
}

absl::StatusOr<v1::Run> PipelineManager::CancelRun(absl::string_view run_name) {
  return impl_->scheduler.Cancel(run_name);
}

absl::StatusOr<v1::Pipeline> PipelineManager::PausePipeline(
    absl::string_view name) {
  RETURN_IF_ERROR(impl_->CheckRuns(name));
  RETURN_IF_ERROR(impl_->scheduler.Pause(name));
  return GetPipeline(name);
}

absl::StatusOr<v1::Pipeline> PipelineManager::ResumePipeline(
    absl::string_view name) {
  RETURN_IF_ERROR(impl_->CheckRuns(name));
  RETURN_IF_ERROR(impl_->scheduler.Resume(name));
  return GetPipeline(name);
}

schedule::Ledger& PipelineManager::ledger() { return impl_->ledger; }

std::vector<schedule::Scheduler::LateSlot> PipelineManager::LateSlots() const {
  return impl_->scheduler.LateSlots();
}

absl::StatusOr<std::shared_ptr<const Evaluation>>
PipelineManager::ReadIndicator(absl::string_view name,
                               const EvaluateOptions& options) const {
  RETURN_IF_ERROR(FindUsable(*impl_->InForce(), name).status());
  return impl_->evaluations.Read(std::string(name), options);
}

absl::StatusOr<query::Panel> PipelineManager::EvaluateExpression(
    absl::string_view expression, const store::Reader& reader,
    const EvaluateOptions& options,
    const std::vector<query::MemberSet>& members) const {
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  ASSIGN_OR_RETURN(const query::Expression parsed, query::Parse(expression));
  ASSIGN_OR_RETURN(const std::shared_ptr<const query::IndicatorMap> indicators,
                   ExpressionsFor(*in_force, options));
  query::Context context;
  context.reader = &reader;
  context.indicators = indicators.get();
  context.members = members;
  context.as_of = options.as_of;
  context.recorded_by = options.recorded_by;
  context.check_alive = options.check_alive;
  context.budget = impl_->evaluations.budget();
  context.metrics_must_exist = true;
  return query::Evaluate(parsed, context);
}

absl::StatusOr<std::set<std::string>> PipelineManager::ChangedIndicators(
    store::CommitNumber after) const {
  return impl_->evaluations.ChangedAfter(after);
}

absl::StatusOr<ForecastPage> PipelineManager::LatestForecasts(
    absl::string_view indicator, const store::Reader& reader,
    const IssueQuery& query) const {
  RETURN_IF_ERROR(
      Find(impl_->InForce()->indicators, "indicator", indicator).status());
  return LatestIssue(reader, indicator, query);
}

absl::StatusOr<ForecastPage> PipelineManager::ListForecasts(
    absl::string_view indicator, const store::Reader& reader,
    const PageBounds& bounds, absl::string_view page_token) const {
  RETURN_IF_ERROR(
      Find(impl_->InForce()->indicators, "indicator", indicator).status());
  return ListIssues(reader, indicator, bounds, page_token);
}

absl::StatusOr<IssueScores> PipelineManager::TrackRecords(
    absl::string_view indicator, const store::Reader& reader,
    const query::Panel& actuals, const ScoreOptions& options) const {
  return ScoreIssues(reader, indicator, actuals, options);
}

absl::StatusOr<v1::Forecast> PipelineManager::AdjustForecast(
    absl::string_view indicator, const v1::AdjustForecastRequest& request) {
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  ASSIGN_OR_RETURN(const auto found,
                   Find(in_force->indicators, "indicator", indicator));
  const ValueBounds bounds = ToValueBounds(found->second.forecast.bounds);
  // Each sees what the one before it issued.
  absl::MutexLock lock(&impl_->adjust_mutex);
  const std::unique_ptr<store::Reader> reader = impl_->store->NewReader();
  ASSIGN_OR_RETURN(AdjustedIssue adjusted,
                   AdjustNewestIssue(*reader, indicator, request, bounds,
                                     impl_->clock->Now()));
  store::Batch batch;
  batch.records = std::move(adjusted.records);
  ASSIGN_OR_RETURN(batch.preconditions.emplace_back(),
                   NoIssueSince(*reader, indicator));
  RETURN_IF_ERROR(impl_->store->Commit(batch).status());
  return std::move(adjusted.forecast);
}

absl::StatusOr<PipelineManager::ComputedForecasts>
PipelineManager::ComputeForecast(const ForecastRequest& request,
                                 const store::Reader& reader,
                                 const CheckAlive& check_alive) const {
  RETURN_IF_ERROR(CheckRequest(request));
  ForecastTask task;
  task.issue_time = impl_->clock->Now();
  task.as_of = std::min(request.as_of, task.issue_time);
  task.probabilities = request.probabilities;
  task.indicator = request.indicator;
  task.plugins = impl_->plugins;
  if (!request.method.empty()) task.definition.method = request.method;
  task.definition.horizon = request.horizon;
  if (check_alive) {
    task.stopped = [&check_alive] { return !check_alive().ok(); };
  }
  const EvaluateOptions options = {.as_of = request.as_of,
                                   .recorded_by = request.recorded_by,
                                   .check_alive = check_alive};
  // One of the two holds the panel.
  std::shared_ptr<const Evaluation> shared;
  query::Panel own;
  ComputedForecasts computed;
  computed.as_of = task.as_of;
  bool leaves_out_regressors = false;
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  if (!request.indicator.empty()) {
    ASSIGN_OR_RETURN(const Indicator* indicator,
                     FindUsable(*in_force, request.indicator));
    task.definition.bounds = indicator->forecast.bounds;
    task.definition.quantity = indicator->forecast.quantity;
    task.definition.plugins = indicator->forecast.plugins;
    task.definition.through = indicator->forecast.through;
    task.definition.breaks = indicator->forecast.breaks;
    if (forecast::TakesRegressors(task.definition.method)) {
      task.definition.regressors = indicator->forecast.regressors;
    } else {
      leaves_out_regressors = !indicator->forecast.regressors.empty();
    }
    ASSIGN_OR_RETURN(shared, ReadIndicator(request.indicator, options));
    computed.recorded_by = shared->recorded_by;
  } else {
    ASSIGN_OR_RETURN(own,
                     EvaluateExpression(request.expression, reader, options));
    ASSIGN_OR_RETURN(computed.recorded_by, NewestRecordedAt(reader));
  }
  if (const auto plugin = PluginOfMethod(task.definition.method)) {
    const ingest::Source& model =
        task.definition.plugins
            .emplace(*plugin, ModelOf(*plugin, request.indicator.empty()
                                                   ? "an expression"
                                                   : request.indicator))
            .first->second;
    RETURN_IF_ERROR(impl_->plugins->CheckModel(model));
  }
  std::optional<Ahead> ahead;
  RegressorIndicators regressors;
  if (shared != nullptr) {
    EvaluateOptions same = options;
    same.recorded_by = shared->recorded_by;
    ahead = LookAheadOf(*in_force, reader, same, impl_->evaluations.budget(),
                        shared->panel, task);
    task.ahead = ahead.has_value() ? &*ahead : nullptr;
    ASSIGN_OR_RETURN(
        const RegressorPanels panels,
        ReadRegressors(task.definition, {in_force.get(), &reader, same,
                                         impl_->evaluations.budget()}));
    ASSIGN_OR_RETURN(
        regressors, ForecastRegressors(panels, shared->panel, task, *in_force));
    task.regressors = &regressors;
  }
  RETURN_IF_ERROR(Compute(shared != nullptr ? shared->panel : own, request,
                          task, check_alive, computed));
  if (leaves_out_regressors) {
    for (v1::Forecast& forecast : computed.forecasts) {
      forecast.add_notes(absl::StrCat("made without its regressors, which ",
                                      task.definition.method, " cannot use"));
    }
  }
  return computed;
}

}  // namespace headway::pipeline
