#include "daemon/pipeline/executor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock_guard.h"
#include "daemon/base/log.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/source/errors.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/pipeline/issuing.h"
#include "daemon/pipeline/regressors.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {
namespace {

using messages::ToTimestamp;
using schedule::Piece;
using schedule::Resource;

// A publisher that asks for longer is left to the next run.
constexpr absl::Duration kLongestRetryAfter = absl::Hours(1);
constexpr absl::Duration kProgressInterval = absl::Milliseconds(200);
// A plugin that crashed, hung or spoke garbage is likely to do it again.
constexpr int kMostSystemAttempts = 2;
// Of a plugin that somebody else ends by a signal, which costs no attempt.
constexpr int kMostInterruptions = 5;
constexpr absl::Duration kAfterInterruption = absl::Seconds(5);

// One piece of one run. The methods that return a status fail only where the
// run cannot go on: the store does not answer.
class Execution {
 public:
  Execution(Clock* clock, store::Store* store, ingest::PluginHost* plugins,
            ThreadPool* pool, int threads, const Definitions& definitions,
            const Pipeline& pipeline, schedule::ActiveRun& run)
      : clock_(clock),
        store_(store),
        plugins_(plugins),
        pool_(pool),
        threads_(threads),
        definitions_(definitions),
        pipeline_(pipeline),
        run_(run) {}

  absl::Status Do(const Piece& piece);
  // Those of which one may come next.
  std::vector<Piece> Next();

 private:
  void PlanSteps();
  v1::RunStep Planned(v1::RunStep::Kind kind, const std::string& subject) const;
  std::vector<v1::RunStep*> OpenSteps(v1::RunStep::Kind kind);

  absl::Status Pull(v1::RunStep& step);
  absl::StatusOr<ingest::PullReport> PullOnce(const Source& source,
                                              v1::RunStep& step);
  // How long to wait before the next try of a pull that failed; absent: there
  // is none.
  std::optional<absl::Duration> WaitAfter(const absl::Status& failure,
                                          const Source& source,
                                          v1::RunStep& step) const;
  absl::Status DeriveAll();
  absl::Status Derive(v1::RunStep& step, const store::Reader& reader,
                      bool affected);
  absl::Status ForecastAll();
  absl::Status Forecast(v1::RunStep& step, const store::Reader& reader);
  absl::Status Issue(v1::RunStep& step, const store::Reader& reader,
                     const query::Panel& panel,
                     const RegressorPanels& regressors,
                     const IssueState& before);

  // CANCELLED when the run is told to stop.
  EvaluateOptions Evaluating() const;
  absl::StatusOr<query::Panel> Evaluate(const std::string& indicator,
                                        const store::Reader& reader) const;

  void Begin(v1::RunStep& step);
  // The run was told to stop while the step was at work: it did not end, and
  // this was no attempt.
  static absl::Status GiveUp(v1::RunStep& step);
  // Writes the end of a step, and `with` in the same commit.
  absl::Status End(v1::RunStep& step, v1::RunStep::State state,
                   store::Batch with = {});
  absl::Status Fail(v1::RunStep& step, const absl::Status& why,
                    store::Batch with = {});
  // Written with the next step that ends, or at the end of the piece.
  void Skip(v1::RunStep& step, absl::string_view why);
  // The same of a step that has done already what there was to do.
  absl::Status SkipDone(v1::RunStep& step, absl::string_view why);

  Clock* const clock_;
  store::Store* const store_;
  ingest::PluginHost* const plugins_;
  ThreadPool* const pool_;
  const int threads_;
  const Definitions& definitions_;
  const Pipeline& pipeline_;
  schedule::ActiveRun& run_;
  absl::Time as_of_;
};

absl::Status Execution::Do(const Piece& piece) {
  as_of_ = absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now()));
  PlanSteps();
  run_.Publish();
  switch (piece.resource) {
    case Resource::kPull:
      for (v1::RunStep* step : OpenSteps(v1::RunStep::PULL)) {
        if (step->subject() == piece.subject) return Pull(*step);
      }
      return absl::OkStatus();
    case Resource::kDerive:
      // The first piece of a run that has sources finds them to be pulled.
      return OpenSteps(v1::RunStep::PULL).empty() ? DeriveAll()
                                                  : absl::OkStatus();
    case Resource::kForecast:
      return ForecastAll();
  }
  return absl::OkStatus();
}

std::vector<Piece> Execution::Next() {
  std::vector<Piece> pieces;
  for (const v1::RunStep* step : OpenSteps(v1::RunStep::PULL)) {
    Piece& piece = pieces.emplace_back();
    piece.resource = Resource::kPull;
    piece.subject = step->subject();
    const std::string& plugin =
        definitions_.sources.at(step->subject()).source.plugin;
    const auto info = plugins_->GetPlugin(plugin);
    if (info.ok()) {
      piece.hosts.assign(info->description.hosts().begin(),
                         info->description.hosts().end());
    }
    if (piece.hosts.empty()) {
      piece.hosts.push_back(absl::StrCat("plugin ", plugin));
    }
    if (step->state() == v1::RunStep::WAITING) {
      piece.not_before = messages::FromTimestamp(step->next_attempt_time());
    }
  }
  if (!pieces.empty()) return pieces;
  for (const auto& [kind, resource] :
       {std::pair(v1::RunStep::DERIVE, Resource::kDerive),
        std::pair(v1::RunStep::FORECAST, Resource::kForecast)}) {
    if (OpenSteps(kind).empty()) continue;
    Piece piece;
    piece.resource = resource;
    return {piece};
  }
  return {};
}

v1::RunStep Execution::Planned(v1::RunStep::Kind kind,
                               const std::string& subject) const {
  for (const v1::RunStep& old : run_.run().steps()) {
    if (old.kind() != kind || old.subject() != subject) continue;
    v1::RunStep step = old;
    // Broken off with the daemon.
    if (step.state() == v1::RunStep::RUNNING) {
      step.set_state(v1::RunStep::PENDING);
    }
    return step;
  }
  v1::RunStep step;
  step.set_kind(kind);
  step.set_subject(subject);
  step.set_state(v1::RunStep::PENDING);
  return step;
}

// The steps by the definitions of now, as far as each has come.
void Execution::PlanSteps() {
  std::vector<v1::RunStep> steps;
  if (run_.run().trigger() != v1::Run::ON_CHANGE) {
    for (const std::string& source : pipeline_.sources) {
      v1::RunStep& step =
          steps.emplace_back(Planned(v1::RunStep::PULL, source));
      const Source& defined = definitions_.sources.at(source);
      if (defined.disabled && !messages::HasEnded(step)) {
        Skip(step, defined.superseded_by.empty()
                       ? defined.switched ? "disabled by hand"
                                          : "disabled by its definition"
                       : absl::StrCat("source ", defined.superseded_by,
                                      " takes its place"));
      }
    }
  }
  std::vector<std::string> indicators;
  for (const std::string& name : definitions_.evaluation_order) {
    if (definitions_.indicators.at(name).pipeline == pipeline_.name) {
      indicators.push_back(name);
    }
  }
  for (const std::string& name : indicators) {
    steps.push_back(Planned(v1::RunStep::DERIVE, name));
  }
  for (const std::string& name : indicators) {
    if (!definitions_.indicators.at(name).forecast.disabled) {
      steps.push_back(Planned(v1::RunStep::FORECAST, name));
    }
  }
  auto* planned = run_.run().mutable_steps();
  planned->Clear();
  for (v1::RunStep& step : steps) *planned->Add() = std::move(step);
}

std::vector<v1::RunStep*> Execution::OpenSteps(v1::RunStep::Kind kind) {
  std::vector<v1::RunStep*> open;
  for (v1::RunStep& step : *run_.run().mutable_steps()) {
    if (step.kind() == kind && !messages::HasEnded(step)) open.push_back(&step);
  }
  return open;
}

void Execution::Begin(v1::RunStep& step) {
  step.set_state(v1::RunStep::RUNNING);
  step.clear_next_attempt_time();
  step.clear_message();
  step.clear_error();
  step.set_progress(0);
  if (!step.has_start_time()) {
    *step.mutable_start_time() = ToTimestamp(clock_->Now());
  }
  run_.Publish();
}

absl::Status Execution::GiveUp(v1::RunStep& step) {
  step.set_state(v1::RunStep::PENDING);
  return absl::OkStatus();
}

absl::Status Execution::End(v1::RunStep& step, v1::RunStep::State state,
                            store::Batch with) {
  step.set_state(state);
  *step.mutable_end_time() = ToTimestamp(clock_->Now());
  if (state == v1::RunStep::SUCCEEDED) step.set_progress(1);
  RETURN_IF_ERROR(NoteEnd(*store_->NewReader(), pipeline_.name,
                          run_.run().name(), step, with));
  absl::Status saved = run_.Save(std::move(with));
  if (!saved.ok()) {
    // What belongs to its end is not there.
    step.set_state(v1::RunStep::PENDING);
    step.clear_end_time();
  }
  return saved;
}

absl::Status Execution::Fail(v1::RunStep& step, const absl::Status& why,
                             store::Batch with) {
  step.set_error(std::string(why.message()));
  Log(LogLevel::kWarning, "step failed",
      {{"run", run_.run().name()},
       {"step", v1::RunStep::Kind_Name(step.kind())},
       {"subject", step.subject()},
       {"error", step.error()}});
  return End(step, v1::RunStep::FAILED, std::move(with));
}

void Execution::Skip(v1::RunStep& step, absl::string_view why) {
  step.set_state(v1::RunStep::SKIPPED);
  step.set_message(std::string(why));
}

absl::Status Execution::SkipDone(v1::RunStep& step, absl::string_view why) {
  Skip(step, why);
  store::Batch batch;
  RETURN_IF_ERROR(
      NoteNothingToDo(*store_->NewReader(), pipeline_.name, step, batch));
  if (batch.records.empty()) return absl::OkStatus();
  return run_.Save(std::move(batch));
}

absl::StatusOr<ingest::PullReport> Execution::PullOnce(const Source& source,
                                                       v1::RunStep& step) {
  absl::Duration last_shown = -absl::InfiniteDuration();
  ingest::PullObserver observer;
  observer.on_progress = [&](std::optional<double> fraction,
                             absl::string_view message) {
    if (fraction.has_value()) step.set_progress(*fraction);
    if (!message.empty()) step.set_message(std::string(message));
    const absl::Duration now = clock_->Elapsed();
    if (now - last_shown < kProgressInterval) return;
    last_shown = now;
    run_.Publish();
  };
  observer.cancelled = [&] { return run_.stopping(); };
  observer.preconditions = run_.Preconditions();
  ASSIGN_OR_RETURN(const std::optional<absl::Time> last_pull,
                   LastPullOf(*store_->NewReader(), source.source.name));
  observer.last_pull = last_pull.value_or(absl::InfinitePast());
  return plugins_->Pull(source.source, run_.run().name(), observer);
}

absl::Status Execution::Pull(v1::RunStep& step) {
  const Source& source = definitions_.sources.at(step.subject());
  Begin(step);
  const absl::StatusOr<ingest::PullReport> report = PullOnce(source, step);
  if (!report.ok() && run_.stopping()) {
    return GiveUp(step);
  }
  if (!report.ok()) {
    // Not the publisher's fault.
    if (absl::Status clock = store_->CheckClock(); !clock.ok()) {
      RETURN_IF_ERROR(GiveUp(step));
      return clock;
    }
  }
  const bool interrupted = ingest::WasInterrupted(report.status());
  if (interrupted) {
    step.set_interruptions(step.interruptions() + 1);
  } else {
    step.set_attempts(step.attempts() + 1);
  }
  const std::vector<std::string> log =
      report.ok() ? report->log : ingest::LogOf(report.status());
  step.mutable_log()->Assign(log.begin(), log.end());
  step.clear_message();
  if (report.ok()) {
    step.set_items_in(report->observations_read);
    step.set_items_out(report->observations_changed);
    step.set_plugin_version(report->plugin_version);
    return End(step, v1::RunStep::SUCCEEDED);
  }
  const std::optional<absl::Duration> wait =
      WaitAfter(report.status(), source, step);
  if (!wait.has_value()) return Fail(step, report.status());
  const absl::Time next = clock_->Now() + *wait;
  step.set_state(v1::RunStep::WAITING);
  *step.mutable_next_attempt_time() = ToTimestamp(next);
  step.set_message(absl::StrCat(
      interrupted ? "interrupted"
                  : absl::StrCat("attempt ", step.attempts(), " of ",
                                 source.retry.max_attempts, " failed"),
      " (", report.status().message(), "); the next is at ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", next, absl::UTCTimeZone())));
  return run_.Save({});
}

std::optional<absl::Duration> Execution::WaitAfter(const absl::Status& failure,
                                                   const Source& source,
                                                   v1::RunStep& step) const {
  if (ingest::WasInterrupted(failure)) {
    if (step.interruptions() > kMostInterruptions) return std::nullopt;
    return kAfterInterruption;
  }
  const absl::Duration asked =
      ingest::RetryAfter(failure).value_or(absl::ZeroDuration());
  int most = 1;
  if (absl::IsUnavailable(failure)) {
    most = source.retry.max_attempts;
  } else if (absl::IsInternal(failure)) {
    most = std::min(source.retry.max_attempts, kMostSystemAttempts);
  }
  if (step.attempts() >= most || asked > kLongestRetryAfter) {
    return std::nullopt;
  }
  return std::max(
      asked, BackoffAfter(source.retry, step.attempts(),
                          absl::StrCat(run_.run().name(), step.subject())));
}

absl::Status Execution::DeriveAll() {
  const std::vector<v1::RunStep*> steps = OpenSteps(v1::RunStep::DERIVE);
  if (steps.empty()) return absl::OkStatus();
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(const std::optional<store::CommitNumber> derived,
                   ReadDerivedCommit(*reader, pipeline_.name));
  // A pipeline that never derived has all to derive, whatever changed since the
  // store began.
  std::vector<series::SeriesKey> changed;
  if (derived.has_value()) {
    ASSIGN_OR_RETURN(changed, ChangedSince(*reader, *derived));
  }
  const std::set<std::string> affected =
      AffectedBy(definitions_.inputs, changed);
  for (v1::RunStep* step : steps) {
    if (run_.stopping()) return absl::OkStatus();
    RETURN_IF_ERROR(
        Derive(*step, *reader,
               !derived.has_value() || affected.count(step->subject()) > 0));
  }
  // The last of them may have been given up.
  if (run_.stopping()) return absl::OkStatus();
  // A run taken up again may have derived some before it was broken off, from
  // an earlier state: what changed since is left to the next run.
  const bool all =
      std::count_if(run_.run().steps().begin(), run_.run().steps().end(),
                    [](const v1::RunStep& step) {
                      return step.kind() == v1::RunStep::DERIVE;
                    }) == static_cast<int64_t>(steps.size());
  if ((derived.has_value() && changed.empty()) || !all) {
    return absl::OkStatus();
  }
  store::Batch batch;
  batch.records.push_back(
      DerivedCommitRecord(pipeline_.name, reader->commit()));
  return run_.Save(std::move(batch));
}

absl::Status Execution::Derive(v1::RunStep& step, const store::Reader& reader,
                               bool affected) {
  const std::string& name = step.subject();
  const Indicator& indicator = definitions_.indicators.at(name);
  ASSIGN_OR_RETURN(const std::optional<DerivedState> before,
                   ReadDerivedState(reader, name));
  if (!affected && before.has_value() &&
      before->fingerprint == indicator.fingerprint) {
    return SkipDone(step, "nothing it depends on changed");
  }
  Begin(step);
  const absl::StatusOr<query::Panel> panel = Evaluate(name, reader);
  if (absl::IsCancelled(panel.status())) return GiveUp(step);
  std::optional<DerivedState> now;
  if (panel.ok()) now = StateOf(indicator, *panel);
  store::Batch batch;
  if (now != before) batch.records.push_back(DerivedStateRecord(name, now));
  if (!panel.ok()) return Fail(step, panel.status(), std::move(batch));
  step.set_items_in(now->columns.size());
  step.set_items_out(CountChanged(before, *now));
  if (now->columns.empty()) {
    step.set_message("no values yet: none of its series has any");
  }
  return End(step, v1::RunStep::SUCCEEDED, std::move(batch));
}

EvaluateOptions Execution::Evaluating() const {
  EvaluateOptions options;
  options.as_of = as_of_;
  options.check_alive = [this] {
    return run_.stopping() ? absl::CancelledError("the run was told to stop")
                           : absl::OkStatus();
  };
  return options;
}

absl::StatusOr<query::Panel> Execution::Evaluate(
    const std::string& indicator, const store::Reader& reader) const {
  return EvaluateIndicator(definitions_, indicator, reader, Evaluating(),
                           nullptr);
}

absl::Status Execution::ForecastAll() {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  for (v1::RunStep* step : OpenSteps(v1::RunStep::FORECAST)) {
    if (run_.stopping()) return absl::OkStatus();
    RETURN_IF_ERROR(Forecast(*step, *reader));
  }
  return absl::OkStatus();
}

absl::Status Execution::Forecast(v1::RunStep& step,
                                 const store::Reader& reader) {
  const std::string& name = step.subject();
  const Indicator& indicator = definitions_.indicators.at(name);
  ASSIGN_OR_RETURN(const std::optional<DerivedState> derived,
                   ReadDerivedState(reader, name));
  if (!derived.has_value()) {
    Skip(step, "it could not be derived");
    return absl::OkStatus();
  }
  if (derived->columns.empty()) return SkipDone(step, "it has no values yet");
  ASSIGN_OR_RETURN(const IssueState issued, ReadIssueState(reader, name));
  const absl::StatusOr<RegressorPanels> regressors = ReadRegressors(
      indicator.forecast, {&definitions_, &reader, Evaluating(), nullptr});
  if (!regressors.ok()) return absl::OkStatus();
  const IssueState wanted =
      WithRegressors(IssueStateOf(*derived, indicator.forecast), *regressors);
  if (issued.mark == wanted.mark && issued.columns == wanted.columns) {
    if (!issued.failed) {
      return SkipDone(step, "nothing changed since the last issue");
    }
    // Data may come every second, and would fail every second.
    if (run_.run().trigger() == v1::Run::ON_CHANGE) {
      Skip(step,
           "it failed, and nothing changed since; the next run that pulls "
           "tries again");
      return absl::OkStatus();
    }
  }
  Begin(step);
  const absl::StatusOr<query::Panel> panel = Evaluate(name, reader);
  if (absl::IsCancelled(panel.status())) return GiveUp(step);
  if (!panel.ok()) return Fail(step, panel.status());
  return Issue(step, reader, *panel, *regressors, issued);
}

absl::Status Execution::Issue(v1::RunStep& step, const store::Reader& reader,
                              const query::Panel& panel,
                              const RegressorPanels& regressors,
                              const IssueState& before) {
  const std::string& name = step.subject();
  const Indicator& indicator = definitions_.indicators.at(name);
  ForecastTask task;
  task.indicator = name;
  task.definition = indicator.forecast;
  task.as_of = as_of_;
  task.issue_time = absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now()));
  task.run = run_.run().name();
  task.stopped = [this] { return run_.stopping(); };
  task.plugins = plugins_;
  task.pool = pool_;
  task.threads = threads_;
  const std::optional<Ahead> ahead =
      LookAheadOf(definitions_, reader, Evaluating(), nullptr, panel, task);
  task.ahead = ahead.has_value() ? &*ahead : nullptr;
  const absl::StatusOr<RegressorIndicators> explained =
      ForecastRegressors(regressors, panel, task, definitions_);
  if (!explained.ok()) return GiveUp(step);
  task.regressors = &*explained;
  IssueState now = WithRegressors(
      IssueStateOf(StateOf(indicator, panel), indicator.forecast), regressors);
  absl::StatusOr<MadeIssue> made = MakeIssue(reader, panel, task, before, now);
  if (absl::IsCancelled(made.status())) return GiveUp(step);
  if (!made.ok()) return Fail(step, made.status());
  now.failed = !made->failure.ok();
  step.set_items_in(static_cast<int64_t>(panel.columns.size()));
  step.set_items_out(made->issued);
  if (made->too_short > 0) {
    step.set_message(absl::StrCat(made->too_short, " of ", panel.columns.size(),
                                  " series too short"));
  }
  // The same failure once more is no news for the archive.
  if (now.failed && now == before) return Fail(step, made->failure);
  store::Batch batch;
  batch.records = std::move(made->records);
  batch.records.push_back(IssueStateRecord(name, now));
  if (now.failed) return Fail(step, made->failure, std::move(batch));
  return End(step, v1::RunStep::SUCCEEDED, std::move(batch));
}

}  // namespace

Executor::Executor(
    Clock* clock, store::Store* store, ingest::PluginHost* plugins,
    std::function<std::shared_ptr<const Definitions>()> definitions,
    ThreadPool* pool, int threads)
    : clock_(clock),
      store_(store),
      plugins_(plugins),
      definitions_(std::move(definitions)),
      pool_(pool),
      threads_(threads) {}

std::vector<Piece> Executor::Execute(schedule::ActiveRun& run,
                                     const Piece& piece) const {
  const std::shared_ptr<const Definitions> definitions = definitions_();
  const auto pipeline = definitions->pipelines.find(std::string(run.job()));
  if (pipeline == definitions->pipelines.end() || !pipeline->second.runs) {
    run.run().set_error(absl::StrCat("pipeline \"", run.job(),
                                     "\" is no longer defined, or its "
                                     "definition has errors"));
    return {};
  }
  Execution execution(clock_, store_, plugins_, pool_, threads_, *definitions,
                      pipeline->second, run);
  const absl::Status status = execution.Do(piece);
  if (IsClockInDoubt(status)) {
    Log(LogLevel::kWarning, "a run waits for a clock that can be believed",
        {{"run", run.run().name()}, {"error", std::string(status.message())}});
    // The scheduler begins none of them before.
    return execution.Next();
  }
  if (!status.ok()) {
    run.run().set_error(std::string(status.message()));
    Log(LogLevel::kError, "run broken off",
        {{"run", run.run().name()}, {"error", run.run().error()}});
    return {};
  }
  return execution.Next();
}

absl::Duration BackoffAfter(const RetryPolicy& policy, int attempt,
                            absl::string_view salt) {
  absl::Duration backoff = policy.initial_backoff;
  for (int i = 1; i < attempt && backoff < policy.max_backoff; ++i) {
    backoff *= 2;
  }
  backoff = std::min(backoff, policy.max_backoff);
  const uint64_t hash =
      StableHash().Add(salt).Add(static_cast<uint64_t>(attempt)).value();
  return backoff - backoff * (static_cast<double>(hash % 1024) / 1024 / 4);
}

}  // namespace headway::pipeline
