#include "tools/headway/commands/forecast_options.h"

#include <algorithm>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/tables/records.h"

namespace headway::cli {

CLI::Validator IsMethod() {
  const auto check = [](std::string& name) -> std::string {
    // "auto-ets" is "auto_ets": the names of options have hyphens, too.
    std::string method = name;
    if (!pipeline::PluginOfMethod(method).has_value()) {
      std::replace(method.begin(), method.end(), '-', '_');
    }
    const absl::Status status = pipeline::CheckMethod(method);
    if (!status.ok()) return std::string(status.message());
    name = method;
    return "";
  };
  return CLI::Validator(
      check, absl::StrCat("{", absl::StrJoin(forecast::MethodNames(), ","),
                          ",plugin:NAME}"));
}

void AddCsvOptions(CLI::App& command, CLI::Option* csv, CsvOptions& options) {
  command
      .add_option("--season", options.seasons,
                  "With --csv: periods in a seasonal cycle, 1 for none, and "
                  "after commas longer cycles: 24,168 for hours")
      ->delimiter(',')
      ->check(CLI::Range(1, 10000))
      ->type_name("PERIODS[,PERIODS]")
      ->capture_default_str()
      ->needs(csv);
  command
      .add_option("--separator", options.separator,
                  "With --csv: what stands between cells: one character, or "
                  "tab")
      ->type_name("CHARACTER")
      ->needs(csv);
  command
      .add_option("--decimal", options.decimal,
                  "With --csv: the decimal mark of its numbers, a point or a "
                  "comma")
      ->check(CLI::IsMember({".", ","}))
      ->type_name(".|,")
      ->needs(csv);
  const std::map<std::string, HeaderChoice> headers = {
      {"auto", HeaderChoice::kAuto},
      {"yes", HeaderChoice::kYes},
      {"no", HeaderChoice::kNo}};
  command
      .add_option("--header", options.header,
                  "With --csv: whether the first row is a header; auto tells "
                  "by what stands in it")
      ->transform(CLI::CheckedTransformer(headers).description(""))
      ->type_name("auto|yes|no")
      ->needs(csv);
  const std::map<std::string, forecast::Bounds> bounds = {
      {"none", forecast::Bounds::kNone},
      {"nonnegative", forecast::Bounds::kNonNegative},
      {"percent", forecast::Bounds::kPercent},
      {"fraction", forecast::Bounds::kFraction}};
  command
      .add_option("--bounds", options.bounds,
                  "With --csv: where values and forecasts lie: anywhere, at 0 "
                  "or above, within 0 to 100, within 0 to 1")
      ->transform(CLI::CheckedTransformer(bounds).description(""))
      ->type_name("none|nonnegative|percent|fraction")
      ->needs(csv);
  using forecast::Quantity;
  const std::map<std::string, Quantity> quantities = {
      {"inferred", Quantity::kInferred}, {"level", Quantity::kLevel},
      {"index", Quantity::kIndex},       {"count", Quantity::kCount},
      {"share", Quantity::kShare},       {"record", Quantity::kRecord},
      {"rate", Quantity::kRate},         {"balance", Quantity::kBalance},
      {"growth", Quantity::kGrowth}};
  command
      .add_option("--quantity", options.quantity,
                  "With --csv: what kind of quantity the values are, where "
                  "they do not show it (docs/forecasting.md)")
      ->transform(CLI::CheckedTransformer(quantities).description(""))
      ->type_name("inferred|level|index|count|share|record|rate|balance|growth")
      ->needs(csv);
  command
      .add_option("--threads", options.threads,
                  "With --csv: threads to use; one a core if not given")
      ->check(CLI::Range(1, 1024))
      ->needs(csv);
}

absl::StatusOr<SeriesTableOptions> ToTableOptions(const CsvOptions& options) {
  SeriesTableOptions table;
  ASSIGN_OR_RETURN(table.separator, tables::ParseSeparator(options.separator));
  table.numbers.decimal = options.decimal[0];
  table.header = options.header;
  return table;
}

void SetSeries(const CsvOptions& options, forecast::Options& to) {
  to.season = options.seasons[0];
  to.long_seasons.assign(options.seasons.begin() + 1, options.seasons.end());
  to.bounds = options.bounds;
  to.quantity = options.quantity;
}

int ThreadsOf(const CsvOptions& options) {
  if (options.threads > 0) return options.threads;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace headway::cli
