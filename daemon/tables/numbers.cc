#include "daemon/tables/numbers.h"

#include <algorithm>
#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"

namespace headway::tables {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

absl::Status NoNumber(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("is not a finite number", why.empty() ? "" : "; ", why));
}

// A minus that Unicode or a typesetter wrote, in the place of a sign.
void ToAsciiMinus(std::string* text) {
  for (absl::string_view minus :
       {"\u2212", "\u2013", "\u2012", "\u2011", "\u2010", "\uFE63", "\uFF0D"}) {
    if (absl::StartsWith(*text, minus)) {
      text->replace(0, minus.size(), "-");
      return;
    }
  }
}

// In whatever order they stand.
void DropMarks(const std::vector<std::string>& marks, std::string* text) {
  size_t before = 0;
  do {
    before = text->size();
    for (const std::string& mark : marks) {
      absl::string_view rest = *text;
      if (!absl::ConsumePrefix(&rest, mark)) absl::ConsumeSuffix(&rest, mark);
      rest = absl::StripAsciiWhitespace(rest);
      if (!rest.empty()) *text = std::string(rest);
    }
  } while (text->size() < before);
}

// Whether the marks before the fraction part groups of three digits each.
bool AreGroups(absl::string_view whole, char mark) {
  const size_t first = whole.find(mark);
  if (first == 0 || first > 3) return false;
  for (size_t at = first; at < whole.size(); at += 4) {
    if (whole[at] != mark || at + 4 > whole.size()) return false;
    if (!std::all_of(whole.begin() + at + 1, whole.begin() + at + 4, IsDigit)) {
      return false;
    }
  }
  return true;
}

// Undoes the style: what SimpleAtod understands.
absl::StatusOr<std::string> ToPlainForm(std::string text,
                                        const NumberStyle& style) {
  const size_t begin = text[0] == '-' || text[0] == '+' ? 1 : 0;
  const size_t end = std::min(text.find(style.decimal), text.size());
  const std::string whole = text.substr(begin, end - begin);
  if (style.thousands != '\0' && absl::StrContains(whole, style.thousands)) {
    if (!AreGroups(whole, style.thousands)) {
      return NoNumber(absl::StrCat("\"", absl::string_view(&style.thousands, 1),
                                   "\" does not part groups of three digits"));
    }
    std::string digits = whole;
    digits.erase(std::remove(digits.begin(), digits.end(), style.thousands),
                 digits.end());
    text.replace(begin, end - begin, digits);
  }
  if (style.decimal == ',') {
    if (absl::StrContains(text, '.')) {
      return NoNumber(
          "the decimal mark is a comma; if the point parts "
          "thousands, set thousands = .");
    }
    std::replace(text.begin(), text.end(), ',', '.');
  }
  return text;
}

// Why a cell that looks like a number to people is none.
std::string Explain(absl::string_view text, const NumberStyle& style) {
  const bool has_digit = absl::c_any_of(text, IsDigit);
  if (absl::StartsWithIgnoreCase(text, "0x") ||
      absl::StartsWithIgnoreCase(text, "-0x")) {
    return "hexadecimal digits are not read; write it in decimal";
  }
  if (absl::StartsWith(text, "#")) {
    return "it is a spreadsheet's error; mend the formula, or list it in the "
           "option missing";
  }
  if (absl::StartsWith(text, "=")) {
    return "it is a formula; save the values of the sheet";
  }
  if (!has_digit) {
    return "if it stands for no value, list it in the option missing";
  }
  if (text.front() == '(' && text.back() == ')') {
    return "if parentheses mean a negative number, set parentheses = negative";
  }
  if (text.front() == '(' || text.back() == ')') {
    return "a parenthesis stands alone; write both or none";
  }
  if (text.back() == '-') {
    return "the minus stands behind; write it before the number";
  }
  if (text.back() == '%') {
    return "it carries a percent sign; list it in the option marks (marks = %) "
           "and set the unit to percent";
  }
  const bool ends_in_letter =
      absl::ascii_isalpha(static_cast<unsigned char>(text.back()));
  const bool begins_with_number =
      IsDigit(text.front()) || text.front() == '-' || text.front() == '+';
  if (ends_in_letter && begins_with_number) {
    return "a word stands behind the number: if it is a scale (k, bn), write "
           "all values in one scale and set scale; if it is a mark (p, e), "
           "list it in the option marks";
  }
  if (absl::StrContains(text, ',') && style.thousands != ',' &&
      style.decimal != ',') {
    return "it holds a comma: set thousands = , if that parts thousands, or "
           "decimal = , if it is the decimal mark";
  }
  if (absl::StrContains(text, ' ') || absl::StrContains(text, '\'')) {
    return "if thousands are parted by a space or an apostrophe, set thousands "
           "= space or thousands = '";
  }
  if (!begins_with_number) {
    return "a text stands before the number: list it in the option marks, as "
           "in marks = $";
  }
  return "";
}

bool IsDecimal(absl::string_view text) {
  return absl::c_all_of(text, [](char c) {
    return IsDigit(c) || c == '.' || c == '-' || c == '+' || c == 'e' ||
           c == 'E';
  });
}

}  // namespace

absl::Status CheckStyle(const NumberStyle& style) {
  if (style.decimal != style.thousands) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::string_view(&style.decimal, 1),
                   "\" cannot be both the decimal mark and part thousands"));
}

absl::StatusOr<double> ParseNumber(absl::string_view cell,
                                   const NumberStyle& style) {
  double value = 0;
  // Nearly every cell of nearly every table.
  const bool simple =
      style.decimal == '.' && style.thousands == '\0' && IsDecimal(cell);
  if (simple && absl::SimpleAtod(cell, &value) && std::isfinite(value)) {
    return value;
  }
  if (cell.empty()) return NoNumber("");
  std::string text(cell);
  DropMarks(style.marks, &text);
  ToAsciiMinus(&text);
  const bool enclosed =
      text.size() > 2 && text.front() == '(' && text.back() == ')';
  if (style.parentheses && enclosed) {
    text = absl::StrCat(
        "-", absl::StripAsciiWhitespace(text.substr(1, text.size() - 2)));
  }
  if (style.thousands == '\'') {
    for (size_t at; (at = text.find("\u2019")) != std::string::npos;) {
      text.replace(at, 3, "'");
    }
  }
  ASSIGN_OR_RETURN(const std::string plain, ToPlainForm(text, style));
  if (IsDecimal(plain) && absl::SimpleAtod(plain, &value) &&
      std::isfinite(value)) {
    return value;
  }
  return NoNumber(Explain(text, style));
}

}  // namespace headway::tables
