// Cron expressions: when a job fires.
//
//   ASSIGN_OR_RETURN(Cron cron, Cron::Parse("30 6 * * MON-FRI"));
//   absl::Time next = cron.NextAfter(now, zone);
//
// Five fields (minute hour day month weekday), or six with seconds first; each
// a list of values, ranges and steps: "*", "5", "MON-FRI", "*/15", "0,30",
// "8-18/2". A range may run over the end of its field: "22-2", "FRI-MON".
// Months and weekdays have English names, of three letters or in full; Sunday
// is 0 or 7. "?" in a field of days is "*". "L" is the last day of the month,
// "5L" or "FRIL" its last Friday, "5#2" or "FRI#2" its second. A step that
// fires once only, as "*/90" of minutes does, is refused.
//
// "@every 6h" (d, h, m, s, of a minute at least) fires whenever that time has
// gone by since 1970-01-01 00:00 UTC, whatever the time zone. The names
// @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly stand
// for their fields.
//
// Days as in Vixie's cron: where both the day of the month and the weekday are
// restricted (neither field starts with "*" or "?"), a day that fits either
// fires.
//
// Daylight saving, as in Vixie's cron: where the minute or the hour starts with
// "*", it fires whenever a clock on the wall shows a time that fits: not in a
// skipped hour, and in both passes of a repeated one. Fixed times fire once:
// those that a change of the clock skips together, at the instant of the
// change; those that it repeats the first time round.
//
// Immutable value type; const methods are thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_CRON_H_
#define HEADWAY_DAEMON_SCHEDULE_CRON_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace headway::schedule {

class Cron {
 public:
  // INVALID_ARGUMENT naming the field, the value and the remedy. An expression
  // that no day fits ("0 0 31 2 *") is an error too.
  static absl::StatusOr<Cron> Parse(absl::string_view text);

  // The first instant strictly after `after` at which it fires.
  absl::Time NextAfter(absl::Time after, absl::TimeZone zone) const;

  // As it was given.
  const std::string& text() const { return text_; }

 private:
  Cron() = default;

  static absl::StatusOr<Cron> ParseEvery(absl::string_view text);
  absl::Status ParseDays(absl::string_view text);
  absl::Status ParseWeekdays(absl::string_view text);
  bool FitsDay(absl::CivilDay day) const;
  bool FitsDayOfMonth(absl::CivilDay day) const;
  bool FitsWeekday(absl::CivilDay day) const;
  absl::Time NextOnTheWall(absl::Time after, absl::TimeZone zone) const;
  absl::CivilSecond NextCivil(absl::CivilSecond after) const;
  absl::Status CheckPossible() const;

  std::string text_;
  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1 to 31
  std::bitset<13> months_;   // 1 to 12
  std::bitset<7> weekdays_;  // 0 is Sunday
  // By weekday and place in the month: the first to the fifth.
  std::array<std::bitset<6>, 7> nth_weekdays_;
  std::bitset<7> last_weekdays_;
  bool last_day_ = false;
  bool any_day_ = false;  // the field starts with "*"
  bool any_weekday_ = false;
  bool wall_clock_ = false;  // the minute or the hour starts with "*"
  // Not zero: "@every", and the fields say nothing.
  absl::Duration every_;
};

// An IANA name; "" is UTC. The error says what was not found.
absl::StatusOr<absl::TimeZone> LoadTimeZone(absl::string_view name);

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_CRON_H_
