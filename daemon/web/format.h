// Numbers and names for people. Pure functions; the texts are plain, not HTML.
#ifndef HEADWAY_DAEMON_WEB_FORMAT_H_
#define HEADWAY_DAEMON_WEB_FORMAT_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/map.h"

namespace headway::web {

// Three significant digits: "0.123", "12.3", "1,235", "12.3 M", "1.23 T";
// beyond a thousand trillions and below a ten-thousandth, "1.23e+25". Whole
// numbers below a million are written out. Minus is "−".
std::string FormatNumber(double value);
// With its sign: "+1.5", "−1.5", "±0".
std::string FormatChange(double value);

// What stands after a value: "%" for percent, nothing for pure numbers.
std::string FormatUnit(absl::string_view unit);

// The values of labels by the order of their names: "CHN, export". Empty for
// none.
std::string FormatLabels(
    const google::protobuf::Map<std::string, std::string>& labels);

// `text` for HTML, in elements and in quoted attributes.
std::string Escape(absl::string_view text);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_FORMAT_H_
