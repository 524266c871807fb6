#include "daemon/base/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace headway {
namespace {

struct Scale {
  double factor;
  absl::string_view suffix;
};
constexpr Scale kScales[] = {{1e6, " M"}, {1e9, " B"}, {1e12, " T"}};

// Commas between groups of three in the digits before the point.
std::string GroupThousands(std::string text) {
  size_t end = text.find('.');
  if (end == std::string::npos) end = text.size();
  const size_t first = text.front() == '-' ? 1 : 0;
  for (size_t i = end; i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

// `value`, whose size is above zero and below 1e6, at three significant digits.
std::string ThreeDigits(double value) {
  // Rounds first: 9.999 has two digits before the point once it is rounded.
  const std::string rounded = absl::StrFormat("%.2e", value);
  int exponent = 0;
  // What stands after "e" is a number: SimpleAtoi cannot fail.
  (void)absl::SimpleAtoi(rounded.substr(rounded.find('e') + 1), &exponent);
  return FormatFixed(value, std::max(0, 2 - exponent));
}

}  // namespace

std::string FormatNumber(double value) {
  const double size = std::abs(value);
  if (std::isnan(value)) return "–";
  if (value == std::trunc(value) && size < 1e6) return FormatFixed(value, 0);
  if (size < 1e-3 || size >= 999.5e12) return absl::StrFormat("%.2e", value);
  if (size < 999999.5) return ThreeDigits(value);
  for (const Scale& scale : kScales) {
    // From 999.5 on, three digits round to 1000 of this scale.
    if (size < 999.5 * scale.factor) {
      return absl::StrCat(ThreeDigits(value / scale.factor), scale.suffix);
    }
  }
  return absl::StrFormat("%.2e", value);
}

std::string FormatSigned(double value) {
  return absl::StrCat(value > 0 ? "+" : "", FormatNumber(value));
}

std::string FormatFixed(double value, int decimals) {
  // Adding zero turns -0 into 0.
  return GroupThousands(absl::StrFormat("%.*f", decimals, value + 0.0));
}

std::string FormatCount(int64_t count) {
  return GroupThousands(absl::StrCat(count));
}

std::string FormatExact(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return std::string(buffer, end);
}

}  // namespace headway
