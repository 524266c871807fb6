#include "tools/headway/offline_forecast.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/forecast.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/series_table.h"

namespace headway::cli {
namespace {

using Result = absl::StatusOr<forecast::Forecast>;

// One result a row; the threads take the next row that is not taken.
std::vector<Result> ForecastRows(const std::vector<SeriesRow>& rows,
                                 const forecast::Options& options,
                                 int threads) {
  std::vector<Result> results(rows.size(), absl::UnknownError("not made"));
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < rows.size(); i = next++) {
      results[i] = forecast::MakeForecast(rows[i].values, options);
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
  return results;
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
    v1::ForecastStep* step = message.add_steps();
    step->set_period(absl::StrCat("+", h + 1));
    step->set_point(result->point[h]);
    step->set_mean(result->mean[h]);
    for (size_t q = 0; q < result->probabilities.size(); ++q) {
      v1::Quantile* quantile = step->add_quantiles();
      quantile->set_probability(result->probabilities[q]);
      quantile->set_value(result->quantiles[h][q]);
    }
  }
  return message;
}

void AddRows(const SeriesRow& row, const forecast::Forecast& forecast,
             Table* table) {
  for (size_t h = 0; h < forecast.point.size(); ++h) {
    table->AddRow({row.id, CountCell(static_cast<int64_t>(h) + 1),
                   ValueCell(forecast.point[h], ""),
                   ValueCell(forecast.quantiles[h].front(), ""),
                   ValueCell(forecast.quantiles[h].back(), "")});
  }
}

}  // namespace

absl::Status ForecastFile(const Context& context,
                          const OfflineForecastOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<SeriesRow> rows,
                   ReadSeriesTable(options.path));
  forecast::Options how;
  how.method = options.method;
  how.horizon = options.horizon;
  how.season = options.season;
  how.probabilities = {0.025, 0.975};
  const int threads =
      options.threads > 0
          ? options.threads
          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const std::vector<Result> results = ForecastRows(rows, how, threads);

  Table table({{.name = "id"},
               {.name = "h", .align = Align::kRight},
               {.name = "point", .align = Align::kRight},
               {.name = "lo95", .align = Align::kRight},
               {.name = "hi95", .align = Align::kRight}});
  v1::ComputeForecastResponse message;
  int failed = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    *message.add_forecasts() = ToMessage(rows[i], options.method, results[i]);
    if (results[i].ok()) {
      AddRows(rows[i], *results[i], &table);
      continue;
    }
    ++failed;
    std::fprintf(stderr, "%s:%d: %s: %s\n", options.path.c_str(), rows[i].line,
                 rows[i].id.c_str(),
                 std::string(results[i].status().message()).c_str());
  }
  RETURN_IF_ERROR(PrintAnswer(context, message, table));
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      failed, " of ", rows.size(), " series could not be forecast"));
}

}  // namespace headway::cli
