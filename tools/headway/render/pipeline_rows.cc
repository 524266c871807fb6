#include "tools/headway/render/pipeline_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

std::string PipelineState(const v1::Pipeline& pipeline) {
  if (!pipeline.errors().empty()) return "broken";
  return pipeline.paused() ? "paused" : "active";
}

std::string StepName(v1::RunStep::Kind kind, const std::string& subject) {
  return absl::StrCat(absl::AsciiStrToLower(v1::RunStep::Kind_Name(kind)), " ",
                      subject);
}

}  // namespace

std::string WhatIsWrong(const v1::Run& run) {
  if (!run.error().empty()) return run.error();
  for (const auto& step : run.steps()) {
    if (step.state() == v1::RunStep::FAILED) {
      return absl::StrCat(StepName(step.kind(), step.subject()), ": ",
                          step.error());
    }
  }
  for (const auto& step : run.steps()) {
    if (step.state() == v1::RunStep::WAITING) {
      return absl::StrCat(StepName(step.kind(), step.subject()), ": ",
                          step.message());
    }
  }
  return "";
}

std::string Elapsed(const google::protobuf::Timestamp& start,
                    const google::protobuf::Timestamp& end) {
  if (start.seconds() == 0 || end.seconds() == 0) return "";
  return FormatElapsed(messages::FromTimestamp(end) -
                       messages::FromTimestamp(start));
}

Cell RunStateCell(const v1::Run& run) {
  const std::string word = messages::FormatRunState(run.state());
  Style style = Style::kPlain;
  if (run.state() == v1::Run::SUCCEEDED) style = Style::kGood;
  if (run.state() == v1::Run::FAILED) style = Style::kBad;
  return Cell(word, word, style);
}

Table PipelineTable(
    const google::protobuf::RepeatedPtrField<v1::Pipeline>& pipelines) {
  Table table({{.name = "pipeline"},
               {.name = "state"},
               {.name = "schedule"},
               {.name = "next_run"},
               {.name = "last_run"},
               {.name = "result"},
               {.name = "last_pull"},
               {.name = "failing", .align = Align::kRight},
               {.name = "sources", .align = Align::kRight},
               {.name = "indicators", .align = Align::kRight},
               {.name = "title", .csv_only = true},
               {.name = "errors", .csv_only = true}});
  for (const auto& pipeline : pipelines) {
    const std::string state = PipelineState(pipeline);
    const bool has_next = !pipeline.next_fire_times().empty();
    std::string schedule =
        pipeline.cron().empty() ? "on change" : pipeline.cron();
    if (!pipeline.time_zone().empty() && pipeline.time_zone() != "UTC") {
      absl::StrAppend(&schedule, " ", pipeline.time_zone());
    }
    std::string errors;
    for (const auto& error : pipeline.errors()) {
      absl::StrAppend(&errors, errors.empty() ? "" : "; ", error);
    }
    table.AddRow(
        {std::string(LastSegment(pipeline.name())),
         Cell(state, state, state == "broken" ? Style::kBad : Style::kPlain),
         Cell(schedule, pipeline.cron()),
         has_next ? InstantCell(pipeline.next_fire_times(0)) : MissingCell(),
         InstantCell(pipeline.last_run().start_time()),
         pipeline.has_last_run() ? RunStateCell(pipeline.last_run())
                                 : MissingCell(),
         pipeline.has_last_pull() ? RunStateCell(pipeline.last_pull())
                                  : MissingCell(),
         CountCell(pipeline.failures_size()),
         CountCell(pipeline.sources_size()),
         CountCell(pipeline.indicators_size()), pipeline.title(), errors});
  }
  return table;
}

std::string PipelineErrors(
    const google::protobuf::RepeatedPtrField<v1::Pipeline>& pipelines) {
  std::string lines;
  for (const auto& pipeline : pipelines) {
    for (const auto& failure : pipeline.failures()) {
      absl::StrAppend(&lines, "! ", LastSegment(pipeline.name()), ": ",
                      StepName(failure.kind(), failure.subject()),
                      " has failed since ", FormatMinute(failure.since()), ": ",
                      failure.error(), "\n");
    }
    for (const auto& error : pipeline.errors()) {
      absl::StrAppend(&lines, "! ", LastSegment(pipeline.name()), ": ", error,
                      "\n");
    }
  }
  return lines;
}

Table RunTable(const google::protobuf::RepeatedPtrField<v1::Run>& runs) {
  Table table({{.name = "run"},
               {.name = "state"},
               {.name = "trigger"},
               {.name = "started"},
               {.name = "took", .align = Align::kRight},
               {.name = "steps", .align = Align::kRight},
               {.name = "failed", .align = Align::kRight},
               {.name = "error", .shrinkable = true}});
  for (const auto& run : runs) {
    const auto failed = std::count_if(
        run.steps().begin(), run.steps().end(), [](const v1::RunStep& step) {
          return step.state() == v1::RunStep::FAILED;
        });
    table.AddRow({run.name(), RunStateCell(run),
                  absl::AsciiStrToLower(v1::Run::Trigger_Name(run.trigger())),
                  InstantCell(run.start_time()),
                  Elapsed(run.start_time(), run.end_time()),
                  CountCell(run.steps_size()), CountCell(failed),
                  WhatIsWrong(run)});
  }
  return table;
}

}  // namespace headway::cli
