// headway run, runs, cancel
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"
#include "tools/headway/render/run_progress.h"

namespace headway::cli {
namespace {

struct RunOptions {
  std::string pipeline;
  bool follow = false;
};

// Prints what happens until the run ends, and returns its last state.
absl::StatusOr<v1::Run> Follow(const Context& context, Client& client,
                               v1::Run run) {
  v1::WatchRunRequest request;
  request.set_name(run.name());
  grpc::ClientContext call;
  const auto reader = client.pipelines().WatchRun(&call, request);
  RunProgress progress({.terminal = IsTerminal(),
                        .colour = WantsColour(),
                        .width = OutputWidth() > 0 ? OutputWidth() : 120});
  while (reader->Read(&run)) {
    if (context.format == Format::kJson) {
      RETURN_IF_ERROR(PrintJson(run));
    } else {
      Print(progress.Update(run));
    }
  }
  RETURN_IF_ERROR(client.ToStatus(reader->Finish()));
  if (!messages::HasEnded(run)) {
    return absl::InternalError(
        absl::StrCat("the daemon stopped telling about ", run.name(),
                     " before it ended; see headway runs"));
  }
  return run;
}

absl::Status RunFailure(const v1::Run& run) {
  std::string message =
      absl::StrCat(run.name(), " ", messages::FormatRunState(run.state()));
  if (!run.error().empty()) absl::StrAppend(&message, ": ", run.error());
  return absl::AbortedError(message);
}

absl::Status RunPipeline(const Context& context, const RunOptions& options) {
  Client client = MakeClient(context);
  v1::RunPipelineRequest request;
  request.set_name(ResourceName("pipelines", options.pipeline));
  ASSIGN_OR_RETURN(v1::Run run,
                   client.Call(client.pipelines(),
                               &PipelineService::Stub::RunPipeline, request));
  const bool json = context.format == Format::kJson;
  if (!options.follow) {
    if (json) {
      RETURN_IF_ERROR(PrintJson(run));
    } else {
      Print(run.name() + "\n");
    }
    return absl::OkStatus();
  }
  if (!json) Print(run.name() + "\n");
  ASSIGN_OR_RETURN(run, Follow(context, client, std::move(run)));
  if (run.state() != v1::Run::SUCCEEDED) return RunFailure(run);
  if (!json) {
    Print(absl::StrCat(run.name(), " succeeded in ",
                       Elapsed(run.start_time(), run.end_time()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status CancelRun(const Context& context, const std::string& name) {
  Client client = MakeClient(context);
  v1::CancelRunRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const v1::Run run,
                   client.Call(client.pipelines(),
                               &PipelineService::Stub::CancelRun, request));
  if (context.format == Format::kJson) return PrintJson(run);
  Print(absl::StrCat(run.name(), run.state() == v1::Run::CANCELLED
                                     ? " is cancelled\n"
                                     : " is told to stop\n"));
  return absl::OkStatus();
}

struct RunsOptions {
  std::string pipeline;
  std::string filter;
  int limit = 20;
};

absl::Status ListRuns(const Context& context, const RunsOptions& options) {
  Client client = MakeClient(context);
  v1::ListRunsRequest request;
  request.set_parent(ResourceName(
      "pipelines", options.pipeline.empty() ? "-" : options.pipeline));
  request.set_filter(options.filter);
  request.set_page_size(options.limit);
  ASSIGN_OR_RETURN(const v1::ListRunsResponse response,
                   client.Call(client.pipelines(),
                               &PipelineService::Stub::ListRuns, request));
  return PrintAnswer(context, response, RunTable(response.runs()));
}

}  // namespace

void AddRunCommands(CLI::App& app, Context& context) {
  auto run_options = std::make_shared<RunOptions>();
  CLI::App* run = app.add_subcommand("run", "Run a pipeline now");
  run->add_option("pipeline", run_options->pipeline, "Its name")->required();
  run->add_flag("--follow", run_options->follow,
                "Show each step, and fail if the run fails");
  SetAction(*run, context, [&context, run_options] {
    return RunPipeline(context, *run_options);
  });

  auto cancelled = std::make_shared<std::string>();
  CLI::App* cancel =
      app.add_subcommand("cancel", "Stop a run; what it has committed stays");
  cancel->add_option("run", *cancelled, "Its name, as headway runs gives it")
      ->required();
  SetAction(*cancel, context,
            [&context, cancelled] { return CancelRun(context, *cancelled); });

  auto runs_options = std::make_shared<RunsOptions>();
  CLI::App* runs = app.add_subcommand("runs", "List the newest runs");
  runs->add_option("pipeline", runs_options->pipeline, "Only of this one");
  runs->add_option("--filter", runs_options->filter,
                   "Such as 'state=FAILED AND trigger=SCHEDULED'");
  runs->add_option("--limit", runs_options->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  SetAction(*runs, context, [&context, runs_options] {
    return ListRuns(context, *runs_options);
  });
}

}  // namespace headway::cli
