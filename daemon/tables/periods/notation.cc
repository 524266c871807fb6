#include "daemon/tables/periods/notation.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/tables/periods/format.h"

namespace headway::tables {
namespace {

using series::Frequency;
using series::Period;

constexpr absl::string_view kNotations[] = {
    "%Y-A1",    "%YS%s",    "%Y S%s",    "%Y:S%s",   "S%s %Y",   "S%s-%Y",
    "S%s/%Y",   "%YH%s",    "%Y-H%s",    "%Y H%s",   "%Y:H%s",   "%Y/H%s",
    "H%s %Y",   "H%s-%Y",   "H%s/%Y",    "%sH%Y",    "%sH-%Y",   "%YQ%q",
    "%Y-Q%q",   "%Y Q%q",   "%Y:Q%q",    "%Y/Q%q",   "Q%q %Y",   "Q%q-%Y",
    "Q%q/%Y",   "Q%q, %Y",  "%qQ%Y",     "%qQ-%Y",   "%YM%m",    "%Y-M%m",
    "%Y:M%m",   "%m/%Y",    "%m-%Y",     "%m.%Y",    "%b %Y",    "%b-%Y",
    "%b/%Y",    "%b, %Y",   "%Y %b",     "%Y-%b",    "%Y/%b",    "%GW%V",
    "%G-W%V",   "%G W%V",   "W%V %G",    "%Y%m%d",   "%Y/%m/%d", "%d %b %Y",
    "%d-%b-%Y", "%d/%b/%Y", "%b %d, %Y", "%Y-%b-%d", "%Y %b %d"};
// Read in one way only by who knows the frequency: Jan-24 may be a day of
// January, 2009/10 a fiscal year.
constexpr absl::string_view kSurelyMonths[] = {"%Y/%m", "%b-%y", "%b %y",
                                               "%b'%y", "%b/%y"};
constexpr absl::string_view kSurelyQuarters[] = {"Q%q-%y", "Q%q %y", "Q%q'%y",
                                                 "%qQ%y"};
constexpr absl::string_view kSurelyHalves[] = {"H%s-%y", "H%s %y", "H%s'%y",
                                               "%sH%y"};

template <size_t n>
std::vector<PeriodFormat> CompileAll(const absl::string_view (&formats)[n]) {
  std::vector<PeriodFormat> compiled;
  for (absl::string_view format : formats) {
    auto one = PeriodFormat::Compile(format);
    if (one.ok()) compiled.push_back(*std::move(one));
  }
  return compiled;
}

bool IsDigitOf(absl::string_view text, size_t at) {
  return at < text.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[at]));
}

size_t CountDigits(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](unsigned char c) { return absl::ascii_isdigit(c); });
}

std::optional<Period> ReadBy(const std::vector<PeriodFormat>& formats,
                             absl::string_view text) {
  // 3/2024 may be the third quarter: a month among digits has two.
  if (CountDigits(text) + 1 == text.size() && text.size() < 7 &&
      !absl::c_any_of(text, absl::ascii_isalpha)) {
    return std::nullopt;
  }
  for (const PeriodFormat& format : formats) {
    auto period =
        format.Parse(text, format.frequency().value_or(Frequency::kDaily));
    if (period.ok()) return *period;
  }
  return std::nullopt;
}

// "2024-03-05T13:30:00+08:00": the day as it is written.
std::optional<Period> ReadTimestamp(absl::string_view text) {
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) {
    return std::nullopt;
  }
  const bool is_time =
      IsDigitOf(text, 11) && text[13] == ':' &&
      std::all_of(text.begin() + 11, text.end(), [](unsigned char c) {
        return absl::ascii_isdigit(c) || absl::StrContains(":.+-Z ", c);
      });
  auto day = series::ParsePeriod(text.substr(0, 10));
  if (!is_time || !day.ok()) return std::nullopt;
  return *day;
}

// "2024 [YR2024]", as the World Bank heads its columns.
std::optional<Period> ReadBracketedYear(absl::string_view text) {
  if (text.size() != 13 || text.substr(4, 4) != " [YR" || text[12] != ']' ||
      text.substr(0, 4) != text.substr(8, 4)) {
    return std::nullopt;
  }
  auto year = series::ParsePeriod(text.substr(0, 4));
  if (!year.ok()) return std::nullopt;
  return *year;
}

std::optional<Period> ReadAny(absl::string_view text,
                              std::optional<Frequency> frequency) {
  static const auto& notations =
      *new std::vector<PeriodFormat>(CompileAll(kNotations));
  static const auto& months =
      *new std::vector<PeriodFormat>(CompileAll(kSurelyMonths));
  static const auto& quarters =
      *new std::vector<PeriodFormat>(CompileAll(kSurelyQuarters));
  static const auto& halves =
      *new std::vector<PeriodFormat>(CompileAll(kSurelyHalves));
  constexpr size_t kLongest = 40;
  if (text.size() > kLongest) return std::nullopt;
  if (auto period = series::ParsePeriod(text); period.ok()) return *period;
  if (auto period = ReadTimestamp(text)) return period;
  if (auto period = ReadBracketedYear(text)) return period;
  if (auto period = ReadBy(notations, text)) return period;
  if (frequency == Frequency::kMonthly) return ReadBy(months, text);
  if (frequency == Frequency::kQuarterly) return ReadBy(quarters, text);
  if (frequency == Frequency::kSemiannual) return ReadBy(halves, text);
  return std::nullopt;
}

bool IsFiscal(absl::string_view text) {
  const bool named = absl::StartsWithIgnoreCase(text, "FY") ||
                     absl::EndsWithIgnoreCase(text, "FY");
  const bool double_year = text.size() == 7 && CountDigits(text) == 6 &&
                           (text[4] == '/' || text[4] == '-');
  return named || double_year;
}

// What would read the text.
std::string Remedy(absl::string_view text) {
  const size_t digits = CountDigits(text);
  const bool all_digits = digits == text.size();
  if (IsFiscal(text)) {
    return "a fiscal year is another span than the calendar year; to keep it "
           "under the year that it is named by, set period_format = FY%Y (or "
           "the form it has)";
  }
  if (all_digits && digits == 6) {
    return "six digits can be a year and month or a date; set period_format = "
           "%Y%m, or %y%m%d";
  }
  if (all_digits && digits == 5) {
    return "it looks like a spreadsheet's number of a day; format that column "
           "as a date, such as 2024-03-05, and save the table again";
  }
  if (digits == 7 && text.size() == 8 && text[4] == '-') {
    return "a year and the day of the year? set period_format = %Y-%j";
  }
  const bool year_first = CountDigits(text.substr(0, 4)) == 4;
  const bool slashed = absl::StrContains(text, '/') ||
                       absl::StrContains(text, '.') ||
                       absl::StrContains(text, '-');
  if (slashed && !year_first && digits >= 4 && digits + 2 == text.size()) {
    return "day and month can stand in either order; set period_format = "
           "%d/%m/%Y, %m/%d/%Y or whichever form it has";
  }
  if (!text.empty() &&
      absl::ascii_isalpha(static_cast<unsigned char>(text[0])) && digits == 2) {
    return "if the digits are a year, set period_format = %b-%y (or the form "
           "it has)";
  }
  return "if it is a period, tell its form by period_format, as in "
         "period_format = %d-%m-%Y";
}

}  // namespace

absl::StatusOr<Period> ReadPeriod(absl::string_view text,
                                  std::optional<Frequency> frequency) {
  const std::optional<Period> period = ReadAny(text, frequency);
  if (!period) {
    const absl::Status plain = series::ParsePeriod(text).status();
    return absl::InvalidArgumentError(absl::StrCat(
        plain.ok() ? "not a period" : plain.message(), ". ", Remedy(text)));
  }
  if (!frequency || period->frequency == *frequency) return *period;
  std::string problem = absl::StrCat(
      "period \"", text, "\" is ", series::FrequencyName(period->frequency),
      ", but the series is ", series::FrequencyName(*frequency));
  if (period->frequency == Frequency::kDaily) {
    absl::StrAppend(&problem,
                    "; if a date stands for the period that holds it, set "
                    "period_format to its form, as in %Y-%m-%d");
  }
  return absl::InvalidArgumentError(problem);
}

}  // namespace headway::tables
