#include "daemon/pipeline/manager.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/base/thread_pool.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/change_watcher.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/executor.h"
#include "daemon/pipeline/forecasting.h"
#include "daemon/pipeline/issue_scores.h"
#include "daemon/schedule/scheduler.h"

namespace headway::pipeline {
namespace {

constexpr int kNextFireTimes = 10;

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

absl::StatusOr<const Indicator*> FindUsable(const Definitions& definitions,
                                            absl::string_view name) {
  ASSIGN_OR_RETURN(const auto found,
                   Find(definitions.indicators, "indicator", name));
  const Indicator& indicator = found->second;
  if (indicator.errors.empty()) return &indicator;
  return absl::FailedPreconditionError(
      absl::StrCat("indicator \"", name,
                   "\" is disabled: ", absl::StrJoin(indicator.errors, "; ")));
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
        executor(clock, store, plugins, [this] { return InForce(); }),
        pool({this->options.max_concurrent_runs}),
        scheduler(
            {this->options.max_concurrent_runs}, clock, store, &ledger,
            [this](schedule::ActiveRun& run) { executor.Execute(run); },
            [this](std::function<void()> work) {
              return pool.Schedule(std::move(work));
            }),
        watcher(store, &ledger, &scheduler, [this] { return InForce(); }) {}

  std::shared_ptr<const Definitions> InForce() const {
    absl::MutexLock lock(&mutex);
    return definitions;
  }

  absl::Status Load() {
    const std::unique_ptr<store::Reader> reader = store->NewReader();
    ASSIGN_OR_RETURN(
        Definitions loaded,
        LoadDirectory(options.pipelines_directory, {plugins, reader.get()}));
    LogErrors(loaded);
    RETURN_IF_ERROR(scheduler.SetJobs(JobsOf(loaded)));
    absl::MutexLock lock(&mutex);
    definitions = std::make_shared<const Definitions>(std::move(loaded));
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Pipeline> Describe(const Pipeline& pipeline) const;
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

  // In the order of use: what stands below ends first.
  schedule::Ledger ledger;
  Executor executor;
  ThreadPool pool;
  schedule::Scheduler scheduler;
  ChangeWatcher watcher;
};

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
    ASSIGN_OR_RETURN(const bool paused, scheduler.IsPaused(pipeline.name));
    proto.set_paused(paused);
    ASSIGN_OR_RETURN(const std::vector<absl::Time> times,
                     scheduler.NextFireTimes(pipeline.name, kNextFireTimes));
    for (absl::Time time : times) {
      *proto.add_next_fire_times() = messages::ToTimestamp(time);
    }
  }
  ASSIGN_OR_RETURN(std::optional<v1::Run> last, ledger.Latest(pipeline.name));
  if (last.has_value()) *proto.mutable_last_run() = *std::move(last);
  return proto;
}

absl::Status PipelineManager::Impl::CheckRuns(absl::string_view name) const {
  const std::shared_ptr<const Definitions> in_force = InForce();
  ASSIGN_OR_RETURN(const auto found,
                   Find(in_force->pipelines, "pipeline", name));
  if (found->second.runs) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "pipeline \"", name,
      "\" does not run: ", absl::StrJoin(found->second.errors, "; ")));
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

absl::Status PipelineManager::Start() {
  RETURN_IF_ERROR(impl_->scheduler.Recover());
  RETURN_IF_ERROR(impl_->watcher.CatchUp());
  impl_->watcher.Start();
  impl_->scheduler.Start();
  return absl::OkStatus();
}

void PipelineManager::Stop() { impl_->scheduler.Stop(); }

absl::Status PipelineManager::Reload() {
  absl::MutexLock lock(&impl_->reload_mutex);
  RETURN_IF_ERROR(impl_->Load());
  return impl_->watcher.CatchUp();
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

absl::StatusOr<v1::Run> PipelineManager::StartRun(absl::string_view pipeline) {
  RETURN_IF_ERROR(impl_->CheckRuns(pipeline));
  return impl_->scheduler.Trigger(pipeline, v1::Run::MANUAL);
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

absl::StatusOr<query::Panel> PipelineManager::EvaluateIndicator(
    absl::string_view name, const store::Reader& reader,
    absl::Time as_of) const {
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  RETURN_IF_ERROR(FindUsable(*in_force, name).status());
  return pipeline::EvaluateIndicator(*in_force, std::string(name), reader,
                                     as_of);
}

absl::StatusOr<std::set<std::string>> PipelineManager::AffectedIndicators(
    const store::Reader& reader,
    absl::Span<const store::SeriesId> changed) const {
  std::vector<series::SeriesKey> keys;
  for (store::SeriesId id : changed) {
    ASSIGN_OR_RETURN(store::SeriesEntry entry, reader.GetSeries(id));
    keys.push_back(std::move(entry.info.key));
  }
  return AffectedBy(impl_->InForce()->inputs, keys);
}

absl::StatusOr<std::vector<v1::Forecast>> PipelineManager::LatestForecasts(
    absl::string_view indicator, const store::Reader& reader,
    absl::Time as_of) const {
  RETURN_IF_ERROR(
      Find(impl_->InForce()->indicators, "indicator", indicator).status());
  return LatestIssue(reader, indicator, as_of);
}

absl::StatusOr<PipelineManager::ForecastPage> PipelineManager::ListForecasts(
    absl::string_view indicator, const store::Reader& reader, size_t page_size,
    absl::string_view page_token) const {
  RETURN_IF_ERROR(
      Find(impl_->InForce()->indicators, "indicator", indicator).status());
  return ListIssues(reader, indicator, page_size, page_token);
}

absl::StatusOr<std::vector<v1::TrackRecord>> PipelineManager::TrackRecords(
    absl::string_view indicator, const store::Reader& reader,
    absl::Time as_of) const {
  ASSIGN_OR_RETURN(const query::Panel actuals,
                   EvaluateIndicator(indicator, reader, as_of));
  return ScoreIssues(reader, indicator, actuals, as_of);
}

absl::StatusOr<std::vector<v1::Forecast>> PipelineManager::ComputeForecast(
    const ForecastRequest& request, const store::Reader& reader) const {
  RETURN_IF_ERROR(CheckRequest(request));
  const std::shared_ptr<const Definitions> in_force = impl_->InForce();
  ForecastTask task;
  task.issue_time = impl_->clock->Now();
  task.as_of = std::min(request.as_of, task.issue_time);
  task.probabilities = request.probabilities;
  query::Panel panel;
  if (!request.indicator.empty()) {
    ASSIGN_OR_RETURN(const Indicator* indicator,
                     FindUsable(*in_force, request.indicator));
    task.indicator = request.indicator;
    task.definition.bounds = indicator->forecast.bounds;
    ASSIGN_OR_RETURN(
        panel, pipeline::EvaluateIndicator(*in_force, request.indicator, reader,
                                           request.as_of));
  } else {
    ASSIGN_OR_RETURN(const query::Expression expression,
                     query::Parse(request.expression));
    query::Context context;
    context.reader = &reader;
    context.indicators = &in_force->expressions;
    context.as_of = request.as_of;
    ASSIGN_OR_RETURN(panel, query::Evaluate(expression, context));
  }
  if (!request.method.empty()) task.definition.method = request.method;
  task.definition.horizon = request.horizon;
  std::vector<v1::Forecast> forecasts;
  for (MadeForecast& made : MakeForecasts(panel, task)) {
    forecasts.push_back(std::move(made.forecast));
  }
  return forecasts;
}

}  // namespace headway::pipeline
