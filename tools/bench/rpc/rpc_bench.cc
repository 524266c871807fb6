// rpc_bench: how fast the daemon answers, beside a server that answers the same
// bytes and does nothing else.
//
//   rpc_bench                    a few minutes
//   rpc_bench --quick            fewer and shorter turns, within 40 seconds
//   rpc_bench --only ratios --unix
//
// One JSON object a line, see report.h. headwayd and headway must lie beside
// this program. Each server is a process of its own; one client, which keeps
// answers as bytes, asks both over as many channels, turn by turn.
//
//   METHOD_ratio                 calls per second of headwayd over those of the
//                                peer, 64 in flight; METHOD is get_forecast,
//                                read_indicator and query, of one indicator
//                                with 120 months and an issued forecast, or
//                                list_indicators: those that ship, with data
//   METHOD_ratio.unrelated_commits  the same while a value of a series that no
//                                indicator uses is pushed every 10 ms, in the
//                                daemon's turns only
//   METHOD_ratio.related_commits a value of the indicator itself is pushed, so
//                                that nothing kept of it lasts longer; that
//                                sets off runs, with a forecast each
//   METHOD_ms.one_in_flight      the median of calls made one after another,
//                                and of the same three strata
//   watch_told_ms                from the start of a push until the last of
//                                1,000 watchers has the value
//   get_forecast_N_s             GetForecast of an indicator of N series of 120
//                                months, all pages, read by a client
//   get_forecast_N_mib           what the daemon held at most meanwhile, above
//                                what it held idle
//   list_indicators_N_s          `headway indicators` where that is all there
//   is overview_page_N_s            GET / there
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/rpc/bench.h"
#include "tools/bench/rpc/child_process.h"
#include "tools/bench/rpc/echo_server.h"

namespace headway::bench {
namespace {

struct Flags {
  bool quick = false;
  bool over_unix = false;
  int channels = 4;
  int in_flight = 64;
  int rounds = 0;
  double slice = 0;
  int series = 0;
  int watchers = 1000;
  std::vector<std::string> only = {"ratios", "watch", "wide"};
  std::string directory =
      std::filesystem::path(ThisProgram()).parent_path().string();
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_flag("--quick", flags.quick,
               "Short turns and 1,000 series, done within 40 seconds");
  app.add_flag("--unix", flags.over_unix, "Unix sockets instead of TCP");
  app.add_option("--channels", flags.channels, "Connections of the client")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--in-flight", flags.in_flight, "Calls at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rounds", flags.rounds, "Turns of each server")
      ->check(CLI::PositiveNumber);
  app.add_option("--slice", flags.slice, "Seconds of a turn")
      ->check(CLI::PositiveNumber);
  app.add_option("--series", flags.series, "Of the wide indicator")
      ->check(CLI::PositiveNumber);
  app.add_option("--watchers", flags.watchers, "Of one indicator")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--only", flags.only, "Parts, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"ratios", "watch", "wide"}))
      ->capture_default_str();
  app.add_option("--dir", flags.directory,
                 "Where the stores are made; they are deleted at the end")
      ->capture_default_str();
}

RpcBench MakeBench(const Flags& flags, TempDirectory directory,
                   Report* report) {
  RpcBench bench{.over_unix = flags.over_unix,
                 .channels = flags.channels,
                 .in_flight = flags.in_flight,
                 .rounds = flags.rounds,
                 .slice_seconds = flags.slice,
                 .series = flags.series,
                 .watchers = flags.watchers,
                 .watch_rounds = flags.quick ? 5 : 20,
                 .directory = std::move(directory),
                 .report = report};
  if (bench.rounds == 0) bench.rounds = flags.quick ? 2 : 5;
  if (bench.slice_seconds == 0) bench.slice_seconds = flags.quick ? 0.15 : 0.6;
  if (bench.series == 0) bench.series = flags.quick ? 1000 : 10000;
  return bench;
}

void ReportConditions(const Flags& flags, const RpcBench& bench) {
  bench.report->Add(
      "conditions", std::nullopt, "",
      absl::StrCat(flags.over_unix ? "Unix sockets" : "TCP of loopback", ", ",
                   bench.channels, " channels, ", bench.in_flight,
                   " calls in flight, ", bench.rounds, " turns of ",
                   bench.slice_seconds, " s each, ",
                   std::thread::hardware_concurrency(),
                   " processors, file system ", FileSystemName(flags.directory),
                   "; ", LoadAverage(), " programs ready to run at the start"));
}

// The parts that share the daemon with the pipelines that ship.
absl::Status RunBundled(const std::set<std::string>& parts, RpcBench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, StartBundled(bench));
  absl::Status first_error;
  if (parts.count("ratios") > 0) first_error = MeasureRatios(bench, *daemon);
  if (parts.count("watch") > 0) {
    first_error.Update(MeasureWatchers(bench, *daemon));
  }
  return first_error;
}

absl::Status Run(const Flags& flags) {
  RETURN_IF_ERROR(ProgramBesideThis("headwayd").status());
  ASSIGN_OR_RETURN(TempDirectory directory,
                   TempDirectory::Create(flags.directory));
  Report report(&std::cout);
  RpcBench bench = MakeBench(flags, std::move(directory), &report);
  ReportConditions(flags, bench);
  const std::set<std::string> parts(flags.only.begin(), flags.only.end());
  absl::Status first_error;
  if (parts.count("ratios") + parts.count("watch") > 0) {
    first_error = RunBundled(parts, bench);
  }
  if (parts.count("wide") > 0) first_error.Update(MeasureWide(bench));
  return first_error;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "rpc_bench: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

int Main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == kEchoCommand) {
    return Fail(ServeEcho(argv[2], argv[3]));
  }
  CLI::App app(
      "Measures the daemon's calls beside an echo of the same bytes; one JSON "
      "object a line");
  Flags flags;
  AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  return status.ok() ? EXIT_SUCCESS : Fail(status);
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
