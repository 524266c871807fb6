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

// Four significant digits of a number below 1,000,000, without trailing zeros.
std::string FourDigits(double value) {
  const double size = std::fabs(value);
  const int decimals = size >= 1000  ? 0
                       : size >= 100 ? 1
                       : size >= 10  ? 2
                       : size >= 1   ? 3
                                     : 4;
  std::string text = absl::StrFormat("%.*f", decimals, value);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string WithThousands(std::string digits) {
  const size_t first = digits.front() == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

}  // namespace

std::string FormatNumber(double value) {
  struct Scale {
    double from;
    double unit;
    const char* suffix;
  };
  // From the values on that round up to the unit.
  constexpr std::array<Scale, 3> kScales = {
      {{999950e6, 1e12, " T"}, {999950e3, 1e9, " B"}, {999950, 1e6, " M"}}};
  const double size = std::fabs(value);
  if (size >= 999950e9 || (size > 0 && size < 1e-4)) {
    return absl::StrFormat("%.3e", value);
  }
  for (const Scale& scale : kScales) {
    if (size >= scale.from) {
      return absl::StrCat(FourDigits(value / scale.unit), scale.suffix);
    }
  }
  const std::string text = FourDigits(value);
  return size >= 999.95 ? WithThousands(text) : text;
}

std::string FormatChange(double value) {
  if (value == 0) return "±0";
  return absl::StrCat(value > 0 ? "+" : "−", FormatNumber(std::fabs(value)));
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
