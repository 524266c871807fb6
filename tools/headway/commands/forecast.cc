// headway forecast: as issued, computed on request, or of a file.
#include "daemon/forecast/forecast.h"

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/commands/forecast_options.h"
#include "tools/headway/commands/issued_forecasts.h"
#include "tools/headway/commands/offline_forecast.h"
#include "tools/headway/render/forecast_rows.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

using Forecasts = google::protobuf::RepeatedPtrField<v1::Forecast>;

struct ForecastOptions {
  std::string name;
  std::string method;
  int horizon = 0;
  std::optional<google::protobuf::Timestamp> as_of;
  std::string csv;
  CsvOptions file;
  // In percent.
  std::vector<double> levels = {95};
  int paths = 0;
  std::string out_paths;
  std::string out;
};

// Of --csv, where none is given.
constexpr int kDefaultHorizon = 12;

absl::StatusOr<v1::ComputeForecastResponse> Compute(
    Client& client, const ForecastOptions& options) {
  v1::ComputeForecastRequest request;
  request.set_indicator(ResourceName("indicators", options.name));
  request.set_method(options.method);
  request.set_horizon(options.horizon);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  return client.CallForAllPages(
      client.forecasts(), &ForecastService::Stub::ComputeForecast, request);
}

void PrintForecasts(const ForecastOptions& options,
                    const Forecasts& forecasts) {
  for (const auto& forecast : forecasts) {
    const std::string labels = LabelPairs(forecast.labels());
    Print(absl::StrCat(options.name, labels.empty() ? "" : " of ", labels,
                       forecast.unit().empty() ? "" : ", ", forecast.unit(),
                       "\n", DescribeForecast(forecast), "\n\n"));
    if (forecast.steps().empty()) continue;
    Forecasts one;
    *one.Add() = forecast;
    PrintText(ForecastTable(one));
    Print("\n");
  }
}

template <typename Response>
absl::Status PrintResponse(const Context& context,
                           const ForecastOptions& options,
                           const Response& response) {
  if (response.forecasts().empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no forecast of ", options.name,
        " was issued; compute one with --method auto, or run its pipeline"));
  }
  if (context.format == Format::kTable) {
    PrintForecasts(options, response.forecasts());
  } else {
    RETURN_IF_ERROR(
        PrintAnswer(context, response, ForecastTable(response.forecasts())));
  }
  for (const auto& forecast : response.forecasts()) {
    if (forecast.error().empty()) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      options.name,
      " has no series that can be forecast: ", response.forecasts(0).error()));
}

// Rising, whatever order they were given in, and each once.
std::vector<double> Sorted(std::vector<double> levels) {
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

absl::Status ForecastCsv(const Context& context,
                         const ForecastOptions& options) {
  OfflineForecastOptions offline{.path = options.csv,
                                 .threads = ThreadsOf(options.file),
                                 .out = options.out};
  ASSIGN_OR_RETURN(offline.table, ToTableOptions(options.file));
  if (!options.method.empty()) offline.how.method = options.method;
  offline.how.horizon = options.horizon > 0 ? options.horizon : kDefaultHorizon;
  SetSeries(options.file, offline.how);
  offline.how.paths = options.paths;
  offline.levels = Sorted(options.levels);
  offline.out_paths = options.out_paths;
  return ForecastFile(context, offline);
}

absl::Status Forecast(const Context& context, const ForecastOptions& options) {
  if (!options.csv.empty()) return ForecastCsv(context, options);
  Client client = MakeClient(context);
  if (options.method.empty() && options.horizon == 0) {
    ASSIGN_OR_RETURN(const v1::GetForecastResponse response,
                     GetIssuedForecasts(client, options.name, options.as_of));
    return PrintResponse(context, options, response);
  }
  ASSIGN_OR_RETURN(const v1::ComputeForecastResponse response,
                   Compute(client, options));
  return PrintResponse(context, options, response);
}

// What a file of series can have besides a forecast's point and interval.
void AddAnswerOptions(CLI::App& command, CLI::Option* csv,
                      ForecastOptions& options) {
  command
      .add_option("--levels", options.levels,
                  "With --csv: the intervals to print, in percent: 50,80,95")
      ->delimiter(',')
      ->check(CLI::Range(0.1, 99.9))
      ->type_name("PERCENT[,PERCENT]")
      ->capture_default_str()
      ->needs(csv);
  CLI::Option* out_paths =
      command
          .add_option("--out-paths", options.out_paths,
                      "With --csv: the file that sample paths are written to, "
                      "as CSV: id,path,h,value")
          ->type_name("FILE")
          ->needs(csv);
  out_paths->needs(
      command
          .add_option("--paths", options.paths,
                      "With --csv: how many sample paths to draw of each "
                      "series, 1 to 10000")
          ->check(CLI::Range(1, 10000))
          ->needs(out_paths));
  command
      .add_option("--out", options.out,
                  "With --csv: write to this file, as CSV unless --format "
                  "json is given")
      ->type_name("FILE")
      ->needs(csv);
}

void AddOptions(CLI::App& command, ForecastOptions& options) {
  CLI::Option* name =
      command.add_option("name", options.name, "Of the indicator");
  command
      .add_option("--method", options.method,
                  "Compute with this method instead of showing what was "
                  "issued; with --csv auto if not given")
      ->transform(IsMethod());
  command
      .add_option("--horizon", options.horizon,
                  absl::StrCat("Compute this many periods ahead; with --csv ",
                               kDefaultHorizon, " if not given"))
      ->check(CLI::Range(1, 1000));
  CLI::Option* as_of = AddAsOf(command, &options.as_of);
  CLI::Option* csv =
      command
          .add_option("--csv", options.csv,
                      "Forecast the rows id,value,value,… or unique_id,ds,y of "
                      "this file, without a daemon: prints "
                      "id,h,point,lo95,hi95")
          ->type_name("FILE")
          ->excludes(as_of);
  name->excludes(csv);
  AddCsvOptions(command, csv, options.file);
  AddAnswerOptions(command, csv, options);
}

}  // namespace

void AddForecastCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ForecastOptions>();
  CLI::App* command = app.add_subcommand(
      "forecast", "Show the issued forecast of an indicator, or compute one");
  AddOptions(*command, *options);
  command->callback([&context, options] {
    if (options->name.empty() && options->csv.empty()) {
      throw CLI::RequiredError("the name of an indicator, or --csv FILE,");
    }
    context.action = [&context, options] {
      return Forecast(context, *options);
    };
  });
}

}  // namespace headway::cli
