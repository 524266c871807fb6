// What all charts are written with: escaped text, coordinates, the frame of a
// document that is read aloud and in the dark. Pure functions.
#ifndef HEADWAY_DAEMON_CHART_SVG_H_
#define HEADWAY_DAEMON_CHART_SVG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace headway::chart {

// `text` for elements and quoted attributes. What XML does not allow (control
// characters, bytes that are no UTF-8) becomes a question mark.
std::string EscapeText(absl::string_view text);

// One decimal, without a trailing zero.
std::string Coordinate(double pixels);

// The width in pixels that `text` takes in the font of charts, from above:
// browsers differ.
double TextWidth(absl::string_view text);

// The longest beginning of `text` that fits, with an ellipsis where it is cut.
std::string Shortened(absl::string_view text, double width);

enum class Anchor { kStart, kMiddle, kEnd };

// A <text> of the class "hc-CLASS", whose base line is at y.
std::string TextAt(double x, double y, Anchor anchor, absl::string_view name,
                   absl::string_view text);

// An open path: "M1,2L3,4".
std::string PathOf(absl::string_view data, absl::string_view classes);

// A line of text for every so many pixels, broken at spaces.
std::vector<std::string> Wrapped(absl::string_view text, double width);

struct Document {
  // Read aloud for the picture.
  std::string title;
  std::string description;
  double width = 0;
  double height = 0;
};

// The document around `body`: title and description, and a style sheet whose
// colours follow the reader's preference for light or dark.
std::string DocumentOf(const Document& document, absl::string_view body);

}  // namespace headway::chart

#endif  // HEADWAY_DAEMON_CHART_SVG_H_
