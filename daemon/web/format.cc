#include "daemon/web/format.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace headway::web {
namespace {

// Three significant digits of a number from 0.0001 to 999,999; below 0.1 there
// are fewer of them.
std::string ThreeDigits(double size) {
  const int decimals = size >= 99.95    ? 0
                       : size >= 9.995  ? 1
                       : size >= 0.9995 ? 2
                                        : 3;
  return absl::StrFormat("%.*f", size < 0.1 ? 4 : decimals, size);
}

std::string WithThousands(std::string digits) {
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string FormatSize(double size) {
  struct Scale {
    double from;
    double unit;
    const char* suffix;
  };
  // From the values on that round up to the unit.
  constexpr std::array<Scale, 3> kScales = {
      {{999.5e9, 1e12, " T"}, {999.5e6, 1e9, " B"}, {999999.5, 1e6, " M"}}};
  if (size >= 999.5e12 || (size > 0 && size < 1e-4)) {
    return absl::StrFormat("%.2e", size);
  }
  for (const Scale& scale : kScales) {
    if (size >= scale.from) {
      return absl::StrCat(ThreeDigits(size / scale.unit), scale.suffix);
    }
  }
  if (size >= 999.5 || size == std::floor(size)) {
    return WithThousands(absl::StrFormat("%.0f", size));
  }
  return ThreeDigits(size);
}

}  // namespace

std::string FormatNumber(double value) {
  return absl::StrCat(value < 0 ? "−" : "", FormatSize(std::fabs(value)));
}

std::string FormatChange(double value) {
  if (value == 0) return "±0";
  return absl::StrCat(value > 0 ? "+" : "", FormatNumber(value));
}

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
