#include "tools/headway/commands/offline_forecast.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/batch.h"
#include "daemon/messages/forecast.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/output.h"
#include "tools/headway/input/files.h"
#include "tools/headway/input/series_table.h"

namespace headway::cli {
namespace {

using Result = absl::StatusOr<forecast::Forecast>;

std::vector<Result> ForecastRows(const std::vector<SeriesRow>& rows,
                                 const forecast::Options& options,
                                 int threads) {
  std::vector<forecast::Job> jobs;
  for (const SeriesRow& row : rows) jobs.push_back({row.values, &options});
  // The calling thread works too.
  ThreadPool pool({.threads = threads - 1});
  return MakeForecasts(jobs, &pool, threads);
}

v1::Forecast ToMessage(const SeriesRow& row, const std::string& method,
                       const Result& result) {
  v1::Forecast message;
  (*message.mutable_labels())["id"] = row.id;
  message.set_method(method);
  if (!result.ok()) {
    message.set_error(std::string(result.status().message()));
    return message;
  }
  message.set_model(result->model);
  for (size_t h = 0; h < result->point.size(); ++h) {
    *message.add_steps() = messages::ToForecastStep(
        absl::StrCat("+", h + 1), result->point[h], result->mean[h],
        result->probabilities, result->quantiles[h]);
  }
  return message;
}

// "lo95": the lower or upper bound of the interval of 95 %.
std::string BoundName(absl::string_view end, double level) {
  return absl::StrCat(end, level);
}

// Lower bounds from the widest interval, then upper ones to the widest.
std::vector<double> ProbabilitiesOf(const std::vector<double>& levels) {
  std::vector<double> probabilities;
  for (size_t i = levels.size(); i-- > 0;) {
    probabilities.push_back((100 - levels[i]) / 200);
  }
  for (double level : levels) probabilities.push_back((100 + level) / 200);
  return probabilities;
}

Table ToTable(const std::vector<SeriesRow>& rows,
              const std::vector<double>& levels,
              const std::vector<Result>& results) {
  std::vector<Column> columns = {{.name = "id"},
                                 {.name = "h", .align = Align::kRight},
                                 {.name = "point", .align = Align::kRight}};
  for (double level : levels) {
    for (const char* end : {"lo", "hi"}) {
      columns.push_back(
          {.name = BoundName(end, level), .align = Align::kRight});
    }
  }
  Table table(std::move(columns));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!results[i].ok()) continue;
    const forecast::Forecast& forecast = *results[i];
    for (size_t h = 0; h < forecast.point.size(); ++h) {
      std::vector<Cell> cells = {rows[i].id,
                                 CountCell(static_cast<int64_t>(h) + 1),
                                 ValueCell(forecast.point[h], "")};
      const std::vector<double>& quantiles = forecast.quantiles[h];
      for (size_t level = 0; level < levels.size(); ++level) {
        cells.push_back(ValueCell(quantiles[levels.size() - 1 - level], ""));
        cells.push_back(ValueCell(quantiles[levels.size() + level], ""));
      }
      table.AddRow(std::move(cells));
    }
  }
  return table;
}

Table PathTable(const std::vector<SeriesRow>& rows,
                const std::vector<Result>& results) {
  Table table({{.name = "id"},
               {.name = "path", .align = Align::kRight},
               {.name = "h", .align = Align::kRight},
               {.name = "value", .align = Align::kRight}});
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!results[i].ok()) continue;
    const std::vector<std::vector<double>>& paths = results[i]->paths;
    for (size_t p = 0; p < paths.size(); ++p) {
      for (size_t h = 0; h < paths[p].size(); ++h) {
        table.AddRow({rows[i].id, CountCell(static_cast<int64_t>(p) + 1),
                      CountCell(static_cast<int64_t>(h) + 1),
                      ValueCell(paths[p][h], "")});
      }
    }
  }
  return table;
}

absl::Status PrintRows(const Context& context,
                       const OfflineForecastOptions& options,
                       const std::vector<SeriesRow>& rows,
                       const std::vector<Result>& results) {
  if (context.format == Format::kJson) {
    v1::ComputeForecastResponse message;
    for (size_t i = 0; i < rows.size(); ++i) {
      *message.add_forecasts() =
          ToMessage(rows[i], options.how.method, results[i]);
    }
    ASSIGN_OR_RETURN(const std::string json, ToJson(message));
    if (!options.out.empty()) return WriteFile(options.out, json + "\n");
    Print(json + "\n");
    return absl::OkStatus();
  }
  const Table table = ToTable(rows, options.levels, results);
  if (!options.out.empty()) return WriteFile(options.out, table.ToCsv());
  PrintTable(context, table);
  return absl::OkStatus();
}

// How many rows there is no forecast of.
size_t ReportFailures(const SeriesTable& table,
                      const std::vector<Result>& results,
                      const std::string& path) {
  size_t failed = table.bad_rows.size();
  for (const absl::Status& bad_row : table.bad_rows) {
    std::fprintf(stderr, "%s\n", std::string(bad_row.message()).c_str());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) continue;
    ++failed;
    std::fprintf(stderr, "%s:%d: %s: %s\n", path.c_str(), table.rows[i].line,
                 table.rows[i].id.c_str(),
                 std::string(results[i].status().message()).c_str());
  }
  return failed;
}

}  // namespace

absl::Status ForecastFile(const Context& context,
                          const OfflineForecastOptions& options) {
  // Said once, not for every series.
  RETURN_IF_ERROR(forecast::CheckOptions(options.how));
  ASSIGN_OR_RETURN(const SeriesTable table,
                   ReadSeriesTable(options.path, options.table));
  forecast::Options how = options.how;
  how.probabilities = ProbabilitiesOf(options.levels);
  // It is not printed.
  how.backtest = false;
  const std::vector<Result> results =
      ForecastRows(table.rows, how, options.threads);
  RETURN_IF_ERROR(PrintRows(context, options, table.rows, results));
  if (!options.out_paths.empty()) {
    RETURN_IF_ERROR(
        WriteFile(options.out_paths, PathTable(table.rows, results).ToCsv()));
  }
  const size_t failed = ReportFailures(table, results, options.path);
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(failed, " of ", table.rows.size() + table.bad_rows.size(),
                   " series could not be forecast"));
}

}  // namespace headway::cli
