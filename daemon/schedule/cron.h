// Cron expressions: when a job fires.
//
//   ASSIGN_OR_RETURN(Cron cron, Cron::Parse("30 6 * * MON-FRI"));
//   absl::Time next = cron.NextAfter(now, zone);
//
// Five fields (minute hour day month weekday), or six with seconds first; each
// a list of values, ranges and steps: "*", "5", "MON-FRI", "*/15", "0,30",
// "8-18/2". Months and weekdays have English names of three letters; Sunday is
// 0 or 7. The names @yearly, @annually, @monthly, @weekly, @daily, @midnight
// and @hourly are known too.
//
// Days as in Vixie's cron: where both the day of the month and the weekday are
// restricted (neither field starts with "*"), a day that fits either fires.
//
// Daylight saving: local times that a change of the clock skips fire once,
// together, at the instant of the change; local times that it repeats fire
// once, the first time round.
//
// Immutable value type; const methods are thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_CRON_H_
#define HEADWAY_DAEMON_SCHEDULE_CRON_H_

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

  bool FitsDay(absl::CivilDay day) const;
  absl::CivilSecond NextCivil(absl::CivilSecond after) const;
  absl::Status CheckPossible() const;

  std::string text_;
  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1 to 31
  std::bitset<13> months_;   // 1 to 12
  std::bitset<7> weekdays_;  // 0 is Sunday
  bool any_day_ = false;     // the field starts with "*"
  bool any_weekday_ = false;
};

// An IANA name; "" is UTC. The error says what was not found.
absl::StatusOr<absl::TimeZone> LoadTimeZone(absl::string_view name);

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_CRON_H_
