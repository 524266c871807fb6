// headway track-record, headway adjust: what issued forecasts scored, and
// changing one by hand.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/forecast_rows.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/strata_rows.h"

namespace headway::cli {
namespace {

// ---- track-record ----

struct RecordOptions {
  std::string name;
  std::optional<google::protobuf::Timestamp> as_of;
  bool by_series = false;
};

Table RecordTable(const v1::GetTrackRecordResponse& response) {
  Table table({{.name = "series", .shrinkable = true},
               {.name = "record", .shrinkable = true}});
  for (const v1::TrackRecord& record : response.track_records()) {
    std::string text = DescribeTrackRecord(record);
    if (record.rescaled_issues() > 0) {
      absl::StrAppend(&text, "; ", record.rescaled_issues(),
                      " on another scale left out");
    }
    const std::string labels = LabelPairs(record.labels());
    table.AddRow({labels.empty() ? "values" : labels, text});
  }
  return table;
}

void PrintRecords(const v1::GetTrackRecordResponse& response,
                  const RecordOptions& options, bool has_total) {
  const std::string unit =
      response.track_records().empty() ? "" : response.track_records(0).unit();
  PrintText(RecordTable(response));
  if (options.by_series) {
    for (const v1::TrackRecord& record : response.track_records()) {
      if (record.strata().empty()) continue;
      Print(absl::StrCat("\n", LabelPairs(record.labels()), "\n"));
      PrintText(StrataTable(record.strata(), unit));
    }
  } else if (!has_total) {
    Print(
        "\ntoo many series for scores of all together; --by-series has "
        "those of each\n");
  } else if (!response.strata().empty()) {
    Print("\n");
    PrintText(StrataTable(response.strata(), unit));
  }
}

absl::Status ShowRecord(const Context& context, const RecordOptions& options) {
  Client client = MakeClient(context);
  v1::GetTrackRecordRequest request;
  request.set_name(ResourceName("indicators", options.name));
  request.set_with_strata(true);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  // The first page tells whether its strata are of all.
  ASSIGN_OR_RETURN(
      const v1::GetTrackRecordResponse first,
      client.Call(client.forecasts(), &ForecastService::Stub::GetTrackRecord,
                  request));
  const bool has_total = first.next_page_token().empty();
  v1::GetTrackRecordResponse all = first;
  if (!has_total) {
    ASSIGN_OR_RETURN(all, client.CallForAllPages(
                              client.forecasts(),
                              &ForecastService::Stub::GetTrackRecord, request));
    all.clear_strata();
  }
  if (context.format == Format::kJson) return PrintJson(all);
  if (context.format == Format::kTable) {
    PrintRecords(all, options, has_total);
    return absl::OkStatus();
  }
  Print(StrataTable(all.strata(), all.track_records().empty()
                                      ? ""
                                      : all.track_records(0).unit())
            .ToCsv());
  return absl::OkStatus();
}

void AddTrackRecord(CLI::App& app, Context& context) {
  auto options = std::make_shared<RecordOptions>();
  CLI::App* command = app.add_subcommand(
      "track-record",
      "Show what the issued forecasts of an indicator scored, by method, "
      "distance and kind of actual");
  command->add_option("name", options->name, "Of the indicator")->required();
  command->add_flag("--by-series", options->by_series,
                    "The scores of each series, and not of all together");
  AddAsOf(*command, &options->as_of);
  SetAction(*command, context,
            [&context, options] { return ShowRecord(context, *options); });
}

// ---- adjust ----

struct AdjustOptions {
  std::string name;
  std::vector<std::string> labels;
  std::vector<std::string> points;
  std::string author;
  std::string reason;
};

absl::StatusOr<std::pair<std::string, std::string>> SplitPair(
    absl::string_view text, absl::string_view form) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.size() == 2 && !parts[0].empty()) {
    return std::pair(parts[0], parts[1]);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not ", form));
}

absl::StatusOr<v1::AdjustForecastRequest> ToRequest(
    const AdjustOptions& options) {
  v1::AdjustForecastRequest request;
  request.set_name(ResourceName("indicators", options.name));
  for (const std::string& text : options.labels) {
    ASSIGN_OR_RETURN(const auto label,
                     SplitPair(text, "NAME=VALUE, such as partner=CHN"));
    (*request.mutable_labels())[label.first] = label.second;
  }
  constexpr absl::string_view kForm = "PERIOD=VALUE, such as 2027-03=5.25";
  for (const std::string& text : options.points) {
    ASSIGN_OR_RETURN(const auto point, SplitPair(text, kForm));
    double value = 0;
    if (!absl::SimpleAtod(point.second, &value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is not ", kForm));
    }
    v1::AdjustedStep& step = *request.add_steps();
    step.set_period(point.first);
    step.set_point(value);
  }
  request.set_author(options.author);
  request.set_reason(options.reason);
  return request;
}

absl::Status AdjustByHand(const Context& context,
                          const AdjustOptions& options) {
  ASSIGN_OR_RETURN(const v1::AdjustForecastRequest request, ToRequest(options));
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(
      const v1::Forecast forecast,
      client.Call(client.forecasts(), &ForecastService::Stub::AdjustForecast,
                  request));
  v1::GetForecastResponse answer;
  *answer.add_forecasts() = forecast;
  if (context.format == Format::kTable) {
    Print(absl::StrCat(DescribeForecast(forecast), "\n\n"));
  }
  return PrintAnswer(context, answer, ForecastTable(answer.forecasts()));
}

void AddAdjust(CLI::App& app, Context& context) {
  auto options = std::make_shared<AdjustOptions>();
  CLI::App* command = app.add_subcommand(
      "adjust",
      "Change the newest forecast of an indicator by hand: an issue of its "
      "own, scored as any other");
  command->add_option("name", options->name, "Of the indicator")->required();
  command
      ->add_option("--label", options->labels,
                   "Of the series, where there are several; all of its labels")
      ->type_name("NAME=VALUE");
  command
      ->add_option("--point", options->points,
                   "The central forecast of a period; its intervals move with "
                   "it")
      ->type_name("PERIOD=VALUE")
      ->required();
  command->add_option("--reason", options->reason, "Why; it is kept")
      ->required();
  command->add_option("--author", options->author, "Who says so; it is kept")
      ->required();
  SetAction(*command, context,
            [&context, options] { return AdjustByHand(context, *options); });
}

}  // namespace

void AddTrackRecordCommands(CLI::App& app, Context& context) {
  AddTrackRecord(app, context);
  AddAdjust(app, context);
}

}  // namespace headway::cli
