// store_bench: how fast and how small the store is, beside its peers.
//
//   store_bench                  a few minutes; the figures of docs/store.md
//   store_bench --quick          smaller sets, done within 40 seconds
//   store_bench --only ingest,scan --no-peers --series 20000
//
// One JSON object a line, see report.h. A point is an observation: the value of
// a period in a vintage. Times are wall times; where the same is done several
// times, the least counts. Databases lie on a disk and are gone at the end.
//
//   ingest_points_per_s          points through Store::Commit in batches of
//                                10,000, each synced, by one thread: the
//                                synthetic set (synthetic.h), vintage after
//                                vintage. Making batches is left out
//   ingest_points_per_s.2_threads  the same into a new store by two threads,
//                                batch by batch in turn
//   unchanged_points_per_s       the series whole again, 240 points each, with
//                                a later known_at and unchanged, with a
//                                checkpoint that changes, so that each batch
//                                is a synced commit. The best of the
//                                deliveries after the first, which is .first
//   bytes_per_point.SET          bytes of the table files of a store that is
//                                flushed and compacted, all families, a point
//                                stored: new, revised or withdrawn
//   bytes_per_point_directory.SET  the same of all files of the directory
//   bytes_per_delivered.SET      table files a point delivered, changed or not
//   current_read_us              Reader::Read of 240 points, a random one of
//                                10,000 series (of all, where there are fewer),
//                                warm, compacted: the median,
//                                and the 99th percentile as .p99
//   asof_read_us.N               Reader::Read as of random instants in the
//                                history of series with N vintages and 240
//                                months on average, as above
//   scan_points_per_s            Reader::Scan by metric of all series as of the
//                                middle of 12 vintages, values summed, one
//                                thread; .2_threads; .current as of now
//   select_series_per_s          Reader::SelectSeries of all of a metric
//   open_ms                      Store::Open of the synthetic store
//   memory_peak_mb.PART          VmHWM over the part, the program included
//
// Peers: the same batches and questions on SQLite (sqlite_store.h), on
// VictoriaMetrics (victoria_bench.cc) and the bare writes on RocksDB
// (rocks_bench.cc). "noise floor" is no program but a bound on the bytes of
// real data (noise_floor.h). Where a peer gets fewer series its note says how
// many.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"

namespace headway::bench {
namespace {

const std::vector<std::string>& AllParts() {
  static const auto* const parts = new std::vector<std::string>{
      "ingest", "unchanged", "bytes", "reads", "scan"};
  return *parts;
}

// The one that stands for a part where a peer is not there.
std::string MainMetric(const std::string& part) {
  if (part == "ingest") return "ingest_points_per_s";
  if (part == "unchanged") return "unchanged_points_per_s";
  if (part == "bytes") return "bytes_per_point.synthetic";
  if (part == "reads") return "current_read_us";
  return "scan_points_per_s.current";
}

const std::vector<std::string>& AllPeers() {
  static const auto* const peers =
      new std::vector<std::string>{"rocksdb", "sqlite", "victoria-metrics"};
  return *peers;
}

struct Flags {
  bool quick = false;
  bool no_peers = false;
  int series = 0;
  int peer_series = 0;
  uint64_t seed = 1;
  std::vector<std::string> only = AllParts();
  std::vector<std::string> peers = AllPeers();
  std::string data;
  std::string directory;
};

// Beside the program: on the file system of the build, so that a synced write
// goes to a disk.
std::string BesideTheProgram() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(".") : program.parent_path().string();
}

Bench MakeBench(const Flags& flags, TempDirectory directory, Report* report) {
  Bench bench{.parts = {flags.only.begin(), flags.only.end()},
              .seed = flags.seed,
              .series = flags.series,
              .peer_series = flags.peer_series,
              .reads = flags.quick ? 20000 : 200000,
              .data_directory = flags.data,
              .directory = std::move(directory),
              .report = report};
  if (bench.series == 0) bench.series = flags.quick ? 4000 : 100000;
  if (bench.peer_series == 0) bench.peer_series = flags.quick ? 2000 : 20000;
  bench.peer_series = std::min(bench.peer_series, bench.series);
  bench.history_series = std::min(bench.series, flags.quick ? 300 : 5000);
  return bench;
}

void ReportConditions(const Flags& flags, const Bench& bench) {
  const std::string file_system = FileSystemName(flags.directory);
  bench.report->Add(
      "conditions", std::nullopt, "",
      absl::StrCat("seed ", bench.seed, ", ", bench.series,
                   " synthetic series, ", bench.peer_series,
                   " for SQLite and VictoriaMetrics, ",
                   std::thread::hardware_concurrency(),
                   " processors, file system ", file_system,
                   file_system == "tmpfs"
                       ? ": in memory, so that nothing here is durable"
                       : "",
                   "; ", LoadAverage(), " programs ready to run at the start"));
}

absl::Status RunPeer(const std::string& peer, Bench& bench) {
  if (peer == "rocksdb") return RunRocks(bench);
  if (peer == "sqlite") return RunSqlite(bench);
  return RunVictoria(bench);
}

// One that fails is reported so, and the others are measured. One that is not
// installed is no failure.
absl::Status RunPeers(const Flags& flags, Bench& bench) {
  absl::Status first_error;
  for (const std::string& peer : flags.peers) {
    const absl::Status status = RunPeer(peer, bench);
    if (status.ok()) continue;
    for (const std::string& part : bench.parts) {
      bench.report->AddPeer(MainMetric(part), peer, std::nullopt,
                            status.message());
    }
    if (!absl::IsNotFound(status)) first_error.Update(Annotate(status, peer));
  }
  return first_error;
}

absl::Status Run(const Flags& flags) {
  ASSIGN_OR_RETURN(TempDirectory directory,
                   TempDirectory::Create(flags.directory));
  Report report(&std::cout);
  Bench bench = MakeBench(flags, std::move(directory), &report);
  ReportConditions(flags, bench);
  RETURN_IF_ERROR(RunSynthetic(bench));
  if (bench.Does("reads")) RETURN_IF_ERROR(RunHistory(bench));
  if (bench.Does("bytes")) {
    LoadReal(bench);
    RETURN_IF_ERROR(RunReal(bench));
  }
  if (flags.no_peers) return absl::OkStatus();
  return RunPeers(flags, bench);
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures Headway's store and its peers; one JSON object a line");
  Flags flags;
  flags.directory = BesideTheProgram();
  flags.data = HEADWAY_SOURCE_DIR "/../shared/data";
  app.add_flag("--quick", flags.quick, "Small sets, done within 40 seconds");
  app.add_flag("--no-peers", flags.no_peers, "Headway alone");
  app.add_option("--only", flags.only, "Parts, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(AllParts()))
      ->capture_default_str();
  app.add_option("--peers", flags.peers, "Peers, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(AllPeers()))
      ->capture_default_str();
  app.add_option("--series", flags.series, "Synthetic series")
      ->check(CLI::PositiveNumber);
  app.add_option("--peer-series", flags.peer_series,
                 "Of those, how many SQLite and VictoriaMetrics get")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.seed, "Of what is random")
      ->capture_default_str();
  app.add_option("--data", flags.data, "Where the real data are")
      ->envname("HEADWAY_SHARED_DATA")
      ->capture_default_str();
  app.add_option("--dir", flags.directory,
                 "Where the databases are made; they are deleted at the end")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "store_bench: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
