#include "daemon/web/chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/number_text.h"
#include "daemon/web/html.h"

namespace headway::web {
namespace {

// Maps data to the pixels of a rectangle.
struct Scale {
  double x0, x1, y0, y1;            // data
  double left, right, bottom, top;  // pixels; y grows downwards

  double X(double x) const {
    return left + (x - x0) / (x1 - x0) * (right - left);
  }
  double Y(double y) const {
    return bottom + (y - y0) / (y1 - y0) * (top - bottom);
  }
};

std::string Pair(double x, double y) {
  return absl::StrFormat("%.1f,%.1f", x, y);
}

// Keeps a range from being empty, which has no scale.
void Widen(double* low, double* high) {
  if (*high > *low) return;
  const double margin = std::max(std::fabs(*low) * 0.1, 1e-9);
  *low -= margin;
  *high += margin;
}

// A path that is broken where periods are missing.
std::string LinePath(const std::vector<ChartPoint>& points,
                     const Scale& scale) {
  std::string path;
  for (size_t i = 0; i < points.size(); ++i) {
    const bool joined = i > 0 && points[i].ordinal - points[i - 1].ordinal == 1;
    absl::StrAppend(&path, joined ? "L" : "M",
                    Pair(scale.X(points[i].ordinal), scale.Y(points[i].value)));
    // A point alone is drawn as a dot, by a line of no length with round ends.
    if (!joined) absl::StrAppend(&path, "h0");
  }
  return path;
}

std::string BandPath(const Chart& chart, size_t interval, const Scale& scale) {
  std::string path;
  std::string back;
  const auto add = [&](double x, double lower, double upper) {
    absl::StrAppend(&path, path.empty() ? "M" : "L",
                    Pair(scale.X(x), scale.Y(upper)));
    back = absl::StrCat("L", Pair(scale.X(x), scale.Y(lower)), back);
  };
  if (!chart.history.empty()) {
    const ChartPoint& last = chart.history.back();
    add(last.ordinal, last.value, last.value);
  }
  for (const ForecastPoint& point : chart.forecast) {
    if (interval >= point.intervals.size()) continue;
    const auto& [lower, upper] = point.intervals[interval];
    add(point.ordinal, lower, upper);
  }
  return absl::StrCat(path, back, "Z");
}

std::string ForecastPath(const Chart& chart, const Scale& scale) {
  std::vector<ChartPoint> points;
  if (!chart.history.empty()) points.push_back(chart.history.back());
  for (const ForecastPoint& point : chart.forecast) {
    points.push_back({point.ordinal, point.point});
  }
  return LinePath(points, scale);
}

Scale FitScale(const Chart& chart) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double x0 = kInfinity, x1 = -kInfinity, y0 = kInfinity, y1 = -kInfinity;
  const auto cover = [&](double x, double y) {
    x0 = std::min(x0, x);
    x1 = std::max(x1, x);
    y0 = std::min(y0, y);
    y1 = std::max(y1, y);
  };
  for (const ChartPoint& point : chart.history) {
    cover(point.ordinal, point.value);
  }
  for (const ForecastPoint& point : chart.forecast) {
    cover(point.ordinal, point.point);
    for (const auto& [lower, upper] : point.intervals) {
      cover(point.ordinal, lower);
      cover(point.ordinal, upper);
    }
  }
  Widen(&x0, &x1);
  Widen(&y0, &y1);
  const std::vector<double> ticks = Ticks(y0, y1, 5);
  return {.x0 = x0,
          .x1 = x1,
          .y0 = ticks.front(),
          .y1 = ticks.back(),
          .left = 64,
          .right = 784,
          .bottom = 268,
          .top = 12};
}

std::string ValueAxis(const Scale& scale) {
  std::string svg;
  for (double tick : Ticks(scale.y0, scale.y1, 5)) {
    const double y = scale.Y(tick);
    absl::StrAppend(
        &svg, absl::StrFormat("<path class=\"grid\" d=\"M%.1f,%.1fH%.1f\"/>"
                              "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" "
                              "text-anchor=\"end\">%s</text>",
                              scale.left, y, scale.right, scale.left - 8, y + 4,
                              Escape(FormatNumber(tick))));
  }
  return svg;
}

// Marks the first period of every year, or of every second, fifth, …
std::string TimeAxis(const Scale& scale, series::Frequency frequency) {
  const auto year = [&](double ordinal) {
    return series::FirstDay({frequency, static_cast<int32_t>(ordinal)}).year();
  };
  const int first = static_cast<int>(year(scale.x0));
  const int last = static_cast<int>(year(scale.x1));
  int step = 1;
  for (int candidate : {1, 2, 5, 10, 20, 50, 100, 200, 500}) {
    step = candidate;
    if ((last - first) / step <= 10) break;
  }
  std::string svg;
  for (int y = first - first % step; y <= last; y += step) {
    const series::Period start =
        series::PeriodContaining(frequency, absl::CivilDay(y, 1, 1));
    if (start.ordinal < scale.x0 || start.ordinal > scale.x1) continue;
    const double x = scale.X(start.ordinal);
    absl::StrAppend(
        &svg, absl::StrFormat("<path class=\"grid\" d=\"M%.1f,%.1fv5\"/>"
                              "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" "
                              "text-anchor=\"middle\">%d</text>",
                              x, scale.bottom, x, scale.bottom + 20, y));
  }
  return svg;
}

}  // namespace

std::vector<double> Ticks(double low, double high, int count) {
  Widen(&low, &high);
  const double raw = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = power;
  for (double multiple : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = multiple * power;
    if (step >= raw) break;
  }
  std::vector<double> ticks;
  // Whole multiples, so that no rounding adds up; a hair of tolerance, so that
  // a bound that is a tick stays one.
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  const int steps = static_cast<int>(last - first) + 1;
  for (int i = 0; i < steps; ++i) ticks.push_back((first + i) * step);
  return ticks;
}

std::string Sparkline(const std::vector<ChartPoint>& points,
                      absl::string_view title) {
  if (points.size() < 2) return "";
  const auto [low, high] = std::minmax_element(
      points.begin(), points.end(),
      [](const auto& a, const auto& b) { return a.value < b.value; });
  double y0 = low->value, y1 = high->value;
  Widen(&y0, &y1);
  const Scale scale = {.x0 = static_cast<double>(points.front().ordinal),
                       .x1 = static_cast<double>(points.back().ordinal),
                       .y0 = y0,
                       .y1 = y1,
                       .left = 2,
                       .right = 118,
                       .bottom = 26,
                       .top = 4};
  const ChartPoint& last = points.back();
  return absl::StrCat(
      "<svg class=\"spark\" viewBox=\"0 0 120 30\" role=\"img\"><title>",
      Escape(title), "</title><path class=\"line\" d=\"",
      LinePath(points, scale),
      absl::StrFormat("\"/><circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" "
                      "r=\"2\"/></svg>",
                      scale.X(last.ordinal), scale.Y(last.value)));
}

std::string FanChart(const Chart& chart) {
  if (chart.history.empty() && chart.forecast.empty()) return "";
  const Scale scale = FitScale(chart);
  std::string svg = absl::StrCat(
      "<svg class=\"chart\" viewBox=\"0 0 800 300\" role=\"img\"><title>",
      Escape(chart.title), "</title>", ValueAxis(scale),
      TimeAxis(scale, chart.frequency));
  size_t intervals = 0;
  for (const ForecastPoint& point : chart.forecast) {
    intervals = std::max(intervals, point.intervals.size());
  }
  for (size_t i = 0; i < intervals; ++i) {
    absl::StrAppend(&svg, "<path class=\"band\" d=\"",
                    BandPath(chart, i, scale), "\"/>");
  }
  if (!chart.forecast.empty()) {
    absl::StrAppend(&svg, "<path class=\"line ahead\" d=\"",
                    ForecastPath(chart, scale), "\"/>");
  }
  absl::StrAppend(&svg, "<path class=\"line\" d=\"",
                  LinePath(chart.history, scale), "\"/></svg>");
  return svg;
}

}  // namespace headway::web
