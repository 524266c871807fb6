#include "tools/headway/commands/backtest/file_backtest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/batch.h"

namespace headway::cli {
namespace {

using Result = absl::StatusOr<forecast::Forecast>;

constexpr size_t kSeriesAtOnce = 64;

// A series up to one of its origins.
struct Origin {
  const SeriesRow* row = nullptr;
  size_t length = 0;
};

std::string StepName(const SeriesRow& row, size_t i) {
  // In a row of values they have no names, and at gaps of a table they have
  // none either.
  return row.steps.empty() ? absl::StrCat(i + 1) : row.steps[i];
}

// The oldest first.
std::vector<Origin> OriginsOf(const SeriesRow& row, const BacktestPlan& plan) {
  std::vector<Origin> origins;
  const int64_t last = static_cast<int64_t>(row.values.size()) - plan.horizon;
  for (int w = plan.windows - 1; w >= 0; --w) {
    const int64_t length = last - int64_t{w} * plan.step;
    if (length < 2) continue;
    const auto known = absl::MakeConstSpan(row.values).first(length);
    const auto present = std::count_if(known.begin(), known.end(),
                                       [](double v) { return !std::isnan(v); });
    if (present > 1) origins.push_back({&row, static_cast<size_t>(length)});
  }
  return origins;
}

class FileBacktest {
 public:
  FileBacktest(const CsvOptions& options, const BacktestPlan& plan,
               BacktestReport* report)
      : plan_(plan),
        report_(*report),
        threads_(ThreadsOf(options)),
        // The calling thread works too.
        pool_({.threads = threads_ - 1}) {
    for (const std::string& method : plan.methods) {
      forecast::Options& how = how_.emplace_back();
      how.method = method;
      how.horizon = plan.horizon;
      how.probabilities = report->probabilities();
      // Every origin is one of a backtest already.
      how.backtest = false;
      SetSeries(options, how);
    }
  }

  // Said once, not for every series.
  absl::Status CheckOptions() const {
    for (const forecast::Options& how : how_) {
      RETURN_IF_ERROR(forecast::CheckOptions(how));
    }
    return absl::OkStatus();
  }

  absl::Status Add(absl::Span<const SeriesRow> rows) {
    std::vector<Origin> origins;
    for (const SeriesRow& row : rows) {
      const std::vector<Origin> of_row = OriginsOf(row, plan_);
      if (of_row.empty()) {
        Fail(row, absl::StrCat("has ", row.values.size(),
                               " values; a backtest needs the horizon, ",
                               plan_.horizon, ", and at least 2 before it"));
      }
      origins.insert(origins.end(), of_row.begin(), of_row.end());
    }
    std::vector<forecast::Job> jobs;
    for (const Origin& origin : origins) {
      const auto known =
          absl::MakeConstSpan(origin.row->values).first(origin.length);
      for (const forecast::Options& how : how_) jobs.push_back({known, &how});
    }
    std::vector<Result> results =
        forecast::MakeForecasts(jobs, &pool_, threads_);
    for (size_t i = 0; i < origins.size(); ++i) {
      RETURN_IF_ERROR(AddWindow(origins[i], absl::MakeSpan(results).subspan(
                                                i * how_.size(), how_.size())));
    }
    return absl::OkStatus();
  }

  size_t failed() const { return failed_; }

 private:
  // The series, once: its other origins most often fail in the same way.
  void Fail(const SeriesRow& row, absl::string_view why) {
    if (last_failed_ == row.id) return;
    last_failed_ = row.id;
    ++failed_;
    std::fprintf(stderr, "line %d: %s: %s\n", row.line, row.id.c_str(),
                 std::string(why).c_str());
  }

  absl::Status AddWindow(const Origin& origin, absl::Span<Result> results) {
    const SeriesRow& row = *origin.row;
    BacktestWindow window{
        .id = row.id,
        .history = absl::MakeConstSpan(row.values).first(origin.length),
        .season = how_[0].season};
    // The last that has a value.
    size_t last = origin.length - 1;
    while (std::isnan(row.values[last])) --last;
    window.cutoff = StepName(row, last);
    for (int h = 0; h < plan_.horizon; ++h) {
      window.steps.push_back(StepName(row, origin.length + h));
      window.actuals.push_back(row.values[origin.length + h]);
    }
    for (size_t m = 0; m < results.size(); ++m) {
      std::optional<WindowForecast>& forecast = window.forecasts.emplace_back();
      if (results[m].ok()) {
        forecast = {std::move(results[m]->point),
                    std::move(results[m]->quantiles)};
      } else {
        Fail(row, absl::StrCat(plan_.methods[m], ": ",
                               results[m].status().message()));
      }
    }
    return report_.Add(window);
  }

  const BacktestPlan& plan_;
  BacktestReport& report_;
  const int threads_;
  ThreadPool pool_;
  std::vector<forecast::Options> how_;  // [method]
  size_t failed_ = 0;
  std::string last_failed_;
};

}  // namespace

absl::Status BacktestFile(
    const std::string& path, const CsvOptions& options,
    const BacktestPlan& plan, BacktestReport& report,
    const std::function<absl::Status(absl::string_view)>& write) {
  FileBacktest backtest(options, plan, &report);
  RETURN_IF_ERROR(backtest.CheckOptions());
  ASSIGN_OR_RETURN(SeriesTableOptions table_options, ToTableOptions(options));
  table_options.keep_steps = true;
  ASSIGN_OR_RETURN(const SeriesTable table,
                   ReadSeriesTable(path, table_options));
  for (const absl::Status& bad_row : table.bad_rows) {
    std::fprintf(stderr, "%s\n", std::string(bad_row.message()).c_str());
  }
  const auto rows = absl::MakeConstSpan(table.rows);
  for (size_t i = 0; i < rows.size(); i += kSeriesAtOnce) {
    RETURN_IF_ERROR(backtest.Add(
        rows.subspan(i, std::min(kSeriesAtOnce, rows.size() - i))));
    RETURN_IF_ERROR(write(report.TakeRows()));
  }
  const size_t failed = backtest.failed() + table.bad_rows.size();
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(failed, " of ", table.rows.size() + table.bad_rows.size(),
                   " series could not be tried in full"));
}

}  // namespace headway::cli
