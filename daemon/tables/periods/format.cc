#include "daemon/tables/periods/format.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"

namespace headway::tables {
namespace {

using series::Frequency;
using series::Period;

constexpr absl::string_view kMonths[] = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr absl::string_view kWeekdays[] = {"monday",   "tuesday", "wednesday",
                                           "thursday", "friday",  "saturday",
                                           "sunday"};
constexpr absl::string_view kTimeOfDay = "HIMSfpzZ";

// What may be written for a number, and what it is called.
struct Number {
  char conversion;
  // Whether leading zeros may lack.
  bool exact;
  int digits;
  int first;
  int last;
  absl::string_view name;
};
constexpr Number kNumbers[] = {
    {'Y', true, 4, series::kFirstYear, series::kLastYear,
     "year of four digits"},
    {'G', true, 4, series::kFirstYear, series::kLastYear,
     "year of four digits"},
    {'y', true, 2, 0, 99, "year of two digits"},
    {'m', false, 2, 1, 12, "month, 01 to 12"},
    {'d', false, 2, 1, 31, "day of the month, 01 to 31"},
    {'j', true, 3, 1, 366, "day of the year, 001 to 366"},
    {'V', false, 2, 1, 53, "week, 01 to 53"},
    {'q', true, 1, 1, 4, "quarter, 1 to 4"},
    {'s', true, 1, 1, 2, "half-year, 1 or 2"},
    {'u', true, 1, 1, 7, "weekday, 1 to 7"},
    {'H', false, 2, 0, 24, "hour"},
    {'I', false, 2, 1, 12, "hour"},
    {'M', false, 2, 0, 59, "minute"},
    {'S', false, 2, 0, 60, "second"},
};

const Number* NumberOf(char conversion) {
  const Number* number =
      std::find_if(std::begin(kNumbers), std::end(kNumbers),
                   [=](const Number& n) { return n.conversion == conversion; });
  return number == std::end(kNumbers) ? nullptr : number;
}

bool IsDigitAt(absl::string_view text, size_t at) {
  return at < text.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[at]));
}

void SkipSpaces(absl::string_view* text) {
  *text = absl::StripLeadingAsciiWhitespace(*text);
}

// Takes the number off the front.
bool TakeNumber(const Number& number, bool full_width, absl::string_view* text,
                int* value) {
  const bool exact = full_width || number.exact;
  int count = 0;
  *value = 0;
  while (count < number.digits && IsDigitAt(*text, count)) {
    *value = *value * 10 + ((*text)[count++] - '0');
  }
  if (count == 0 || (exact && count < number.digits)) return false;
  if (*value < number.first || *value > number.last) return false;
  text->remove_prefix(count);
  return true;
}

// Takes a name off the front: three letters of it, four, or all, with a point
// behind or without. The number of the name from 1, or 0.
template <size_t n>
int TakeName(const absl::string_view (&names)[n], absl::string_view* text) {
  size_t letters = 0;
  while (letters < text->size() &&
         absl::ascii_isalpha(static_cast<unsigned char>((*text)[letters]))) {
    ++letters;
  }
  const std::string word = absl::AsciiStrToLower(text->substr(0, letters));
  for (size_t i = 0; i < n; ++i) {
    const bool is_name = word == names[i] || word == names[i].substr(0, 3) ||
                         (word == "sept" && names[i] == "september");
    if (!is_name) continue;
    text->remove_prefix(letters);
    if (letters < names[i].size()) absl::ConsumePrefix(text, ".");
    return static_cast<int>(i) + 1;
  }
  return 0;
}

// "+08:00", "-0500", "Z".
bool TakeOffset(absl::string_view* text) {
  if (absl::ConsumePrefix(text, "Z") || absl::ConsumePrefix(text, "z")) {
    return true;
  }
  if (text->empty() || ((*text)[0] != '+' && (*text)[0] != '-')) return false;
  text->remove_prefix(1);
  for (int pair = 0; pair < 2; ++pair) {
    if (pair == 1) absl::ConsumePrefix(text, ":");
    if (!IsDigitAt(*text, 0) || !IsDigitAt(*text, 1)) return pair == 1;
    text->remove_prefix(2);
  }
  return true;
}

bool TakeDigits(size_t most, absl::string_view* text) {
  size_t count = 0;
  while (count < most && IsDigitAt(*text, count)) ++count;
  text->remove_prefix(count);
  return count > 0;
}

// Reads and drops.
bool TakeTimeOfDay(char conversion, absl::string_view* text) {
  switch (conversion) {
    case 'f':
      return TakeDigits(9, text);
    case 'p':
      for (absl::string_view half : {"am", "pm"}) {
        if (absl::StartsWithIgnoreCase(*text, half)) {
          text->remove_prefix(half.size());
          return true;
        }
      }
      return false;
    case 'z':
      return TakeOffset(text);
    case 'Z': {
      size_t letters = 0;
      while (
          letters < text->size() &&
          absl::ascii_isalpha(static_cast<unsigned char>((*text)[letters]))) {
        ++letters;
      }
      text->remove_prefix(letters);
      return letters > 0;
    }
    default: {
      int dropped = 0;
      if (!TakeNumber(*NumberOf(conversion), false, text, &dropped)) {
        return false;
      }
      // Seconds may have a fraction.
      if (conversion == 'S' && !text->empty() && (*text)[0] == '.' &&
          IsDigitAt(*text, 1)) {
        text->remove_prefix(1);
        TakeDigits(9, text);
      }
      return true;
    }
  }
}

// Takes the letter off the front that follows a percent sign, which is there.
// GNU's flags say how a number is padded, and Abseil's widths and Es how it is
// written; reading takes either.
char TakeConversion(absl::string_view* format) {
  static constexpr std::pair<absl::string_view, char> kModified[] = {
      {"E4Y", 'Y'}, {"Ez", 'z'}, {"E*z", 'z'}, {"E*S", 'S'}};
  for (const auto& [modified, plain] : kModified) {
    if (absl::ConsumePrefix(format, modified)) return plain;
  }
  if (format->size() > 1 && ((*format)[0] == '-' || (*format)[0] == '0')) {
    format->remove_prefix(1);
  }
  const char conversion = (*format)[0];
  format->remove_prefix(1);
  return conversion;
}

int FullYear(int two_digits) {
  return two_digits < 69 ? 2000 + two_digits : 1900 + two_digits;
}

}  // namespace

struct PeriodFormat::Fields {
  int year = 0;
  int month = 0;
  int day = 0;
  int day_of_year = 0;
  int quarter = 0;
  int half = 0;
  int week = 0;
  int weekday = 0;  // from Monday, 1

  int* Of(char conversion) {
    switch (conversion) {
      case 'Y':
      case 'G':
      case 'y':
        return &year;
      case 'm':
      case 'b':
        return &month;
      case 'd':
        return &day;
      case 'j':
        return &day_of_year;
      case 'q':
        return &quarter;
      case 's':
        return &half;
      case 'V':
        return &week;
      default:
        return &weekday;
    }
  }
};

absl::StatusOr<PeriodFormat> PeriodFormat::Compile(absl::string_view format) {
  ASSIGN_OR_RETURN(PeriodFormat compiled, CompilePart(format));
  RETURN_IF_ERROR(compiled.CheckComplete());
  return compiled;
}

absl::StatusOr<PeriodFormat> PeriodFormat::CompilePart(
    absl::string_view format) {
  PeriodFormat compiled;
  compiled.text_ = std::string(format);
  RETURN_IF_ERROR(compiled.Split(format));
  for (size_t i = 0; i + 1 < compiled.items_.size(); ++i) {
    Item& item = compiled.items_[i];
    Item& next = compiled.items_[i + 1];
    const bool next_is_number = NumberOf(next.conversion) != nullptr;
    const bool next_is_digit =
        next.conversion == '\0' &&
        absl::ascii_isdigit(static_cast<unsigned char>(next.literal));
    if (next_is_number || next_is_digit) item.full_width = true;
    if (next_is_number && NumberOf(item.conversion) != nullptr) {
      next.full_width = true;
    }
  }
  return compiled;
}

absl::StatusOr<PeriodFormat> PeriodFormat::CompileDate(
    absl::string_view format) {
  ASSIGN_OR_RETURN(PeriodFormat compiled, Compile(format));
  if (compiled.frequency().has_value()) {
    return compiled.Refuse("tells no day; give it all of a date, as in %Y%m%d");
  }
  return compiled;
}

absl::Status PeriodFormat::Split(absl::string_view format) {
  while (!format.empty()) {
    const char c = format[0];
    format.remove_prefix(1);
    if (c != '%') {
      items_.push_back({.literal = c});
      continue;
    }
    if (format.empty()) return Refuse("ends in a lone %; write %% for itself");
    RETURN_IF_ERROR(Add(TakeConversion(&format)));
  }
  return absl::OkStatus();
}

absl::Status PeriodFormat::Add(char conversion) {
  const auto add_all = [this](absl::string_view all) -> absl::Status {
    for (const char c : all) {
      if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
        RETURN_IF_ERROR(Add(c));
      } else {
        items_.push_back({.literal = c});
      }
    }
    return absl::OkStatus();
  };
  switch (conversion) {
    case 'F':
      return add_all("Y-m-d");
    case 'D':
      return add_all("m/d/y");
    case 'T':
      return add_all("H:M:S");
    case 'R':
      return add_all("H:M");
    case '%':
      items_.push_back({.literal = '%'});
      return absl::OkStatus();
    case 'n':
    case 't':
      items_.push_back({.literal = ' '});
      return absl::OkStatus();
    case 'e':
      conversion = 'd';
      break;
    case 'B':
    case 'h':
      conversion = 'b';
      break;
    case 'A':
      conversion = 'a';
      break;
    case 'U':
    case 'W':
      return Refuse(
          absl::StrCat("counts weeks by %", absl::string_view(&conversion, 1),
                       "; periods are ISO weeks: %G-W%V, if the publisher's "
                       "are, or %a with a date"));
    default:
      break;
  }
  const bool known = NumberOf(conversion) != nullptr || conversion == 'a' ||
                     conversion == 'b' ||
                     absl::StrContains(kTimeOfDay, conversion);
  if (!known) {
    return Refuse(absl::StrCat(
        "has %", absl::string_view(&conversion, 1),
        ", which is not known; there are %Y %y %m %b %d %j %q %s %G %V %a "
        "and, for a time of day, %H %M %S %z"));
  }
  items_.push_back({.conversion = conversion});
  return absl::OkStatus();
}

bool PeriodFormat::Has(absl::string_view any_of) const {
  return std::any_of(items_.begin(), items_.end(), [=](const Item& item) {
    return item.conversion != '\0' &&
           absl::StrContains(any_of, item.conversion);
  });
}

absl::Status PeriodFormat::CheckComplete() const {
  for (absl::string_view same : {"YyG", "mb", "d", "j", "q", "s", "V", "au"}) {
    const auto count =
        std::count_if(items_.begin(), items_.end(), [same](const Item& item) {
          return item.conversion != '\0' &&
                 absl::StrContains(same, item.conversion);
        });
    if (count > 1) {
      return Refuse(absl::StrCat("tells one thing twice, by %",
                                 same.substr(0, 1),
                                 " or its like; leave one out"));
    }
  }
  if (!Has("YyG")) return Refuse("tells no year; add %Y");
  if (Has("G") != Has("V")) {
    return Refuse(
        "needs %G and %V together, for an ISO week counts in a year "
        "of its own");
  }
  if (Has("d") && !Has("mb"))
    return Refuse("tells a day, but no month; add %m");
  const bool several = int{Has("mb")} + int{Has("j")} + int{Has("q")} +
                           int{Has("s")} + int{Has("V")} >
                       1;
  if (several) {
    return Refuse(
        "tells two of month, quarter, half-year, week and day of the year; "
        "keep one of them");
  }
  const bool day = Has("d") || Has("j") || (Has("V") && Has("au"));
  if (Has("au") && !day) {
    return Refuse("tells a weekday, but no date; add the date or leave it out");
  }
  if (Has(kTimeOfDay) && !day) {
    return Refuse("tells a time of day, but no day; add the day");
  }
  return absl::OkStatus();
}

bool PeriodFormat::Fits(absl::string_view text) const {
  return ReadFields(text).ok();
}

std::optional<Frequency> PeriodFormat::frequency() const {
  if (Has("d") || Has("j") || Has("au")) return std::nullopt;
  if (Has("V")) return Frequency::kWeekly;
  if (Has("mb")) return Frequency::kMonthly;
  if (Has("q")) return Frequency::kQuarterly;
  if (Has("s")) return Frequency::kSemiannual;
  return Frequency::kAnnual;
}

absl::Status PeriodFormat::CheckTells(Frequency wanted) const {
  const std::optional<Frequency> own = this->frequency();
  if (!own || *own == wanted) return absl::OkStatus();
  if (*own != Frequency::kWeekly && series::IsCoarser(wanted, *own)) {
    return absl::OkStatus();
  }
  return Refuse(absl::StrCat("is ", series::FrequencyName(*own),
                             ", but the series is ",
                             series::FrequencyName(wanted),
                             "; tell what is missing in it, or change the "
                             "frequency"));
}

absl::Status PeriodFormat::Refuse(absl::string_view problem) const {
  return absl::InvalidArgumentError(
      absl::StrCat("period_format \"", text_, "\" ", problem));
}

absl::StatusOr<PeriodFormat::Fields> PeriodFormat::ReadFields(
    absl::string_view text) const {
  Fields fields;
  absl::string_view rest = text;
  const auto mismatch = [&](absl::string_view expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("is not of the form ", text_, ": at \"",
                     rest.substr(0, 20), "\" ", expected, " is expected"));
  };
  for (const Item& item : items_) {
    if (item.conversion == '\0') {
      if (item.literal == ' ') {
        SkipSpaces(&rest);
      } else if (!rest.empty() &&
                 absl::ascii_tolower(static_cast<unsigned char>(rest[0])) ==
                     absl::ascii_tolower(
                         static_cast<unsigned char>(item.literal))) {
        rest.remove_prefix(1);
      } else {
        return mismatch(
            absl::StrCat("\"", absl::string_view(&item.literal, 1), "\""));
      }
    } else if (absl::StrContains(kTimeOfDay, item.conversion)) {
      if (!TakeTimeOfDay(item.conversion, &rest)) {
        return mismatch("a time of day");
      }
    } else if (item.conversion == 'b') {
      fields.month = TakeName(kMonths, &rest);
      if (fields.month == 0) return mismatch("an English name of a month");
    } else if (item.conversion == 'a') {
      fields.weekday = TakeName(kWeekdays, &rest);
      if (fields.weekday == 0) return mismatch("an English name of a weekday");
    } else {
      const Number& number = *NumberOf(item.conversion);
      int* value = fields.Of(item.conversion);
      if (!TakeNumber(number, item.full_width, &rest, value)) {
        return mismatch(absl::StrCat("a ", number.name));
      }
      if (item.conversion == 'y') *value = FullYear(*value);
    }
  }
  SkipSpaces(&rest);
  if (!rest.empty()) return mismatch("the end");
  return fields;
}

// The finest period that the fields tell.
absl::StatusOr<Period> PeriodFormat::ToPeriod(const Fields& fields) const {
  std::string text = absl::StrFormat("%04d", fields.year);
  if (fields.week > 0) {
    absl::StrAppendFormat(&text, "-W%02d", fields.week);
  } else if (fields.quarter > 0) {
    absl::StrAppendFormat(&text, "-Q%d", fields.quarter);
  } else if (fields.half > 0) {
    absl::StrAppendFormat(&text, "-S%d", fields.half);
  } else if (fields.month > 0) {
    absl::StrAppendFormat(&text, "-%02d", fields.month);
    if (fields.day > 0) absl::StrAppendFormat(&text, "-%02d", fields.day);
  }
  ASSIGN_OR_RETURN(Period period, series::ParsePeriod(text));
  absl::CivilDay day = series::FirstDay(period);
  if (fields.day_of_year > 0) {
    day += fields.day_of_year - 1;
    if (day.year() != fields.year) {
      return absl::InvalidArgumentError(absl::StrCat(
          "names day 366 of ", fields.year, ", which is no leap year"));
    }
    return series::PeriodContaining(Frequency::kDaily, day);
  }
  if (fields.weekday == 0) return period;
  if (fields.week > 0) {
    return series::PeriodContaining(Frequency::kDaily,
                                    day + (fields.weekday - 1));
  }
  const int weekday = static_cast<int>(absl::GetWeekday(day)) + 1;
  if (weekday != fields.weekday) {
    return absl::InvalidArgumentError(
        absl::StrCat("names a ", kWeekdays[fields.weekday - 1], ", but ", text,
                     " is a ", kWeekdays[weekday - 1]));
  }
  return period;
}

absl::StatusOr<Period> PeriodFormat::Parse(
    absl::string_view text, std::optional<Frequency> wanted) const {
  if (!wanted) wanted = this->frequency();
  if (!wanted) {
    return absl::InvalidArgumentError(absl::StrCat(
        "with period_format ", text_,
        ", set the option frequency: a day may stand for the month, quarter or "
        "week that holds it"));
  }
  RETURN_IF_ERROR(CheckTells(*wanted));
  ASSIGN_OR_RETURN(const Fields fields, ReadFields(text));
  ASSIGN_OR_RETURN(const Period period, ToPeriod(fields));
  if (period.frequency == *wanted) return period;
  return series::PeriodContaining(*wanted, series::FirstDay(period));
}

absl::StatusOr<absl::CivilDay> PeriodFormat::ParseDay(
    absl::string_view text) const {
  ASSIGN_OR_RETURN(const Period period, Parse(text, Frequency::kDaily));
  return series::FirstDay(period);
}

}  // namespace headway::tables
