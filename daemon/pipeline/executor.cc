#include "daemon/pipeline/executor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/source/errors.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/forecast_archive.h"
#include "daemon/pipeline/forecasting.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {
namespace {

using messages::ToTimestamp;

// A publisher that asks for longer is left to the next run.
constexpr absl::Duration kLongestRetryAfter = absl::Hours(1);
constexpr absl::Duration kProgressInterval = absl::Milliseconds(200);

bool IsDerive(const v1::RunStep& step) {
  return step.kind() == v1::RunStep::DERIVE;
}

// One execution of one run. The methods that return a status fail only where
// the run cannot go on: the store does not answer.
class Execution {
 public:
  Execution(Clock* clock, store::Store* store, ingest::PluginHost* plugins,
            const Definitions& definitions, const Pipeline& pipeline,
            schedule::ActiveRun& run)
      : clock_(clock),
        store_(store),
        plugins_(plugins),
        definitions_(definitions),
        pipeline_(pipeline),
        run_(run) {}

  absl::Status Run();

 private:
  void PlanSteps();
  void PlanStep(std::vector<v1::RunStep>& steps, v1::RunStep::Kind kind,
                const std::string& subject) const;
  std::vector<v1::RunStep*> PendingSteps(v1::RunStep::Kind kind);

  absl::Status Pull(v1::RunStep& step);
  absl::StatusOr<ingest::PullReport> PullOnce(const Source& source,
                                              v1::RunStep& step);
  absl::Status DeriveAll();
  absl::Status Derive(v1::RunStep& step, const store::Reader& reader,
                      const std::set<std::string>& affected);
  absl::Status ForecastAll();
  absl::Status Forecast(v1::RunStep& step, const store::Reader& reader);
  absl::StatusOr<query::Panel> PanelOf(const std::string& indicator,
                                       const store::Reader& reader);

  void Begin(v1::RunStep& step);
  absl::Status End(v1::RunStep& step, v1::RunStep::State state);
  absl::Status Fail(v1::RunStep& step, const absl::Status& why);
  void Skip(v1::RunStep& step, absl::string_view why);
  // What is left when the run was cancelled.
  void SkipTheRest();

  Clock* const clock_;
  store::Store* const store_;
  ingest::PluginHost* const plugins_;
  const Definitions& definitions_;
  const Pipeline& pipeline_;
  schedule::ActiveRun& run_;
  absl::Time as_of_;
  // Of the indicators derived in this execution.
  std::map<std::string, query::Panel> tables_;
};

absl::Status Execution::Run() {
  PlanSteps();
  RETURN_IF_ERROR(run_.Save());
  for (v1::RunStep* step : PendingSteps(v1::RunStep::PULL)) {
    if (run_.stopping()) break;
    RETURN_IF_ERROR(Pull(*step));
  }
  if (!run_.stopping()) RETURN_IF_ERROR(DeriveAll());
  if (!run_.stopping()) RETURN_IF_ERROR(ForecastAll());
  if (run_.cancelled()) SkipTheRest();
  return absl::OkStatus();
}

void Execution::PlanStep(std::vector<v1::RunStep>& steps,
                         v1::RunStep::Kind kind,
                         const std::string& subject) const {
  v1::RunStep& step = steps.emplace_back();
  step.set_kind(kind);
  step.set_subject(subject);
  step.set_state(v1::RunStep::PENDING);
  for (const v1::RunStep& old : run_.run().steps()) {
    if (old.kind() == kind && old.subject() == subject &&
        messages::HasEnded(old)) {
      step = old;
    }
  }
}

void Execution::PlanSteps() {
  std::vector<v1::RunStep> steps;
  if (run_.run().trigger() != v1::Run::ON_CHANGE) {
    for (const std::string& source : pipeline_.sources) {
      PlanStep(steps, v1::RunStep::PULL, source);
    }
  }
  std::vector<std::string> indicators;
  for (const std::string& name : definitions_.evaluation_order) {
    if (definitions_.indicators.at(name).pipeline == pipeline_.name) {
      indicators.push_back(name);
    }
  }
  for (const std::string& name : indicators) {
    PlanStep(steps, v1::RunStep::DERIVE, name);
  }
  for (const std::string& name : indicators) {
    if (!definitions_.indicators.at(name).forecast.disabled) {
      PlanStep(steps, v1::RunStep::FORECAST, name);
    }
  }
  auto* planned = run_.run().mutable_steps();
  planned->Clear();
  for (v1::RunStep& step : steps) *planned->Add() = std::move(step);
}

std::vector<v1::RunStep*> Execution::PendingSteps(v1::RunStep::Kind kind) {
  std::vector<v1::RunStep*> pending;
  for (v1::RunStep& step : *run_.run().mutable_steps()) {
    if (step.kind() == kind && !messages::HasEnded(step))
      pending.push_back(&step);
  }
  return pending;
}

void Execution::Begin(v1::RunStep& step) {
  step.set_state(v1::RunStep::RUNNING);
  *step.mutable_start_time() = ToTimestamp(clock_->Now());
  run_.Publish();
}

absl::Status Execution::End(v1::RunStep& step, v1::RunStep::State state) {
  step.set_state(state);
  *step.mutable_end_time() = ToTimestamp(clock_->Now());
  if (state == v1::RunStep::SUCCEEDED) step.set_progress(1);
  return run_.Save();
}

absl::Status Execution::Fail(v1::RunStep& step, const absl::Status& why) {
  step.set_error(std::string(why.message()));
  Log(LogLevel::kWarning, "step failed",
      {{"run", run_.run().name()},
       {"step", v1::RunStep::Kind_Name(step.kind())},
       {"subject", step.subject()},
       {"error", step.error()}});
  return End(step, v1::RunStep::FAILED);
}

void Execution::Skip(v1::RunStep& step, absl::string_view why) {
  step.set_state(v1::RunStep::SKIPPED);
  step.set_message(std::string(why));
}

void Execution::SkipTheRest() {
  for (v1::RunStep& step : *run_.run().mutable_steps()) {
    if (!messages::HasEnded(step)) Skip(step, "the run was cancelled");
  }
}

absl::StatusOr<ingest::PullReport> Execution::PullOnce(const Source& source,
                                                       v1::RunStep& step) {
  absl::Time last_shown = absl::InfinitePast();
  ingest::PullObserver observer;
  observer.on_progress = [&](std::optional<double> fraction,
                             absl::string_view message) {
    if (fraction.has_value()) step.set_progress(*fraction);
    if (!message.empty()) step.set_message(std::string(message));
    const absl::Time now = clock_->Now();
    if (now - last_shown < kProgressInterval) return;
    last_shown = now;
    run_.Publish();
  };
  observer.cancelled = [&] { return run_.stopping(); };
  return plugins_->Pull(source.source, run_.run().name(), observer);
}

absl::Status Execution::Pull(v1::RunStep& step) {
  const Source& source = definitions_.sources.at(step.subject());
  if (source.disabled) {
    Skip(step, "disabled by its definition");
    return absl::OkStatus();
  }
  Begin(step);
  for (int attempt = 1;; ++attempt) {
    step.set_attempts(attempt);
    const absl::StatusOr<ingest::PullReport> report = PullOnce(source, step);
    if (report.ok()) {
      step.set_items_in(report->observations_read);
      step.set_items_out(report->observations_changed);
      step.set_plugin_version(report->plugin_version);
      step.clear_message();
      for (const std::string& line : report->log) step.add_log(line);
      return End(step, v1::RunStep::SUCCEEDED);
    }
    if (run_.stopping()) return absl::OkStatus();
    const absl::Duration asked =
        ingest::RetryAfter(report.status()).value_or(absl::ZeroDuration());
    if (!absl::IsUnavailable(report.status()) ||
        attempt >= source.retry.max_attempts || asked > kLongestRetryAfter) {
      return Fail(step, report.status());
    }
    const absl::Duration wait = std::max(
        asked, BackoffAfter(source.retry, attempt,
                            absl::StrCat(run_.run().name(), step.subject())));
    step.set_message(absl::StrCat(
        "attempt ", attempt, " of ", source.retry.max_attempts, " failed (",
        report.status().message(), "); the next is in ",
        absl::FormatDuration(absl::Trunc(wait, absl::Milliseconds(1)))));
    run_.Publish();
    if (!run_.Sleep(wait)) return absl::OkStatus();
  }
}

absl::Status Execution::DeriveAll() {
  const std::vector<v1::RunStep*> steps = PendingSteps(v1::RunStep::DERIVE);
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  as_of_ = absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now()));
  ASSIGN_OR_RETURN(const store::CommitNumber derived,
                   ReadDerivedCommit(*reader, pipeline_.name));
  ASSIGN_OR_RETURN(const std::vector<series::SeriesKey> changed,
                   ChangedSince(*reader, derived));
  const std::set<std::string> affected =
      AffectedBy(definitions_.inputs, changed);
  for (v1::RunStep* step : steps) {
    if (run_.stopping()) return absl::OkStatus();
    RETURN_IF_ERROR(Derive(*step, *reader, affected));
  }
  // A run taken up again may have derived some before it was broken off, from
  // an earlier state: what changed since is left to the next run.
  const bool all =
      std::count_if(run_.run().steps().begin(), run_.run().steps().end(),
                    IsDerive) == static_cast<int64_t>(steps.size());
  if (changed.empty() || !all) return absl::OkStatus();
  store::Batch batch;
  batch.records.push_back(
      DerivedCommitRecord(pipeline_.name, reader->commit()));
  return store_->Commit(batch).status();
}

absl::Status Execution::Derive(v1::RunStep& step, const store::Reader& reader,
                               const std::set<std::string>& affected) {
  const std::string& name = step.subject();
  const Indicator& indicator = definitions_.indicators.at(name);
  ASSIGN_OR_RETURN(const std::optional<DerivedState> before,
                   ReadDerivedState(reader, name));
  if (affected.count(name) == 0 && before.has_value() &&
      before->fingerprint == indicator.fingerprint) {
    Skip(step, "nothing it depends on changed");
    return absl::OkStatus();
  }
  Begin(step);
  absl::StatusOr<query::Panel> panel =
      EvaluateIndicator(definitions_, name, reader, {.as_of = as_of_}, nullptr);
  std::optional<DerivedState> now;
  if (panel.ok()) now = StateOf(indicator, *panel);
  if (now != before) {
    store::Batch batch;
    batch.records.push_back(DerivedStateRecord(name, now));
    RETURN_IF_ERROR(store_->Commit(batch).status());
  }
  if (!panel.ok()) return Fail(step, panel.status());
  step.set_items_in(now->columns.size());
  step.set_items_out(CountChanged(before, *now));
  if (now->columns.empty()) {
    step.set_message("no values yet: none of its series has any");
  }
  tables_[name] = *std::move(panel);
  return End(step, v1::RunStep::SUCCEEDED);
}

absl::Status Execution::ForecastAll() {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  for (v1::RunStep* step : PendingSteps(v1::RunStep::FORECAST)) {
    if (run_.stopping()) return absl::OkStatus();
    RETURN_IF_ERROR(Forecast(*step, *reader));
  }
  return absl::OkStatus();
}

absl::StatusOr<query::Panel> Execution::PanelOf(const std::string& indicator,
                                                const store::Reader& reader) {
  const auto derived = tables_.find(indicator);
  if (derived != tables_.end()) return derived->second;
  return EvaluateIndicator(definitions_, indicator, reader, {.as_of = as_of_},
                           nullptr);
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
  if (derived->columns.empty()) {
    Skip(step, "it has no values yet");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string issued, ReadIssueMark(reader, name));
  if (issued == IssueMark(*derived, indicator.forecast)) {
    Skip(step, "nothing changed since the last issue");
    return absl::OkStatus();
  }
  Begin(step);
  const absl::StatusOr<query::Panel> panel = PanelOf(name, reader);
  if (!panel.ok()) return Fail(step, panel.status());

  ForecastTask task;
  task.indicator = name;
  task.definition = indicator.forecast;
  task.as_of = as_of_;
  task.issue_time = absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now()));
  task.run = run_.run().name();
  ASSIGN_OR_RETURN(std::vector<MadeForecast> made, MakeForecasts(*panel, task));

  store::Batch batch;
  absl::Status failure;
  int issued_count = 0;
  int too_short = 0;
  for (MadeForecast& one : made) {
    batch.records.push_back(
        ArchiveForecast(name, batch.records.size(), one.forecast));
    if (one.status.ok()) {
      ++issued_count;
    } else if (absl::IsFailedPrecondition(one.status)) {
      ++too_short;  // will mend itself as the series grows
    } else {
      failure.Update(one.status);
    }
  }
  batch.records.push_back(IssueMarkRecord(
      name, IssueMark(StateOf(indicator, *panel), indicator.forecast)));
  RETURN_IF_ERROR(store_->Commit(batch).status());
  step.set_items_in(made.size());
  step.set_items_out(issued_count);
  if (too_short > 0) {
    step.set_message(
        absl::StrCat(too_short, " of ", made.size(), " series too short"));
  }
  if (!failure.ok()) return Fail(step, failure);
  return End(step, v1::RunStep::SUCCEEDED);
}

}  // namespace

Executor::Executor(
    Clock* clock, store::Store* store, ingest::PluginHost* plugins,
    std::function<std::shared_ptr<const Definitions>()> definitions)
    : clock_(clock),
      store_(store),
      plugins_(plugins),
      definitions_(std::move(definitions)) {}

void Executor::Execute(schedule::ActiveRun& run) const {
  const std::shared_ptr<const Definitions> definitions = definitions_();
  const auto pipeline = definitions->pipelines.find(std::string(run.job()));
  if (pipeline == definitions->pipelines.end() || !pipeline->second.runs) {
    run.run().set_error(absl::StrCat("pipeline \"", run.job(),
                                     "\" is no longer defined, or its "
                                     "definition has errors"));
    return;
  }
  Execution execution(clock_, store_, plugins_, *definitions, pipeline->second,
                      run);
  if (absl::Status status = execution.Run(); !status.ok()) {
    run.run().set_error(std::string(status.message()));
    Log(LogLevel::kError, "run broken off",
        {{"run", run.run().name()}, {"error", run.run().error()}});
  }
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
