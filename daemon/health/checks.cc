#include "daemon/health/checks.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/health/file_limit.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/recovery.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/series/period.h"
#include "daemon/store/upkeep/stats.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::health {
namespace {

using messages::FromTimestamp;
using messages::ToTimestamp;
using Problems = std::vector<v1::HealthProblem>;

// Below the first the store cannot go on for long; a commit needs the second.
constexpr uint64_t kLittleDisk = uint64_t{1} << 30;
constexpr uint64_t kNoDisk = uint64_t{64} << 20;
// A run that waits longer than this for its turn is late.
constexpr absl::Duration kLate = absl::Minutes(10);
// Of the descriptors that the process may have.
constexpr double kManyDescriptors = 0.8;
// So many are shown; two sources often differ about all that they share.
constexpr size_t kMostClashes = 20;

v1::HealthProblem& Add(Problems& problems, const char* kind,
                       absl::string_view subject, std::string message,
                       absl::string_view remedy) {
  v1::HealthProblem& problem = problems.emplace_back();
  problem.set_kind(kind);
  problem.set_subject(std::string(subject));
  problem.set_message(std::move(message));
  problem.set_remedy(std::string(remedy));
  return problem;
}

// Where it cannot be looked.
void AddUnknown(Problems& problems, const char* kind,
                const absl::Status& status) {
  Add(problems, kind, "",
      absl::StrCat("cannot be looked at: ", status.message()),
      "see the daemon's log");
}

std::string Days(absl::Duration duration) {
  return absl::StrCat(
      static_cast<int64_t>(absl::FDivDuration(duration, absl::Hours(24))),
      " days");
}

void LookAtDisk(const store::Store& store, Problems& problems) {
  const absl::StatusOr<store::StoreStats> stats = store::GetStats(store);
  if (!stats.ok()) return AddUnknown(problems, "disk", stats.status());
  const uint64_t left = stats->usage.free_disk_bytes;
  if (left >= kLittleDisk) return;
  Add(problems, "disk", "",
      absl::StrCat("the store's file system has ", left >> 20, " MiB left"),
      "free some, or move the data directory to a larger disk")
      .set_fatal(left < kNoDisk);
}

void LookAtWrites(store::Store& store, Problems& problems) {
  const std::optional<store::WriteError> error = store.write_error();
  if (error.has_value()) {
    v1::HealthProblem& problem =
        Add(problems, "write_error", "",
            absl::StrCat("commits fail: ", error->status.message()),
            error->is_final ? "the daemon ends, and its supervisor starts it "
                              "again; see its log"
                            : "mend what the message names; the daemon goes on "
                              "by itself then");
    problem.set_fatal(true);
    *problem.mutable_since() = ToTimestamp(error->since);
  }
  const absl::Status clock = store.CheckClock();
  if (!clock.ok()) {
    Add(problems, "clock", "", std::string(clock.message()),
        "set the machine's clock and keep it synchronised; a step may pass by "
        "itself within minutes, and --accept-clock vouches for a clock that is "
        "right")
        .set_fatal(true);
  }
}

void LookAtDescriptors(Problems& problems) {
  const absl::StatusOr<FileDescriptors> files = CountFileDescriptors();
  if (!files.ok()) {
    return AddUnknown(problems, "file_descriptors", files.status());
  }
  if (static_cast<double>(files->open) <
      kManyDescriptors * static_cast<double>(files->limit)) {
    return;
  }
  Add(problems, "file_descriptors", "",
      absl::StrCat(files->open, " of ", files->limit,
                   " file descriptors are in use"),
      "raise the limit of open files (LimitNOFILE of the service), or find the "
      "client that opens so many connections");
}

void LookAtDefinitions(const pipeline::Definitions& definitions,
                       Problems& problems) {
  for (const pipeline::DefinitionError& error : definitions.errors) {
    Add(problems, "broken_definition", error.file, error.ToString(),
        "mend the file and have it read again (SIGHUP); headway check FILE "
        "says what is wrong");
  }
}

void LookAtPlugins(const pipeline::Definitions& definitions,
                   ingest::PluginHost& plugins, Problems& problems) {
  std::set<std::string> used;
  for (const auto& [name, source] : definitions.sources) {
    if (!source.disabled) used.insert(source.source.plugin);
  }
  for (const std::string& name : used) {
    const absl::Status approval = plugins.LastApprovalOf(name);
    if (!approval.ok()) {
      Add(problems, "unapproved_plugin", name, std::string(approval.message()),
          absl::StrCat("if it is right, approve it as said; else put the old "
                       "executable back"));
    }
    const absl::Status status = plugins.LastStatusOf(name);
    if (status.ok() || !approval.ok()) continue;
    Add(problems, "parked_plugin", name, std::string(status.message()),
        "mend the plugin; a changed executable is tried again");
  }
  for (const auto& [name, source] : definitions.sources) {
    if (source.disabled) continue;
    const absl::Status status = plugins.CheckNotParked(source.source);
    if (status.ok()) continue;
    Add(problems, "parked_source", name, std::string(status.message()),
        absl::StrCat("mend the plugin or the source, then headway source "
                     "unpark ",
                     name, "; it is tried again by itself, too"));
  }
}

void LookAtIsolation(const ingest::PluginHost& plugins, Problems& problems) {
  if (plugins.isolation() == nullptr) return;
  for (const ingest::Isolation::Lack& lack : plugins.isolation()->lacks()) {
    Add(problems, "plugin_isolation", "", lack.what, lack.remedy);
  }
}

void LookAtSources(const pipeline::Pipeline& pipeline,
                   const pipeline::Definitions& definitions,
                   const v1::Pipeline& status, absl::Time now,
                   Problems& problems) {
  // A pause is what somebody wants.
  if (!pipeline.job.schedule.has_value() || status.paused()) return;
  const schedule::Schedule& schedule = *pipeline.job.schedule;
  for (const v1::SourceStatus& source : status.source_status()) {
    const auto defined = definitions.sources.find(source.name());
    if (defined == definitions.sources.end() || defined->second.disabled) {
      continue;
    }
    // Before its first success it is the failure, or the slot to come, that
    // tells.
    if (!source.has_last_success()) continue;
    const absl::Time last = FromTimestamp(source.last_success());
    // One slot may be missed.
    const absl::Time missed = schedule.cron.NextAfter(last, schedule.zone);
    const absl::Time due = schedule.cron.NextAfter(missed, schedule.zone);
    if (now <= due + schedule.jitter + absl::Hours(1)) continue;
    *Add(problems, "stale_source", source.name(),
         absl::StrCat("the last pull that succeeded was ", Days(now - last),
                      " ago, and two slots have passed since"),
         absl::StrCat("headway runs ", pipeline.name, " says why"))
         .mutable_since() = source.last_success();
  }
}

void LookAtFailures(const v1::Pipeline& pipeline, Problems& problems) {
  for (const v1::StepFailure& failure : pipeline.failures()) {
    *Add(problems, "failed_step",
         absl::StrCat(pipeline.name(), "/", failure.subject()),
         absl::StrCat(v1::RunStep::Kind_Name(failure.kind()), " of ",
                      failure.subject(), " fails: ", failure.error()),
         absl::StrCat("headway runs show ", failure.run(), " has its log"))
         .mutable_since() = failure.since();
  }
}

void LookAtRuns(pipeline::PipelineManager& pipelines, absl::Time now,
                Problems& problems) {
  const auto runs = pipelines.ledger().ListActive();
  if (!runs.ok()) return AddUnknown(problems, "late_slot", runs.status());
  for (const v1::Run& run : *runs) {
    if (run.state() != v1::Run::QUEUED) continue;
    const absl::Duration waited = now - FromTimestamp(run.create_time());
    if (waited < kLate) continue;
    *Add(problems, "late_slot", run.name(),
         absl::StrCat(
             "waits for its turn since ",
             absl::FormatDuration(absl::Trunc(waited, absl::Minutes(1)))),
         "raise max_concurrent_runs, or cancel what keeps the others waiting")
         .mutable_since() = run.create_time();
  }
}

void LookAtSlots(store::Store& store,
                 const pipeline::PipelineManager& pipelines, absl::Time now,
                 Problems& problems) {
  // By a clock in doubt everything may be late.
  if (!store.CheckClock().ok()) return;
  for (const schedule::Scheduler::LateSlot& slot : pipelines.LateSlots()) {
    if (now - slot.due < kLate) continue;
    *Add(problems, "late_slot", absl::StrCat("pipelines/", slot.job),
         absl::StrCat("was due at ", FormatInstant(slot.due),
                      " and has no run"),
         "see the daemon's log: the ledger cannot be written")
         .mutable_since() = ToTimestamp(slot.due);
  }
}

void LookAtParkedRun(const v1::Pipeline& pipeline, Problems& problems) {
  const v1::Run& last = pipeline.last_run();
  if (!schedule::IsParked(last)) return;
  *Add(problems, "parked_run", last.name(), last.error(),
       absl::StrCat("mend the cause, then headway run ",
                    absl::StripPrefix(pipeline.name(), "pipelines/"),
                    "; until then changes do not run it"))
       .mutable_since() = last.end_time();
}

void LookAtLedger(pipeline::PipelineManager& pipelines, Problems& problems) {
  for (const std::string& run : pipelines.ledger().Unreadable()) {
    Add(problems, "unreadable_run", run,
        "its record in the ledger cannot be read, and the run is left out",
        "restore the store from a backup, if the run matters");
  }
}

// Sources that differ about a series, and none goes first.
void LookAtClashes(const store::Store& store, Problems& problems) {
  const auto clashes = store.NewReader()->ScanRecords(
      store::RecordKind::kState, store::kClashPrefix, "", kMostClashes);
  if (!clashes.ok()) return AddUnknown(problems, "clash", clashes.status());
  for (const auto& [key, text] : *clashes) {
    Add(problems, "clash", absl::StripPrefix(key, store::kClashPrefix), text,
        "give one of the sources a greater precedence in its definition; until "
        "then what was said last is read");
  }
}

// Publishers take up to two months: two whole periods and 45 days after the end
// of the newest one, the next but one should be there.
bool IsStale(series::Period newest, absl::Time now) {
  newest.ordinal += 2;
  return series::EndTime(newest) + absl::Hours(24 * 45) < now;
}

void LookAtAge(const std::string& name, const query::Panel& panel,
               absl::Time now, Problems& problems) {
  std::optional<series::Period> oldest;
  absl::Time known_at = absl::InfinitePast();
  int64_t stale = 0;
  for (const query::LabelledColumn& column : panel.columns) {
    const series::Observations& values = column.observations;
    const series::Period newest = {values.frequency, values.ordinals.back()};
    known_at = std::max(known_at, values.known_at);
    if (!IsStale(newest, now)) continue;
    ++stale;
    if (!oldest.has_value() || newest.ordinal < oldest->ordinal) {
      oldest = newest;
    }
  }
  if (stale == 0) return;
  Add(problems, "stale_series", absl::StrCat("indicators/", name),
      absl::StrCat(stale, " of ", panel.columns.size(),
                   " series are overdue, the newest value of one is of ",
                   series::FormatPeriod(*oldest), "; its newest vintage is ",
                   Days(now - known_at), " old"),
      "look whether its sources still deliver, or the publisher is late");
}

absl::Status LookAtIndicators(const pipeline::Definitions& definitions,
                              const pipeline::PipelineManager& pipelines,
                              absl::Time now, const CheckAlive& check_alive,
                              Problems& problems) {
  pipeline::EvaluateOptions options;
  options.check_alive = check_alive;
  for (const std::string& name : definitions.evaluation_order) {
    const auto evaluation = pipelines.ReadIndicator(name, options);
    const absl::Status alive = check_alive ? check_alive() : absl::OkStatus();
    if (!alive.ok()) {
      return absl::Status(
          alive.code(),
          absl::StrCat(alive.message(), "; the look came to ", name));
    }
    if (absl::IsUnavailable(evaluation.status())) continue;
    if (!evaluation.ok()) {
      Add(problems, "broken_indicator", absl::StrCat("indicators/", name),
          std::string(evaluation.status().message()),
          "mend its expression, or the series that it reads");
      continue;
    }
    LookAtAge(name, (*evaluation)->panel, now, problems);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<v1::HealthProblem> FindProblems(const Subjects& subjects,
                                            Clock& clock) {
  Problems problems;
  LookAtDisk(*subjects.store, problems);
  LookAtWrites(*subjects.store, problems);
  LookAtDescriptors(problems);
  const absl::Time now = clock.Now();
  const auto definitions = subjects.pipelines->definitions();
  LookAtDefinitions(*definitions, problems);
  LookAtClashes(*subjects.store, problems);
  LookAtPlugins(*definitions, *subjects.plugins, problems);
  LookAtIsolation(*subjects.plugins, problems);
  LookAtRuns(*subjects.pipelines, now, problems);
  LookAtSlots(*subjects.store, *subjects.pipelines, now, problems);
  LookAtLedger(*subjects.pipelines, problems);
  const auto pipelines = subjects.pipelines->ListPipelines();
  if (!pipelines.ok()) {
    AddUnknown(problems, "late_slot", pipelines.status());
    return problems;
  }
  for (const v1::Pipeline& pipeline : *pipelines) {
    const auto defined = definitions->pipelines.find(
        std::string(absl::StripPrefix(pipeline.name(), "pipelines/")));
    if (defined != definitions->pipelines.end()) {
      LookAtSources(defined->second, *definitions, pipeline, now, problems);
    }
    LookAtParkedRun(pipeline, problems);
    LookAtFailures(pipeline, problems);
  }
  return problems;
}

absl::StatusOr<std::vector<v1::HealthProblem>> FindProblemsOfIndicators(
    const Subjects& subjects, Clock& clock, const CheckAlive& check_alive) {
  Problems problems;
  const auto definitions = subjects.pipelines->definitions();
  RETURN_IF_ERROR(LookAtIndicators(*definitions, *subjects.pipelines,
                                   clock.Now(), check_alive, problems));
  return problems;
}

}  // namespace headway::health
