// soak: a daemon in all the trouble that its users and publishers can make, and
// what others notice of it.
//
//   soak --minutes 30            what tools/dev soak runs
//   soak --minutes 1             whether it works at all
//
// First the daemon is idle but for the probes: ReadIndicator, ListIndicators,
// GetForecast, /healthz and /, twenty times a second each, from a process of
// their own. Then, all at once: two sources whose publisher says 503 and
// Retry-After: 3000, four checks of a plugin that hangs, abandoned and made
// again, a plugin that crashes every ten seconds, 1,000 watchers, four
// forecasts of ten years of days, abandoned after a tenth of a second and asked
// for again, 40 slow HTTP clients, a commit a second.
//
// One JSON object a line, see report.h: a probe's 99th percentile, memory,
// threads and descriptors of the idle span and of every five minutes, and at
// the end the verdicts, with the bound of each as its target. "Flat" is judged
// by the medians of the first and the last span. Ends with 1 unless all are
// met.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"
#include "tools/bench/rpc/child_process.h"
#include "tools/bench/rpc/runs.h"
#include "tools/bench/soak/commits.h"
#include "tools/bench/soak/probe_process.h"
#include "tools/bench/soak/probes.h"
#include "tools/bench/soak/publisher.h"
#include "tools/bench/soak/scene.h"
#include "tools/bench/soak/trouble.h"
#include "tools/bench/soak/verdicts.h"
#include "tools/bench/soak/vitals.h"

namespace headway::bench {
namespace {

constexpr double kSpanSeconds = 300;
// The longest that a stop may take, whatever runs.
constexpr double kStopSeconds = 10;

struct Flags {
  double minutes = 30;
  int watchers = 1000;
  std::string directory =
      std::filesystem::path(ThisProgram()).parent_path().string();
};

struct Plan {
  double idle_seconds = 0;
  double span_seconds = 0;
  int spans = 0;
};

// A sixth of the time, and at most a minute, is idle; a short soak has three
// spans of its own length.
Plan MakePlan(double minutes) {
  Plan plan;
  plan.idle_seconds = std::min(60.0, 60 * minutes / 6);
  const double rest = 60 * minutes - plan.idle_seconds;
  plan.spans = std::max(3, static_cast<int>(std::lround(rest / kSpanSeconds)));
  plan.span_seconds = rest / plan.spans;
  return plan;
}

void ReportConditions(const Plan& plan, const Flags& flags, Report& report) {
  report.Add(
      "conditions", std::nullopt, "",
      absl::StrCat(plan.idle_seconds, " s idle, then ", plan.spans,
                   " spans of ", plan.span_seconds, " s; ", flags.watchers,
                   " watchers; file system ", FileSystemName(flags.directory),
                   "; ", LoadAverage(), " programs ready to run at the start"));
}

absl::Status BeIdle(const Plan& plan, ProbeProcess& reads, Vitals& vitals,
                    Verdicts& verdicts) {
  absl::SleepFor(absl::Seconds(plan.idle_seconds));
  ASSIGN_OR_RETURN(auto results, reads.Take());
  verdicts.Add(
      {.name = "idle", .probes = std::move(results), .vitals = vitals.Take()});
  return absl::OkStatus();
}

absl::Status Endure(const Plan& plan, ProbeProcess& reads, Probes& runs,
                    Commits& commits, Vitals& vitals, Verdicts& verdicts) {
  for (int i = 1; i <= plan.spans; ++i) {
    absl::SleepFor(absl::Seconds(plan.span_seconds));
    ASSIGN_OR_RETURN(auto results, reads.Take());
    results.merge(runs.Take());
    verdicts.Add({.name = absl::StrCat(
                      "after_", static_cast<int>(i * plan.span_seconds), "_s"),
                  .probes = std::move(results),
                  .vitals = vitals.Take(),
                  .commits = commits.Take(),
                  .watchers = commits.Living()});
  }
  return absl::OkStatus();
}

// While all the trouble goes on.
void StopAmidTrouble(Daemon& daemon, const std::string& trouble,
                     Verdicts& verdicts) {
  const bool alive = daemon.Runs();
  const Stopwatch watch;
  const absl::Status stopped = daemon.Stop(absl::Minutes(2));
  std::optional<double> seconds;
  if (alive && stopped.ok()) seconds = watch.Seconds();
  verdicts.AtMost("stop_s", seconds, "s", kStopSeconds,
                  absl::StrCat(alive ? "from SIGTERM amid the trouble"
                                     : "it had ended before it was asked to",
                               stopped.ok() ? "" : "; ", stopped.message(),
                               "; until then ", trouble));
}

absl::StatusOr<bool> Soak(const Flags& flags, Report& report) {
  ASSIGN_OR_RETURN(TempDirectory directory,
                   TempDirectory::Create(flags.directory));
  ASSIGN_OR_RETURN(const std::unique_ptr<Publisher> publisher,
                   Publisher::Start());
  const Plan plan = MakePlan(flags.minutes);
  ReportConditions(plan, flags, report);
  ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon,
                   StartScene(directory.Sub("soak"), publisher->address()));
  Verdicts verdicts(&report);
  Vitals vitals(daemon->pid());
  ASSIGN_OR_RETURN(const std::unique_ptr<ProbeProcess> reads,
                   ProbeProcess::Start(*daemon, directory.Sub("soak")));
  RETURN_IF_ERROR(BeIdle(plan, *reads, vitals, verdicts));

  for (const char* pipeline : kRefusedPipelines) {
    RETURN_IF_ERROR(StartPipeline(daemon->address(), pipeline).status());
  }
  Commits commits(*daemon, flags.watchers);
  const Trouble trouble(*daemon);
  {
    Probes runs({RunProbe(daemon->address())});
    RETURN_IF_ERROR(Endure(plan, *reads, runs, commits, vitals, verdicts));
  }
  verdicts.Conclude(commits.Ends());
  StopAmidTrouble(*daemon,
                  absl::StrCat(trouble.Describe(), ", ", publisher->requests(),
                               " refused requests"),
                  verdicts);
  return verdicts.all_met();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Lets a daemon bear all kinds of trouble; one JSON object a line");
  Flags flags;
  app.add_option("--minutes", flags.minutes, "How long it takes")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--watchers", flags.watchers, "Of one indicator")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--dir", flags.directory,
                 "Where the store is made; it is deleted at the end")
      ->capture_default_str();
  std::vector<std::string> probed;
  app.add_subcommand("probe", "What a soak starts for its probes that read")
      ->group("")
      ->add_option("arguments", probed, "ADDRESS HTTP_ADDRESS FILE")
      ->expected(3)
      ->required();
  CLI11_PARSE(app, argc, argv);
  if (!probed.empty()) {
    const absl::Status ended =
        ProbeUntilKilled(probed[0], probed[1], probed[2]);
    std::fprintf(stderr, "soak: %s\n", ended.ToString().c_str());
    return EXIT_FAILURE;
  }
  Report report(&std::cout);
  const absl::StatusOr<bool> met = Soak(flags, report);
  if (!met.ok()) {
    std::fprintf(stderr, "soak: %s\n", met.status().ToString().c_str());
  }
  return met.ok() && *met ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
