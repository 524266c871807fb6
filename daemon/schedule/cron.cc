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
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"

namespace headway::schedule {
namespace {

constexpr std::array<absl::string_view, 12> kMonthNames = {
    "JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
    "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
constexpr std::array<absl::string_view, 7> kWeekdayNames = {
    "SUNDAY",   "MONDAY", "TUESDAY", "WEDNESDAY",
    "THURSDAY", "FRIDAY", "SATURDAY"};

// February has its 29th here: whether an expression is possible at all.
constexpr std::array<int, 13> kLongestMonth = {0,  31, 29, 31, 30, 31, 30,
                                               31, 31, 30, 31, 30, 31};

struct FieldSpec {
  absl::string_view name;
  int first;
  int last;
  absl::Span<const absl::string_view> names;  // of first, first + 1, …
  // How many values a range that runs over the end goes round.
  int cycle;
  // What has as many of them, for a step that is too long.
  absl::string_view whole;
};

const FieldSpec kSecond = {"second", 0, 59, {}, 60, "minute"};
const FieldSpec kMinute = {"minute", 0, 59, {}, 60, "hour"};
const FieldSpec kHour = {"hour", 0, 23, {}, 24, "day"};
const FieldSpec kDay = {"day of the month", 1, 31, {}, 31, "month"};
const FieldSpec kMonth = {"month", 1, 12, kMonthNames, 12, "year"};
const FieldSpec kWeekday = {"weekday", 0, 7, kWeekdayNames, 7, "week"};

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
                   "@weekly, @daily, @hourly, @every 6h, or five fields"));
}

absl::StatusOr<int> ParseValue(const FieldSpec& spec, absl::string_view text) {
  for (size_t i = 0; i < spec.names.size(); ++i) {
    const absl::string_view name = spec.names[i];
    if (absl::EqualsIgnoreCase(text, name) ||
        absl::EqualsIgnoreCase(text, name.substr(0, 3))) {
      return spec.first + static_cast<int>(i);
    }
  }
  int value;
  const bool digits =
      !text.empty() && text.size() <= 4 &&
      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec.name, " \"", text, "\" is not a number",
        spec.names.empty()
            ? ""
            : absl::StrCat(" or a name such as ", spec.names[1].substr(0, 3))));
  }
  if (value < spec.first || value > spec.last) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec.name, " ", value, " is outside ", spec.first, " to ", spec.last));
  }
  return value;
}

// Whole numbers alone: "+5" and "1e1" are none.
bool IsCount(absl::string_view text, int* count) {
  return !text.empty() && text.size() <= 4 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, count) && *count >= 1;
}

struct Range {
  int first = 0;
  // Below `first` where it runs over the end of the field.
  int last = 0;
};

// "*", "5", "1-5"; with a step, "5" means from there on.
absl::StatusOr<Range> ParseRange(const FieldSpec& spec, absl::string_view text,
                                 bool has_step) {
  if (text == "*") return Range{spec.first, spec.last};
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  Range range;
  ASSIGN_OR_RETURN(range.first, ParseValue(spec, ends.first));
  range.last = has_step ? spec.last : range.first;
  if (absl::StrContains(text, '-')) {
    ASSIGN_OR_RETURN(range.last, ParseValue(spec, ends.second));
  }
  return range;
}

absl::Status TooLong(const FieldSpec& spec, absl::string_view text, int step,
                     const Range& range) {
  const bool timed = spec.whole == "hour" || spec.whole == "day";
  return absl::InvalidArgumentError(absl::StrCat(
      spec.name, " \"", text, "\" fires once in each ", spec.whole, ", at ",
      range.first, ", for ", step, " steps on lies beyond its end; write ",
      range.first,
      timed
          ? absl::StrCat(", or @every ", step, spec.whole == "hour" ? "m" : "h",
                         " for that long between two")
          : ""));
}

// One element of a list: "*", "5", "1-5", each with "/step" or without.
absl::Status AddElement(const FieldSpec& spec, absl::string_view text,
                        std::vector<int>& values) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const bool has_step = absl::StrContains(text, '/');
  ASSIGN_OR_RETURN(Range range, ParseRange(spec, parts.first, has_step));
  int step = 1;
  if (has_step && !IsCount(parts.second, &step)) {
    return absl::InvalidArgumentError(
        absl::StrCat(spec.name, " step \"", parts.second,
                     "\" is not a whole number from 1"));
  }
  const int last =
      range.last < range.first ? range.last + spec.cycle : range.last;
  if (has_step && range.first + step > last) {
    return TooLong(spec, text, step, range);
  }
  for (int value = range.first; value <= last; value += step) {
    // 0 and 7 are Sunday: a week has seven days, though eight values.
    const bool over =
        value >= spec.first + spec.cycle && range.last < range.first;
    values.push_back(over ? value - spec.cycle : value);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int>> ParseField(const FieldSpec& spec,
                                            absl::string_view text) {
  if (absl::StrContains(text, '?')) {
    return absl::InvalidArgumentError(
        absl::StrCat(spec.name, " \"", text,
                     "\": \"?\" stands for any day, in a field of "
                     "days by itself; write *"));
  }
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

// "6h", "1h30m", "2d".
absl::StatusOr<absl::Duration> ParseInterval(absl::string_view text) {
  absl::Duration interval;
  absl::string_view days_text = text;
  int days = 0;
  const bool parsed = absl::ConsumeSuffix(&days_text, "d")
                          ? IsCount(days_text, &days)
                          : absl::ParseDuration(text, &interval);
  interval += days * absl::Hours(24);
  if (parsed && interval >= absl::Minutes(1) &&
      interval <= 366 * absl::Hours(24) &&
      interval % absl::Seconds(1) == absl::ZeroDuration()) {
    return interval;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("@every \"", text,
                   "\" is not a time of whole seconds from a minute to a year; "
                   "write @every 90m, @every 6h or @every 2d"));
}

// "TZ=Asia/Taipei 0 6 * * *", as other programs have it.
absl::Status RefuseZone(absl::string_view text) {
  for (absl::string_view prefix : {"TZ=", "CRON_TZ="}) {
    if (!absl::StartsWith(text, prefix)) continue;
    const absl::string_view zone =
        text.substr(0, text.find(' ')).substr(prefix.size());
    return absl::InvalidArgumentError(
        absl::StrCat("a time zone does not stand here; write time_zone: \"",
                     zone, "\" beside cron"));
  }
  return absl::OkStatus();
}

absl::Time InstantOf(const absl::TimeZone::CivilTransition& change,
                     absl::TimeZone zone) {
  for (absl::CivilSecond shown : {change.from, change.to}) {
    const absl::TimeZone::TimeInfo info = zone.At(shown);
    if (info.kind != absl::TimeZone::TimeInfo::UNIQUE) return info.trans;
  }
  return zone.At(change.to).pre;
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
  absl::string_view stripped = absl::StripAsciiWhitespace(text);
  RETURN_IF_ERROR(Annotate(RefuseZone(stripped), context));
  if (absl::StartsWithIgnoreCase(stripped, "@every")) {
    auto every = ParseEvery(text);
    return every.ok() ? every : Annotate(every.status(), context);
  }
  auto expanded = ExpandNickname(stripped);
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
  for (const absl::Status& status :
       {ParseInto(kSecond, fields[0], cron.seconds_),
        ParseInto(kMinute, fields[1], cron.minutes_),
        ParseInto(kHour, fields[2], cron.hours_), cron.ParseDays(fields[3]),
        ParseInto(kMonth, fields[4], cron.months_),
        cron.ParseWeekdays(fields[5])}) {
    if (!status.ok()) return Annotate(status, context);
  }
  cron.wall_clock_ =
      absl::StartsWith(fields[1], "*") || absl::StartsWith(fields[2], "*");
  RETURN_IF_ERROR(Annotate(cron.CheckPossible(), context));
  return cron;
}

absl::StatusOr<Cron> Cron::ParseEvery(absl::string_view text) {
  Cron cron;
  cron.text_ = std::string(text);
  const absl::string_view interval =
      absl::StripAsciiWhitespace(absl::StripAsciiWhitespace(text).substr(
          absl::string_view("@every").size()));
  ASSIGN_OR_RETURN(cron.every_, ParseInterval(interval));
  return cron;
}

absl::Status Cron::ParseDays(absl::string_view text) {
  any_day_ = text == "?" || absl::StartsWith(text, "*");
  if (text == "?") text = "*";
  std::vector<absl::string_view> others;
  for (absl::string_view element : absl::StrSplit(text, ',')) {
    if (absl::EqualsIgnoreCase(element, "L")) {
      last_day_ = true;
    } else if (absl::EqualsIgnoreCase(element, "LW") ||
               (absl::EndsWithIgnoreCase(element, "W") && element.size() > 1) ||
               absl::StartsWithIgnoreCase(element, "L-")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "day of the month \"", element,
          "\" is not known; of this kind there "
          "is L, the last day, and in the weekday 5L, the last Friday"));
    } else {
      others.push_back(element);
    }
  }
  if (others.empty()) return absl::OkStatus();
  return ParseInto(kDay, absl::StrJoin(others, ","), days_);
}

absl::Status Cron::ParseWeekdays(absl::string_view text) {
  any_weekday_ = text == "?" || absl::StartsWith(text, "*");
  if (text == "?") text = "*";
  std::bitset<8> weekdays;  // 0 and 7 are Sunday
  for (absl::string_view element : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> nth =
        absl::StrSplit(element, absl::MaxSplits('#', 1));
    if (absl::StrContains(element, '#')) {
      int place = 0;
      if (!IsCount(nth.second, &place) || place > 5) {
        return absl::InvalidArgumentError(
            absl::StrCat("weekday \"", element,
                         "\": behind # stands which one of the month, 1 to 5, "
                         "as in 5#2, the "
                         "second Friday"));
      }
      ASSIGN_OR_RETURN(const int weekday, ParseValue(kWeekday, nth.first));
      nth_weekdays_[weekday % 7].set(place);
    } else if (element.size() > 1 && absl::EndsWithIgnoreCase(element, "L")) {
      ASSIGN_OR_RETURN(
          const int weekday,
          ParseValue(kWeekday, element.substr(0, element.size() - 1)));
      last_weekdays_.set(weekday % 7);
    } else if (absl::EqualsIgnoreCase(element, "L")) {
      return absl::InvalidArgumentError(
          "weekday \"L\" is Saturday to some and the last day to others; write "
          "SAT, or 5L for the last Friday of the month");
    } else {
      RETURN_IF_ERROR(ParseInto(kWeekday, element, weekdays));
    }
  }
  for (int i = 0; i < 8; ++i) {
    if (weekdays[i]) weekdays_.set(i % 7);
  }
  return absl::OkStatus();
}

absl::Status Cron::CheckPossible() const {
  // Where a weekday alone suffices, some day fits in any month; where the
  // weekday must fit too, each day of a month falls on each weekday in time.
  if ((!any_day_ && !any_weekday_) || last_day_) return absl::OkStatus();
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

bool Cron::FitsDayOfMonth(absl::CivilDay day) const {
  return days_[day.day()] || (last_day_ && (day + 1).day() == 1);
}

bool Cron::FitsWeekday(absl::CivilDay day) const {
  // absl counts from Monday.
  const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
  return weekdays_[weekday] ||
         nth_weekdays_[weekday][(day.day() - 1) / 7 + 1] ||
         (last_weekdays_[weekday] && (day + 7).month() != day.month());
}

bool Cron::FitsDay(absl::CivilDay day) const {
  if (!months_[day.month()]) return false;
  const bool day_fits = FitsDayOfMonth(day);
  const bool weekday_fits = FitsWeekday(day);
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
  if (every_ != absl::ZeroDuration()) {
    return absl::UnixEpoch() +
           (absl::Floor(after - absl::UnixEpoch(), every_) + every_);
  }
  if (wall_clock_) return NextOnTheWall(after, zone);
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

// Goes from one change of the clock to the next: between two of them, local
// times and instants differ by the same offset.
absl::Time Cron::NextOnTheWall(absl::Time after, absl::TimeZone zone) const {
  // What the clock shows, since which instant, and from where to look for its
  // next change.
  absl::CivilSecond shown = absl::ToCivilSecond(after, zone);
  absl::Time since = after - zone.At(after).subsecond;
  absl::Time look_from = after;
  while (true) {
    const absl::Time fires = since + absl::Seconds(NextCivil(shown) - shown);
    absl::TimeZone::CivilTransition change;
    if (!zone.NextTransition(look_from, &change)) return fires;
    const absl::Time changes = InstantOf(change, zone);
    if (fires < changes) return fires;
    // As if it had shown the second before the one to which it is set.
    shown = change.to - 1;
    since = changes - absl::Seconds(1);
    look_from = changes;
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
