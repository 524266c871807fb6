// One panel of a figure, at its place on the page.
#ifndef HEADWAY_DAEMON_CHART_PANEL_H_
#define HEADWAY_DAEMON_CHART_PANEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/chart/figure.h"
#include "daemon/chart/ticks.h"

namespace headway::chart {

// The rectangle of the values, in pixels; y grows downwards.
struct Area {
  double left = 0;
  double right = 0;
  double top = 0;
  double bottom = 0;
};

// The ticks of a panel's values.
std::vector<NumberTick> ValueTicks(const Panel& panel);

// Pixels of the periods between left and right, with half a step on each side.
std::vector<double> PeriodPixels(const Figure& figure, const Area& area);

// `mark` is the pixel of the marked line.
std::string PanelSvg(const Panel& panel, const Area& area,
                     absl::Span<const double> pixels,
                     std::optional<double> mark);

}  // namespace headway::chart

#endif  // HEADWAY_DAEMON_CHART_PANEL_H_
