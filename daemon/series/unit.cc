#include "daemon/series/unit.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace headway::series {
namespace {

constexpr int kMaxExponent = 9;
constexpr size_t kMaxTextBytes = 64;

bool IsScaleSymbol(absl::string_view symbol) {
  return symbol == "percent" || symbol == "index";
}

absl::Status MalformedUnit(absl::string_view text, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("unit \"", text, "\": ", problem,
                   "; write for example USD, USD/FLOP, percent or 1"));
}

bool IsSymbol(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(text[0])) return false;
  for (unsigned char c : text) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

std::string Power(absl::string_view symbol, int exponent) {
  return exponent == 1 ? std::string(symbol)
                       : absl::StrCat(symbol, "^", exponent);
}

}  // namespace

absl::StatusOr<Unit> Unit::Parse(absl::string_view text) {
  if (text.empty()) return MalformedUnit(text, "it is empty");
  if (text.size() > kMaxTextBytes) return MalformedUnit(text, "it is too long");
  Unit unit;
  int sign = 1;
  size_t start = 0;
  while (true) {
    const size_t end = text.find_first_of("*/", start);
    absl::string_view factor =
        text.substr(start, end == absl::string_view::npos ? end : end - start);
    absl::string_view symbol = factor;
    int exponent = 1;
    if (size_t caret = factor.find('^'); caret != absl::string_view::npos) {
      symbol = factor.substr(0, caret);
      if (!absl::SimpleAtoi(factor.substr(caret + 1), &exponent) ||
          exponent == 0 || std::abs(exponent) > kMaxExponent) {
        return MalformedUnit(text,
                             "an exponent is a whole number from -9 to 9");
      }
    }
    if (symbol != "1") {
      if (!IsSymbol(symbol)) {
        return MalformedUnit(text,
                             absl::StrCat("\"", symbol, "\" is no symbol"));
      }
      const int total = unit.exponents_[std::string(symbol)] += sign * exponent;
      if (total == 0) unit.exponents_.erase(std::string(symbol));
    }
    if (end == absl::string_view::npos) break;
    sign = text[end] == '*' ? 1 : -1;
    start = end + 1;
  }
  for (const auto& [symbol, exponent] : unit.exponents_) {
    if (std::abs(exponent) > kMaxExponent) {
      return MalformedUnit(text, absl::StrCat("the exponents of ", symbol,
                                              " add up to ", exponent));
    }
  }
  return unit;
}

std::string Unit::ToString() const {
  std::string text;
  for (const auto& [symbol, exponent] : exponents_) {
    if (exponent < 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : "*", Power(symbol, exponent));
  }
  if (text.empty()) text = "1";
  for (const auto& [symbol, exponent] : exponents_) {
    if (exponent < 0) absl::StrAppend(&text, "/", Power(symbol, -exponent));
  }
  return text;
}

Unit Unit::Combine(const Unit& other, int sign) const {
  Unit result;
  for (const auto& [symbol, exponent] : exponents_) {
    if (!IsScaleSymbol(symbol)) result.exponents_[symbol] = exponent;
  }
  for (const auto& [symbol, exponent] : other.exponents_) {
    if (IsScaleSymbol(symbol)) continue;
    const int total = result.exponents_[symbol] += sign * exponent;
    if (total == 0) result.exponents_.erase(symbol);
  }
  return result;
}

Unit Unit::operator*(const Unit& other) const { return Combine(other, 1); }
Unit Unit::operator/(const Unit& other) const { return Combine(other, -1); }

bool Unit::IsDimensionless() const {
  for (const auto& [symbol, exponent] : exponents_) {
    if (!IsScaleSymbol(symbol)) return false;
  }
  return true;
}

bool Unit::CanBeLabelled(const Unit& declared) const {
  return *this == declared || (IsDimensionless() && declared.IsDimensionless());
}

}  // namespace headway::series
