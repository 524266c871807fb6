// Units and labels for people, and text for HTML. Pure functions.
#ifndef HEADWAY_DAEMON_WEB_FORMAT_H_
#define HEADWAY_DAEMON_WEB_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/map.h"

namespace headway::web {

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
