// Lines over periods, with interval bands and a marked period: what was seen
// against what would have been, gaps, fans. Values in, an SVG document out.
//
// A figure has panels below one another that share their periods: outcome,
// effect, cumulative effect.
#ifndef HEADWAY_DAEMON_CHART_FIGURE_H_
#define HEADWAY_DAEMON_CHART_FIGURE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::chart {

enum class LineStyle {
  kSolid,
  kDashed,
  kFaint,  // one of many, as placebos are
};

// Colours, by their place in the palette.
inline constexpr int kColours = 5;

struct Line {
  // In the legend; "" for none there.
  std::string name;
  // By period; NaN breaks the line.
  std::vector<double> values;
  LineStyle style = LineStyle::kSolid;
  // 1 to kColours.
  int colour = 1;
};

// Between two values a period. Bands of one colour lie over one another, so
// that a fan grows darker inwards: the widest first.
struct Band {
  std::string name;
  std::vector<double> low;
  std::vector<double> high;
  int colour = 2;
};

struct Panel {
  // What its values are: "cigarette sales, packs".
  std::string name;
  std::vector<Line> lines;
  std::vector<Band> bands;
  // Zero is within the axis and drawn as a line.
  bool with_zero = false;
};

struct Figure {
  std::string title;
  // For those who do not see it; "" says what is drawn.
  std::string description;
  // As they are written, in order.
  std::vector<std::string> periods;
  // Where they lie, rising; empty for evenly spaced ones.
  std::vector<double> positions;
  std::vector<Panel> panels;
  // The first period of what is marked, as a dashed line just before it.
  std::optional<size_t> marked;
  std::string mark_name;
};

// INVALID_ARGUMENT: no panel, no period, a line or band of another length,
// positions that do not rise, a marked period that is not there, a colour that
// is none, a panel without a finite value. Pure.
absl::StatusOr<std::string> ToSvg(const Figure& figure);

}  // namespace headway::chart

#endif  // HEADWAY_DAEMON_CHART_FIGURE_H_
