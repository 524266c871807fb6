// headway plugin run
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/trial/trial_read.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/interrupt.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/plugin/assignments.h"
#include "tools/headway/commands/plugin/commands.h"
#include "tools/headway/commands/plugin/file_watch.h"
#include "tools/headway/commands/plugin/trial_output.h"

namespace headway::cli {
namespace {

struct RunPluginOptions {
  std::string path;
  std::vector<std::string> config;
  std::vector<std::string> checkpoints;
  std::vector<std::string> allow_hosts;
  bool rows = false;
  bool watch = false;
};

absl::Status ShowTrial(const Context& context, const RunPluginOptions& options,
                       const ingest::TrialResult& result) {
  if (context.format == Format::kJson) {
    RETURN_IF_ERROR(PrintJson(TrialDocument(result)));
    return result.status;
  }
  const Table table =
      options.rows ? TrialRowsTable(result) : TrialSeriesTable(result);
  if (!table.empty()) PrintTable(context, table);
  for (const std::string& line : result.log) {
    std::fprintf(stderr, "log: %s\n", line.c_str());
  }
  if (!result.status.ok()) return result.status;
  if (context.format == Format::kTable) Print(TrialSummary(result));
  return absl::OkStatus();
}

// The program, and the files that its options name.
std::vector<std::string> WatchedFiles(const ingest::TrialRequest& request) {
  std::vector<std::string> files = {request.path};
  for (const auto& [name, value] : request.config) {
    constexpr absl::string_view kFile = "file://";
    if (absl::StartsWith(value, kFile)) {
      files.push_back(value.substr(kFile.size()));
    } else if (absl::StartsWith(value, "/")) {
      files.push_back(value);
    }
  }
  return files;
}

absl::Status RunPlugin(const Context& context,
                       const RunPluginOptions& options) {
  ingest::TrialRequest request;
  request.path = options.path;
  ASSIGN_OR_RETURN(request.config, ParseConfig(options.config));
  request.checkpoints = ParseCheckpoints(options.checkpoints);
  request.allow_hosts = options.allow_hosts;
  const Interrupt interrupt;
  const auto interrupted = [&] { return interrupt.was_called(); };
  ingest::PullObserver observer;
  observer.cancelled = interrupted;
  RealClock clock;
  const std::unique_ptr<ingest::Isolation> isolation =
      ingest::Isolation::Probe({});
  FileWatch watch(WatchedFiles(request));
  while (true) {
    const ingest::TrialResult result =
        ingest::ReadOnTrial(request, isolation.get(), &clock, observer);
    const absl::Status shown = ShowTrial(context, options, result);
    if (!options.watch) return shown;
    if (!interrupted() && !shown.ok()) {
      std::fprintf(stderr, "headway: %s\n",
                   std::string(shown.message()).c_str());
    }
    if (!watch.Wait(interrupted)) return absl::OkStatus();
    if (context.format == Format::kTable) {
      Print(absl::StrCat("\n", options.path, " was saved\n"));
    }
  }
}

}  // namespace

void AddPluginRun(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<RunPluginOptions>();
  CLI::App* run = plugin.add_subcommand(
      "run", "Read as the daemon would, and show what comes; needs no daemon");
  run->add_option("path", options->path, "Of its executable")
      ->required()
      ->check(CLI::ExistingFile);
  run->add_option("--config", options->config, "Options of the source")
      ->type_name("NAME=VALUE");
  run->add_option("--checkpoint", options->checkpoints,
                  "Where to go on: the state of a stream; without it from the "
                  "beginning")
      ->type_name("[STREAM=]STATE");
  run->add_option("--allow-host", options->allow_hosts,
                  "A host that it may reach besides those that it declares")
      ->type_name("HOST[:PORT]");
  run->add_flag("--rows", options->rows,
                "Every observation, and not a line for each series");
  run->add_flag("--watch", options->watch,
                "Again whenever the plugin, what lies beside it or a file of "
                "its options is saved, until Ctrl-C");
  SetAction(*run, context,
            [&context, options] { return RunPlugin(context, *options); });
}

}  // namespace headway::cli
