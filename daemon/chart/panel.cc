#include "daemon/chart/panel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/chart/svg.h"

namespace headway::chart {
namespace {

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Cover(absl::Span<const double> values) {
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
};

// Values between the outer ticks.
class ValueScale {
 public:
  ValueScale(const std::vector<NumberTick>& ticks, const Area& area)
      : low_(ticks.front().value), high_(ticks.back().value), area_(area) {}
  double operator()(double value) const {
    // Halves, so that the span of huge values does not overflow.
    const double share = (value / 2 - low_ / 2) / (high_ / 2 - low_ / 2);
    return area_.bottom - share * (area_.bottom - area_.top);
  }

 private:
  double low_;
  double high_;
  Area area_;
};

std::string PointText(double x, double y) {
  return absl::StrCat(Coordinate(x), ",", Coordinate(y));
}

// A value alone is a dot: a line of no length with round ends.
std::string LineData(absl::Span<const double> values,
                     absl::Span<const double> pixels, const ValueScale& scale) {
  std::string data;
  bool drawing = false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      drawing = false;
      continue;
    }
    absl::StrAppend(&data, drawing ? "L" : "M",
                    PointText(pixels[i], scale(values[i])));
    if (!drawing) absl::StrAppend(&data, "h0");
    drawing = true;
  }
  return data;
}

// A closed shape for each run of periods that have both bounds.
std::string BandData(const Band& band, absl::Span<const double> pixels,
                     const ValueScale& scale) {
  std::string data;
  std::string back;
  for (size_t i = 0; i <= band.low.size(); ++i) {
    const bool ends = i == band.low.size() || !std::isfinite(band.low[i]) ||
                      !std::isfinite(band.high[i]);
    if (ends) {
      if (!back.empty()) absl::StrAppend(&data, back, "Z");
      back.clear();
      continue;
    }
    absl::StrAppend(&data, back.empty() ? "M" : "L",
                    PointText(pixels[i], scale(band.high[i])));
    back = absl::StrCat("L", PointText(pixels[i], scale(band.low[i])), back);
  }
  return data;
}

std::string LineClasses(const Line& line) {
  return absl::StrCat("hc-line hc-s", line.colour,
                      line.style == LineStyle::kDashed  ? " hc-dashed"
                      : line.style == LineStyle::kFaint ? " hc-faint"
                                                        : "");
}

std::string AxisSvg(const std::vector<NumberTick>& ticks, const Area& area,
                    const ValueScale& scale) {
  std::string svg;
  for (const NumberTick& tick : ticks) {
    const double y = scale(tick.value);
    absl::StrAppend(
        &svg,
        PathOf(absl::StrCat("M", PointText(area.left, y), "H",
                            Coordinate(area.right)),
               "hc-grid"),
        TextAt(area.left - 8, y + 4, Anchor::kEnd, "tick", tick.label));
  }
  return svg;
}

}  // namespace

std::vector<NumberTick> ValueTicks(const Panel& panel) {
  Extent extent;
  for (const Line& line : panel.lines) extent.Cover(line.values);
  for (const Band& band : panel.bands) {
    extent.Cover(band.low);
    extent.Cover(band.high);
  }
  if (panel.with_zero) extent.Cover({0.0});
  return NumberTicks(extent.low, extent.high, 5);
}

std::vector<double> PeriodPixels(const Figure& figure, const Area& area) {
  const size_t count = figure.periods.size();
  const auto position = [&](size_t i) {
    return figure.positions.empty() ? static_cast<double>(i)
                                    : figure.positions[i];
  };
  const double span = position(count - 1) - position(0);
  const double half = count > 1 ? span / static_cast<double>(count - 1) / 2 : 1;
  std::vector<double> pixels;
  for (size_t i = 0; i < count; ++i) {
    const double share = (position(i) - position(0) + half) / (span + 2 * half);
    pixels.push_back(area.left + share * (area.right - area.left));
  }
  return pixels;
}

std::string PanelSvg(const Panel& panel, const Area& area,
                     absl::Span<const double> pixels,
                     std::optional<double> mark) {
  const std::vector<NumberTick> ticks = ValueTicks(panel);
  const ValueScale scale(ticks, area);
  std::string svg = AxisSvg(ticks, area, scale);
  if (panel.with_zero) {
    absl::StrAppend(
        &svg, PathOf(absl::StrCat("M", PointText(area.left, scale(0)), "H",
                                  Coordinate(area.right)),
                     "hc-axis"));
  }
  for (const Band& band : panel.bands) {
    absl::StrAppend(&svg, PathOf(BandData(band, pixels, scale),
                                 absl::StrCat("hc-band hc-f", band.colour)));
  }
  if (mark) {
    absl::StrAppend(&svg, PathOf(absl::StrCat("M", PointText(*mark, area.top),
                                              "V", Coordinate(area.bottom)),
                                 "hc-mark"));
  }
  for (const Line& line : panel.lines) {
    absl::StrAppend(
        &svg, PathOf(LineData(line.values, pixels, scale), LineClasses(line)));
  }
  return svg;
}

}  // namespace headway::chart
