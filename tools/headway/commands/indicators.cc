// headway indicators, headway show
#include <algorithm>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/commands/issued_forecasts.h"
#include "tools/headway/render/forecast_rows.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/observation_rows.h"

namespace headway::cli {
namespace {

using AsOf = std::optional<google::protobuf::Timestamp>;

constexpr int kSparklineWidth = 60;
constexpr int kLastValuesShown = 12;
constexpr int kForecastRowsShown = 13;

// None is no failure.
absl::StatusOr<v1::GetForecastResponse> IssuedForecasts(Client& client,
                                                        const std::string& name,
                                                        const AsOf& as_of) {
  absl::StatusOr<v1::GetForecastResponse> response =
      GetIssuedForecasts(client, name, as_of);
  if (absl::IsNotFound(response.status())) return v1::GetForecastResponse();
  return response;
}

// ---- indicators ----

struct ListOptions {
  std::string filter;
  AsOf as_of;
};

Table IndicatorTable() {
  return Table({{.name = "indicator", .shrinkable = true},
                {.name = "series", .shrinkable = true},
                {.name = "last", .align = Align::kRight},
                {.name = "period"},
                {.name = "change", .align = Align::kRight},
                {.name = "unit", .shrinkable = true},
                {.name = "forecast", .align = Align::kRight},
                {.name = "lo80", .align = Align::kRight},
                {.name = "hi80", .align = Align::kRight},
                {.name = "for"},
                {.name = "age_days", .csv_only = true},
                {.name = "status", .csv_only = true},
                {.name = "pipeline", .csv_only = true},
                {.name = "error", .csv_only = true}});
}

// The four columns of a series' row that tell of its forecast.
void AddForecastCells(const v1::ForecastStep* step, const std::string& unit,
                      std::vector<Cell>* cells) {
  if (step == nullptr) {
    cells->insert(cells->end(),
                  {MissingCell(), MissingCell(), MissingCell(), Cell()});
    return;
  }
  cells->insert(cells->end(),
                {ValueCell(step->point(), unit), QuantileCell(*step, 0.1, unit),
                 QuantileCell(*step, 0.9, unit), step->period()});
}

// With its status, if it is not final.
Cell PeriodCell(const v1::Observation& last) {
  const std::string status = messages::StatusText(last.status());
  if (status.empty()) return last.period();
  return Cell(absl::StrCat(last.period(), " ", status), last.period());
}

Cell AgeCell(const v1::IndicatorSummary& summary, absl::Time instant) {
  const auto age = messages::AgeInDays(summary.last(), instant);
  return age.has_value() ? Cell(absl::StrCat(*age)) : MissingCell();
}

void AddIndicatorRows(const v1::Indicator& indicator, Table* table) {
  const absl::Time instant = messages::FromTimestamp(indicator.as_of());
  const std::string name(LastSegment(indicator.name()));
  const std::string pipeline(LastSegment(indicator.pipeline()));
  const std::string& unit = indicator.unit();
  if (indicator.summaries().empty()) {
    std::vector<Cell> cells = {name,   Cell(),        MissingCell(),
                               Cell(), MissingCell(), unit};
    AddForecastCells(nullptr, unit, &cells);
    cells.insert(cells.end(), {Cell(), Cell(), pipeline, "no data"});
    table->AddRow(std::move(cells));
  }
  for (const auto& summary : indicator.summaries()) {
    const std::string labels = LabelPairs(summary.labels());
    const bool has_value = summary.has_last();
    std::vector<Cell> cells = {
        name,
        Cell(messages::FormatLabelValues(summary.labels()), labels),
        has_value ? ValueCell(summary.last().value(), unit) : MissingCell(),
        PeriodCell(summary.last()),
        summary.has_change() ? ChangeCell(summary.change(), unit)
                             : MissingCell(),
        unit};
    AddForecastCells(
        summary.has_one_year_ahead() ? &summary.one_year_ahead() : nullptr,
        unit, &cells);
    cells.insert(cells.end(),
                 {has_value ? AgeCell(summary, instant) : MissingCell(),
                  messages::StatusText(summary.last().status()), pipeline,
                  summary.error()});
    table->AddRow(std::move(cells));
  }
}

// Why values are missing, and which rows are, below the table.
void PrintIndicatorErrors(const v1::ListIndicatorsResponse& response) {
  for (const auto& indicator : response.indicators()) {
    for (const auto& summary : indicator.summaries()) {
      if (summary.error().empty()) continue;
      Print(absl::StrCat("! ", LastSegment(indicator.name()), ": ",
                         summary.error(), "\n"));
    }
    if (indicator.series_count() > indicator.summaries_size()) {
      Print(absl::StrCat("! ", LastSegment(indicator.name()), ": the first ",
                         FormatCount(indicator.summaries_size()), " of ",
                         FormatCount(indicator.series_count()),
                         " series; headway show has them all\n"));
    }
  }
}

bool HasNoData(const v1::ListIndicatorsResponse& response) {
  for (const auto& indicator : response.indicators()) {
    if (!indicator.summaries().empty()) return false;
  }
  return true;
}

// For a daemon that has not run yet: when it will, and how to have it now.
absl::Status PrintHowToFill(Client& client) {
  ASSIGN_OR_RETURN(const v1::ListPipelinesResponse response,
                   client.CallForAllPages(client.pipelines(),
                                          &PipelineService::Stub::ListPipelines,
                                          v1::ListPipelinesRequest()));
  std::string lines;
  for (const auto& pipeline : response.pipelines()) {
    if (pipeline.sources().empty()) continue;
    const std::string name(LastSegment(pipeline.name()));
    const std::string when =
        pipeline.next_fire_times().empty()
            ? "it has no schedule that fires"
            : absl::StrCat("it fires next at ",
                           FormatMinute(pipeline.next_fire_times(0)));
    absl::StrAppend(&lines, "  ", name, ": ", when, "; now: headway run ", name,
                    " --follow\n");
  }
  if (!lines.empty()) {
    Print("\nno data yet: no pipeline has pulled any\n" + lines);
  }
  return absl::OkStatus();
}

absl::Status ListIndicators(const Context& context,
                            const ListOptions& options) {
  Client client = MakeClient(context);
  v1::ListIndicatorsRequest request;
  request.set_filter(options.filter);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(
      const v1::ListIndicatorsResponse response,
      client.CallForAllPages(client.indicators(),
                             &IndicatorService::Stub::ListIndicators, request));
  Table table = IndicatorTable();
  for (const auto& indicator : response.indicators()) {
    AddIndicatorRows(indicator, &table);
  }
  if (context.format == Format::kJson) {
    v1::GetForecastResponse all_forecasts;
    for (const auto& indicator : response.indicators()) {
      ASSIGN_OR_RETURN(
          const v1::GetForecastResponse forecasts,
          IssuedForecasts(client, indicator.name(), options.as_of));
      all_forecasts.MergeFrom(forecasts);
    }
    ASSIGN_OR_RETURN(const std::string indicators,
                     ToJson(response.indicators()));
    ASSIGN_OR_RETURN(const std::string forecasts,
                     ToJson(all_forecasts.forecasts()));
    Print(absl::StrCat("{\"indicators\":", indicators,
                       ",\"forecasts\":", forecasts, "}\n"));
  } else if (context.format == Format::kCsv) {
    Print(table.ToCsv());
  } else if (table.empty()) {
    Print("no indicators\n");
  } else {
    PrintText(table);
    PrintIndicatorErrors(response);
    if (HasNoData(response)) return PrintHowToFill(client);
  }
  return absl::OkStatus();
}

// ---- show ----

struct ShowOptions {
  std::string name;
  AsOf as_of;
};

void PrintLastValues(const v1::LabelledSeries& series,
                     const std::string& unit) {
  Table table({{.name = "period"},
               {.name = "value", .align = Align::kRight},
               {.name = "change", .align = Align::kRight}});
  const auto& observations = series.observations();
  for (int i = std::max(0, observations.size() - kLastValuesShown);
       i < observations.size(); ++i) {
    const double value = observations[i].value();
    table.AddRow({observations[i].period(), ValueCell(value, unit),
                  i == 0
                      ? MissingCell()
                      : ChangeCell(value - observations[i - 1].value(), unit)});
  }
  Print(table.ToText({.colour = WantsColour(), .indent = "  "}));
}

void PrintSeries(const v1::LabelledSeries& series, const std::string& unit,
                 absl::Time instant) {
  const auto& observations = series.observations();
  const std::string labels = LabelPairs(series.labels());
  Print(absl::StrCat("\n", labels.empty() ? "values" : labels, "\n"));
  if (observations.empty()) return Print("  no observations\n");
  std::vector<double> values;
  for (const auto& observation : observations) {
    values.push_back(observation.value());
  }
  Print(absl::StrCat("  ", Sparkline(values, kSparklineWidth), "\n  ",
                     observations.begin()->period(), " to ",
                     observations.rbegin()->period(), ", ",
                     FormatCount(observations.size()), " observations",
                     DescribeVintage(series, instant), "\n\n"));
  PrintLastValues(series, unit);
}

// The record of the series with those labels; an empty one if it has no values
// any more.
v1::TrackRecord RecordOf(const std::string& labels,
                         const v1::GetTrackRecordResponse& response) {
  for (const auto& record : response.track_records()) {
    if (LabelPairs(record.labels()) == labels) return record;
  }
  return v1::TrackRecord();
}

void PrintForecast(const v1::Forecast& forecast,
                   const v1::GetTrackRecordResponse& records) {
  const std::string labels = LabelPairs(forecast.labels());
  Print(absl::StrCat("\nforecast", labels.empty() ? "" : " of ", labels, "\n  ",
                     DescribeForecast(forecast), "\n  track record  ",
                     DescribeTrackRecord(RecordOf(labels, records)), "\n\n"));
  if (forecast.steps().empty()) return;
  v1::GetForecastResponse one;
  *one.add_forecasts() = ThinnedOut(forecast, kForecastRowsShown);
  Print(ForecastTable(one.forecasts())
            .ToText({.colour = WantsColour(), .indent = "  "}));
}

// `  members     partner CHN, JPN`, a line for each label.
std::string MemberLines(const v1::Indicator& indicator) {
  std::string lines;
  for (const v1::Members& members : indicator.members()) {
    absl::StrAppend(&lines, "  members     ", members.label(), " ",
                    absl::StrJoin(members.values(), ", "), "\n");
  }
  return lines;
}

void PrintIndicator(const v1::ReadIndicatorResponse& response,
                    const v1::GetForecastResponse& forecasts,
                    const v1::GetTrackRecordResponse& records) {
  const v1::Indicator& indicator = response.indicator();
  const absl::Time instant = messages::FromTimestamp(indicator.as_of());
  Print(absl::StrCat(
      LastSegment(indicator.name()), "  ", indicator.title(), "\n",
      indicator.meaning(), "\n\n  unit        ", indicator.unit(),
      "\n  expression  ", indicator.expression(), "\n", MemberLines(indicator),
      "  pipeline    ", LastSegment(indicator.pipeline()), "\n"));
  if (!indicator.vintage_kinds().empty()) {
    Print(absl::StrCat(
        "  vintages    ",
        messages::DescribeVintageKinds(indicator.vintage_kinds()), "\n"));
  }
  for (const std::string& note : indicator.notes()) {
    Print(absl::StrCat("  note        ", note, "\n"));
  }
  for (const auto& series : response.series()) {
    PrintSeries(series, indicator.unit(), instant);
  }
  if (response.series().empty()) Print("\nno observations\n");
  for (const auto& forecast : forecasts.forecasts()) {
    PrintForecast(forecast, records);
  }
  if (forecasts.forecasts().empty()) {
    Print("\nno forecast had been issued\n");
  }
}

absl::Status Show(const Context& context, const ShowOptions& options) {
  Client client = MakeClient(context);
  v1::ReadIndicatorRequest request;
  request.set_name(ResourceName("indicators", options.name));
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(
      const v1::ReadIndicatorResponse response,
      client.CallForAllPages(client.indicators(),
                             &IndicatorService::Stub::ReadIndicator, request));
  if (context.format == Format::kCsv) {
    PrintNotes(context, response.indicator().notes());
    Print(ObservationTable(response.series(), response.indicator().unit())
              .ToCsv());
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const v1::GetForecastResponse forecasts,
                   IssuedForecasts(client, request.name(), options.as_of));
  v1::GetTrackRecordRequest record_request;
  record_request.set_name(request.name());
  if (options.as_of) *record_request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(const v1::GetTrackRecordResponse records,
                   client.CallForAllPages(
                       client.forecasts(),
                       &ForecastService::Stub::GetTrackRecord, record_request));
  if (context.format == Format::kTable) {
    PrintIndicator(response, forecasts, records);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string indicator, ToJson(response.indicator()));
  ASSIGN_OR_RETURN(const std::string series, ToJson(response.series()));
  ASSIGN_OR_RETURN(const std::string forecast, ToJson(forecasts.forecasts()));
  ASSIGN_OR_RETURN(const std::string record, ToJson(records.track_records()));
  Print(absl::StrCat("{\"indicator\":", indicator, ",\"series\":", series,
                     ",\"forecasts\":", forecast, ",\"track_records\":", record,
                     "}\n"));
  return absl::OkStatus();
}

}  // namespace

void AddIndicatorCommands(CLI::App& app, Context& context) {
  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = app.add_subcommand(
      "indicators", "List the indicators: newest values and forecasts");
  list->add_option("--filter", list_options->filter,
                   "Such as 'topic=trade AND name:china'");
  AddAsOf(*list, &list_options->as_of);
  SetAction(*list, context, [&context, list_options] {
    return ListIndicators(context, *list_options);
  });

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* show = app.add_subcommand(
      "show", "Show one indicator: meaning, history, forecast");
  show->add_option("name", show_options->name, "Of the indicator")->required();
  AddAsOf(*show, &show_options->as_of);
  SetAction(*show, context,
            [&context, show_options] { return Show(context, *show_options); });
}

}  // namespace headway::cli
