// headway pipelines, pause, resume
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"

namespace headway::cli {
namespace {

absl::Status ListPipelines(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListPipelinesResponse response,
                   client.CallForAllPages(client.pipelines(),
                                          &PipelineService::Stub::ListPipelines,
                                          v1::ListPipelinesRequest()));
  RETURN_IF_ERROR(
      PrintAnswer(context, response, PipelineTable(response.pipelines())));
  if (context.format != Format::kTable) return absl::OkStatus();
  for (const auto& pipeline : response.pipelines()) {
    if (pipeline.next_fire_times().empty()) continue;
    Print(absl::StrCat("\n", LastSegment(pipeline.name()), " fires next\n"));
    for (const auto& instant : pipeline.next_fire_times()) {
      Print(absl::StrCat("  ", FormatMinute(instant), "\n"));
    }
  }
  Print(PipelineErrors(response.pipelines()));
  return absl::OkStatus();
}

absl::Status PrintState(const Context& context, const v1::Pipeline& pipeline) {
  if (context.format == Format::kJson) {
    return PrintJson(pipeline);
  }
  std::string text = absl::StrCat(LastSegment(pipeline.name()), " is ",
                                  pipeline.paused() ? "paused" : "active");
  if (!pipeline.next_fire_times().empty()) {
    absl::StrAppend(&text, "; next run ",
                    FormatMinute(pipeline.next_fire_times(0)));
  }
  Print(text + "\n");
  return absl::OkStatus();
}

absl::Status Pause(const Context& context, const std::string& name) {
  Client client = MakeClient(context);
  v1::PausePipelineRequest request;
  request.set_name(ResourceName("pipelines", name));
  ASSIGN_OR_RETURN(const v1::Pipeline pipeline,
                   client.Call(client.pipelines(),
                               &PipelineService::Stub::PausePipeline, request));
  return PrintState(context, pipeline);
}

absl::Status Resume(const Context& context, const std::string& name) {
  Client client = MakeClient(context);
  v1::ResumePipelineRequest request;
  request.set_name(ResourceName("pipelines", name));
  ASSIGN_OR_RETURN(
      const v1::Pipeline pipeline,
      client.Call(client.pipelines(), &PipelineService::Stub::ResumePipeline,
                  request));
  return PrintState(context, pipeline);
}

// A command that takes the name of a pipeline.
void AddNamed(CLI::App& app, Context& context, const char* command_name,
              const char* description,
              absl::Status (*run)(const Context&, const std::string&)) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(command_name, description);
  command->add_option("pipeline", *name, "Its name")->required();
  SetAction(*command, context,
            [&context, name, run] { return run(context, *name); });
}

}  // namespace

void AddPipelineCommands(CLI::App& app, Context& context) {
  SetAction(*app.add_subcommand("pipelines",
                                "List the pipelines and when they run next"),
            context, [&context] { return ListPipelines(context); });
  AddNamed(app, context, "pause", "Let a pipeline not run by itself", Pause);
  AddNamed(app, context, "resume", "Let a pipeline run by itself again",
           Resume);
}

}  // namespace headway::cli
