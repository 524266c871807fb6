// How one number became another: a row for each step, as a bar from where the
// steps before it ended. Values in, an SVG document out.
#ifndef HEADWAY_DAEMON_CHART_WATERFALL_H_
#define HEADWAY_DAEMON_CHART_WATERFALL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::chart {

struct Step {
  std::string name;
  double change = 0;
};

// Totals are marks and no bars, so that the axis need not begin at zero, where
// steps would be too small to see.
struct Waterfall {
  std::string title;
  std::string description;
  // "percent, annual rate"
  std::string unit;
  std::string start_name;
  double start = 0;
  std::vector<Step> steps;
  // Where they end: start and all changes together.
  std::string end_name;
};

// INVALID_ARGUMENT: no step, or a number that is not finite; the message names
// it. Pure.
absl::StatusOr<std::string> ToSvg(const Waterfall& waterfall);

}  // namespace headway::chart

#endif  // HEADWAY_DAEMON_CHART_WATERFALL_H_
