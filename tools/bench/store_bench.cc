// store_bench: how fast and how small the store is, beside its peers.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/bench.h"

namespace headway::bench {
namespace {

const std::vector<std::string>& AllParts() {
  static const auto* const parts = new std::vector<std::string>{
      "ingest", "unchanged", "bytes", "reads", "scan"};
  return *parts;
}

struct Flags {
  bool quick = false;
  bool no_peers = false;
  int series = 0;
  uint64_t seed = 1;
  std::vector<std::string> only = AllParts();
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

absl::Status Run(const Flags& flags) {
  ASSIGN_OR_RETURN(TempDirectory directory,
                   TempDirectory::Create(flags.directory));
  Report report(&std::cout);
  Bench bench{.parts = {flags.only.begin(), flags.only.end()},
              .peers = {},
              .seed = flags.seed,
              .series = flags.series,
              .data_directory = flags.data,
              .directory = std::move(directory),
              .report = &report};
  if (bench.series == 0) bench.series = flags.quick ? 10000 : 100000;
  bench.reads = flags.quick ? 50000 : 200000;
  bench.history_series = std::min(bench.series, flags.quick ? 500 : 5000);
  RETURN_IF_ERROR(RunSynthetic(bench));
  if (bench.Does("reads")) RETURN_IF_ERROR(RunHistory(bench));
  if (bench.Does("bytes")) RETURN_IF_ERROR(RunReal(bench));
  return absl::OkStatus();
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
  app.add_option("--series", flags.series, "Synthetic series")
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
