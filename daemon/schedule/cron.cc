#include "daemon/schedule/cron.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"

namespace headway::schedule {
namespace {

constexpr std::array<absl::string_view, 12> kMonthNames = {
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN",
    "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<absl::string_view, 7> kWeekdayNames = {
    "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

// February has its 29th here: whether an expression is possible at all.
constexpr std::array<int, 13> kLongestMonth = {0,  31, 29, 31, 30, 31, 30,
                                               31, 31, 30, 31, 30, 31};

struct FieldSpec {
  absl::string_view name;
  int first;
  int last;
  absl::Span<const absl::string_view> names;  // of first, first + 1, …
};

const FieldSpec kSecond = {"second", 0, 59, {}};
const FieldSpec kMinute = {"minute", 0, 59, {}};
const FieldSpec kHour = {"hour", 0, 23, {}};
const FieldSpec kDay = {"day of the month", 1, 31, {}};
const FieldSpec kMonth = {"month", 1, 12, kMonthNames};
const FieldSpec kWeekday = {"weekday", 0, 7, kWeekdayNames};

absl::StatusOr<absl::string_view> ExpandNickname(absl::string_view text) {
  static constexpr std::pair<absl::string_view, absl::string_view>
      kNicknames[] = {{"@yearly", "0 0 1 1 *"},  {"@annually", "0 0 1 1 *"},
                      {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
                      {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
                      {"@hourly", "0 * * * *"}};
  if (!absl::StartsWith(text, "@")) return text;
  for (const auto& [nickname, fields] : kNicknames) {
    if (absl::EqualsIgnoreCase(text, nickname)) return fields;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not known; write @yearly, @monthly, ",
                   "@weekly, @daily, @hourly, or five fields"));
}

absl::StatusOr<int> ParseValue(const FieldSpec& spec, absl::string_view text) {
  for (size_t i = 0; i < spec.names.size(); ++i) {
    if (absl::EqualsIgnoreCase(text, spec.names[i])) {
      return spec.first + static_cast<int>(i);
    }
  }
  int value;
  const bool digits =
      !text.empty() && text.size() <= 4 &&
      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(spec.name, " \"", text, "\" is not a number",
                     spec.names.empty()
                         ? ""
                         : absl::StrCat(" or a name such as ", spec.names[1])));
  }
  if (value < spec.first || value > spec.last) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec.name, " ", value, " is outside ", spec.first, " to ", spec.last));
  }
  return value;
}

// One element of a list: "*", "5", "1-5", each with "/step" or without.
absl::Status AddElement(const FieldSpec& spec, absl::string_view text,
                        std::vector<int>& values) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const auto& [range, step_text] = parts;
  const bool has_step = absl::StrContains(text, '/');
  int first = spec.first;
  int last = spec.last;
  if (range != "*") {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(range, absl::MaxSplits('-', 1));
    ASSIGN_OR_RETURN(first, ParseValue(spec, ends.first));
    if (absl::StrContains(range, '-')) {
      ASSIGN_OR_RETURN(last, ParseValue(spec, ends.second));
    } else if (!has_step) {
      last = first;
    }
    if (first > last) {
      return absl::InvalidArgumentError(
          absl::StrCat(spec.name, " range \"", range,
                       "\" runs backwards; write two ranges"));
    }
  }
  int step = 1;
  if (has_step && (step_text.size() > 4 ||
                   !absl::SimpleAtoi(step_text, &step) || step < 1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec.name, " step \"", step_text, "\" is not a whole number from 1"));
  }
  for (int value = first; value <= last; value += step) values.push_back(value);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int>> ParseField(const FieldSpec& spec,
                                            absl::string_view text) {
  std::vector<int> values;
  for (absl::string_view element : absl::StrSplit(text, ',')) {
    RETURN_IF_ERROR(AddElement(spec, element, values));
  }
  return values;
}

template <size_t n>
absl::Status ParseInto(const FieldSpec& spec, absl::string_view text,
                       std::bitset<n>& bits) {
  ASSIGN_OR_RETURN(std::vector<int> values, ParseField(spec, text));
  for (int value : values) bits.set(value);
  return absl::OkStatus();
}

// The first set bit from `from` on.
template <size_t n>
std::optional<int> NextSet(const std::bitset<n>& bits, int from) {
  for (size_t i = from; i < n; ++i) {
    if (bits[i]) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Cron> Cron::Parse(absl::string_view text) {
  const std::string context = absl::StrCat("cron \"", text, "\"");
  auto expanded = ExpandNickname(absl::StripAsciiWhitespace(text));
  if (!expanded.ok()) return Annotate(expanded.status(), context);
  std::vector<absl::string_view> fields =
      absl::StrSplit(*expanded, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  if (fields.size() == 5) fields.insert(fields.begin(), "0");
  if (fields.size() != 6) {
    return absl::InvalidArgumentError(absl::StrCat(
        context, ": ", fields.size(), fields.size() == 1 ? " field" : " fields",
        "; write five (minute hour day month weekday), or six with seconds "
        "first"));
  }
  Cron cron;
  cron.text_ = std::string(text);
  std::bitset<8> weekdays;  // 0 and 7 are Sunday
  for (const absl::Status& status :
       {ParseInto(kSecond, fields[0], cron.seconds_),
        ParseInto(kMinute, fields[1], cron.minutes_),
        ParseInto(kHour, fields[2], cron.hours_),
        ParseInto(kDay, fields[3], cron.days_),
        ParseInto(kMonth, fields[4], cron.months_),
        ParseInto(kWeekday, fields[5], weekdays)}) {
    if (!status.ok()) return Annotate(status, context);
  }
  for (int i = 0; i < 8; ++i) {
    if (weekdays[i]) cron.weekdays_.set(i % 7);
  }
  cron.any_day_ = absl::StartsWith(fields[3], "*");
  cron.any_weekday_ = absl::StartsWith(fields[5], "*");
  RETURN_IF_ERROR(Annotate(cron.CheckPossible(), context));
  return cron;
}

absl::Status Cron::CheckPossible() const {
  // Where a weekday alone suffices, some day fits in any month; where the
  // weekday must fit too, each day of a month falls on each weekday in time.
  if (!any_day_ && !any_weekday_) return absl::OkStatus();
  for (int month = 1; month <= 12; ++month) {
    if (!months_[month]) continue;
    const std::optional<int> day = NextSet(days_, 1);
    if (day.has_value() && *day <= kLongestMonth[month]) {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      "no month it names has such a day; change the day of the month or the "
      "month");
}

bool Cron::FitsDay(absl::CivilDay day) const {
  if (!months_[day.month()]) return false;
  const bool day_fits = days_[day.day()];
  // absl counts from Monday.
  const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
  const bool weekday_fits = weekdays_[weekday];
  if (any_day_ || any_weekday_) return day_fits && weekday_fits;
  return day_fits || weekday_fits;
}

absl::CivilSecond Cron::NextCivil(absl::CivilSecond after) const {
  const absl::CivilSecond from = after + 1;
  absl::CivilDay day(from);
  if (FitsDay(day)) {
    for (int hour = from.hour(); hour < 24; ++hour) {
      if (!hours_[hour]) continue;
      const bool this_hour = hour == from.hour();
      for (int minute = this_hour ? from.minute() : 0; minute < 60; ++minute) {
        if (!minutes_[minute]) continue;
        const bool this_minute = this_hour && minute == from.minute();
        const std::optional<int> second =
            NextSet(seconds_, this_minute ? from.second() : 0);
        if (second.has_value()) {
          return absl::CivilSecond(day.year(), day.month(), day.day(), hour,
                                   minute, *second);
        }
      }
    }
  }
  // CheckPossible has seen to it that this ends: within 40 years, for the 29th
  // of February on a given weekday across a century without leap year.
  do {
    ++day;
  } while (!FitsDay(day));
  return absl::CivilSecond(day.year(), day.month(), day.day(),
                           *NextSet(hours_, 0), *NextSet(minutes_, 0),
                           *NextSet(seconds_, 0));
}

absl::Time Cron::NextAfter(absl::Time after, absl::TimeZone zone) const {
  absl::CivilSecond civil = absl::ToCivilSecond(after, zone);
  // The second time round of a repeated hour, local times lie before `after`.
  while (true) {
    civil = NextCivil(civil);
    const absl::TimeZone::TimeInfo info = zone.At(civil);
    const absl::Time instant =
        info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
    if (instant > after) return instant;
  }
}

absl::StatusOr<absl::TimeZone> LoadTimeZone(absl::string_view name) {
  if (name.empty()) return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown time zone \"", name,
                     "\"; write an IANA name such as \"America/New_York\" (the "
                     "system's tzdata must be installed)"));
  }
  return zone;
}

}  // namespace headway::schedule
