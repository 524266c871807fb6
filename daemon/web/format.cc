#include "daemon/web/format.h"

#include <map>
#include <vector>

#include "absl/strings/str_join.h"

namespace headway::web {

std::string FormatUnit(absl::string_view unit) {
  if (unit == "percent") return "%";
  if (unit == "1") return "";
  return std::string(unit);
}

std::string FormatLabels(
    const google::protobuf::Map<std::string, std::string>& labels) {
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  std::vector<std::string> values;
  for (const auto& [name, value] : sorted) values.push_back(value);
  return absl::StrJoin(values, ", ");
}

std::string Escape(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace headway::web
