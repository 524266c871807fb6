// Charts as inline SVG, without script; the style sheet gives the colours,
// light or dark, and a title says what is shown to those who do not see it.
// Pure functions; the results are safe HTML.
#ifndef HEADWAY_DAEMON_WEB_CHART_H_
#define HEADWAY_DAEMON_WEB_CHART_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::web {

struct ChartPoint {
  int32_t ordinal = 0;
  double value = 0;
};

struct ForecastPoint {
  int32_t ordinal = 0;
  double point = 0;
  // Bounds of the intervals, the widest first, as (lower, upper).
  std::vector<std::pair<double, double>> intervals;
};

struct Chart {
  // What is shown, in one sentence.
  std::string title;
  std::string unit;
  series::Frequency frequency = series::Frequency::kMonthly;
  // Both by rising ordinal; the forecast follows the history.
  std::vector<ChartPoint> history;
  std::vector<ForecastPoint> forecast;
};

// A line without axes, for a cell of a table. Empty for fewer than two points.
std::string Sparkline(const std::vector<ChartPoint>& points,
                      absl::string_view title);

// History with axes, then the forecast with a band for each interval.
std::string FanChart(const Chart& chart);

// Round numbers that cover [low, high], about `count` of them.
std::vector<double> Ticks(double low, double high, int count);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_CHART_H_
