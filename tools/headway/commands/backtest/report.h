// What a backtest gives: a row for each step of each forecast, and the scores.
//
// Not thread-safe.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_REPORT_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_REPORT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "daemon/scores/stratum.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// How a series is tried: from several origins, by several methods.
struct BacktestPlan {
  // Origins of a series, and the steps from one to the next.
  int windows = 1;
  int step = 1;
  int horizon = 12;
  std::vector<std::string> methods = {"auto"};
  // Central intervals, in percent.
  std::vector<double> levels = {50, 80, 95};
};

struct WindowForecast {
  std::vector<double> point;                   // [step]
  std::vector<std::vector<double>> quantiles;  // [step][probability]
};

// The forecasts of one series from one origin.
struct BacktestWindow {
  std::string id;
  // The last step that the forecasts know, and those that follow, by name.
  std::string cutoff;
  std::vector<std::string> steps;
  // NaN where missing.
  std::vector<double> actuals;  // [step]
  absl::Span<const double> history;
  int season = 1;
  // [method]; absent where there is none.
  std::vector<std::optional<WindowForecast>> forecasts;
};

class BacktestReport {
 public:
  explicit BacktestReport(const BacktestPlan& plan);

  // Those of the quantiles that forecasts are to have: of the levels and of the
  // median, rising.
  const std::vector<double>& probabilities() const { return probabilities_; }

  // INVALID_ARGUMENT for a forecast that cannot be scored.
  absl::Status Add(const BacktestWindow& window);

  // The rows since the last call, as CSV; the first time with the header
  // unique_id, ds, cutoff, y, and for each method METHOD, its points, and
  // METHOD-lo-95, METHOD-hi-95 and so on. A step without an actual has no row.
  std::string TakeRows();

  // The scores by method and distance.
  v1::GetTrackRecordResponse Summary() const;

 private:
  // A method's place in the plan, and a range of steps.
  using Key = std::pair<size_t, scores::StepRange>;
  struct Scores {
    int windows = 0;
    scores::StratumBuilder builder;
  };

  absl::Status Score(const BacktestWindow& window, size_t method);

  const BacktestPlan plan_;
  // Rising, and so are the probabilities.
  std::vector<double> levels_;
  std::vector<double> probabilities_;
  Table rows_;
  bool has_header_ = false;
  std::map<Key, Scores> scores_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_REPORT_H_
