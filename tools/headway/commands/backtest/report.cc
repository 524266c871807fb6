#include "tools/headway/commands/backtest/report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/track_record.h"
#include "daemon/scores/scores.h"

namespace headway::cli {
namespace {

// The probabilities at the ends of the central interval of so many percent:
// decimal fractions of nine digits, so that they add up to one.
struct Ends {
  double low = 0;
  double high = 1;
};
Ends EndsOf(double level) {
  constexpr double kDigits = 1e9;
  const double low = std::round((100 - level) / 200 * kDigits) / kDigits;
  return {low, std::round((1 - low) * kDigits) / kDigits};
}

std::vector<double> Rising(const std::vector<double>& levels) {
  const std::set<double> rising(levels.begin(), levels.end());
  return {rising.begin(), rising.end()};
}

std::vector<double> ProbabilitiesOf(const std::vector<double>& levels) {
  std::set<double> probabilities = {0.5};
  for (double level : levels) {
    probabilities.insert(EndsOf(level).low);
    probabilities.insert(EndsOf(level).high);
  }
  return {probabilities.begin(), probabilities.end()};
}

std::vector<Column> ColumnsOf(const BacktestPlan& plan,
                              const std::vector<double>& levels) {
  std::vector<Column> columns = {{.name = "unique_id"},
                                 {.name = "ds"},
                                 {.name = "cutoff"},
                                 {.name = "y", .align = Align::kRight}};
  for (const std::string& method : plan.methods) {
    columns.push_back({.name = method, .align = Align::kRight});
    for (double level : levels) {
      for (const char* end : {"-lo-", "-hi-"}) {
        columns.push_back(
            {.name = absl::StrCat(method, end, level), .align = Align::kRight});
      }
    }
  }
  return columns;
}

double QuantileAt(const std::vector<double>& probabilities,
                  const std::vector<double>& quantiles, double probability) {
  const auto at =
      std::lower_bound(probabilities.begin(), probabilities.end(), probability);
  return quantiles[at - probabilities.begin()];
}

Cell NumberOf(double value) { return Cell(FormatExact(value)); }

}  // namespace

BacktestReport::BacktestReport(const BacktestPlan& plan)
    : plan_(plan),
      levels_(Rising(plan.levels)),
      probabilities_(ProbabilitiesOf(plan.levels)),
      rows_(ColumnsOf(plan_, levels_)) {}

absl::Status BacktestReport::Add(const BacktestWindow& window) {
  for (size_t m = 0; m < plan_.methods.size(); ++m) {
    if (window.forecasts[m].has_value()) RETURN_IF_ERROR(Score(window, m));
  }
  for (size_t h = 0; h < window.actuals.size(); ++h) {
    if (std::isnan(window.actuals[h])) continue;
    std::vector<Cell> cells = {window.id, window.steps[h], window.cutoff,
                               NumberOf(window.actuals[h])};
    for (const std::optional<WindowForecast>& forecast : window.forecasts) {
      if (!forecast.has_value()) {
        cells.insert(cells.end(), 1 + 2 * levels_.size(), Cell());
        continue;
      }
      cells.push_back(NumberOf(forecast->point[h]));
      for (double level : levels_) {
        const Ends ends = EndsOf(level);
        for (double end : {ends.low, ends.high}) {
          cells.push_back(NumberOf(
              QuantileAt(probabilities_, forecast->quantiles[h], end)));
        }
      }
    }
    rows_.AddRow(std::move(cells));
  }
  return absl::OkStatus();
}

absl::Status BacktestReport::Score(const BacktestWindow& window,
                                   size_t method) {
  const WindowForecast& forecast = *window.forecasts[method];
  std::map<scores::StepRange, scores::StratumBuilder> of_window;
  for (size_t h = 0; h < window.actuals.size(); ++h) {
    const double actual = window.actuals[h];
    if (std::isnan(actual)) continue;
    const int distance = static_cast<int>(h) + 1;
    scores::Outcome outcome{.point = forecast.point[h], .actual = actual};
    for (size_t q = 0; q < probabilities_.size(); ++q) {
      outcome.quantiles.push_back(
          {probabilities_[q], forecast.quantiles[h][q]});
    }
    std::optional<double> benchmark_error;
    if (const auto naive =
            scores::SeasonalNaive(window.history, window.season, distance)) {
      benchmark_error = std::abs(actual - *naive);
    }
    for (const scores::StepRange& range :
         {scores::kAllSteps, scores::StepRangeOf(distance)}) {
      RETURN_IF_ERROR(of_window[range].Add(outcome, benchmark_error));
    }
  }
  const std::optional<double> scale =
      scores::SeasonalNaiveError(window.history, window.season);
  for (auto& [range, builder] : of_window) {
    builder.SetScale(scale);
    Scores& sum = scores_[{method, range}];
    ++sum.windows;
    sum.builder.Merge(builder);
  }
  return absl::OkStatus();
}

std::string BacktestReport::TakeRows() {
  std::string csv = rows_.ToCsv();
  if (std::exchange(has_header_, true)) csv.erase(0, csv.find('\n') + 1);
  rows_ = Table(ColumnsOf(plan_, levels_));
  return csv;
}

v1::GetTrackRecordResponse BacktestReport::Summary() const {
  v1::GetTrackRecordResponse summary;
  for (const auto& [key, scores] : scores_) {
    const auto& [method, range] = key;
    v1::TrackStratum& stratum = *summary.add_strata();
    stratum = messages::ToProto(scores.builder.Build());
    stratum.set_method(plan_.methods[method]);
    stratum.set_first_step(range.first);
    stratum.set_last_step(range.last);
    stratum.set_actuals(v1::LATEST);
    stratum.set_issues(scores.windows);
  }
  return summary;
}

}  // namespace headway::cli
