// Notations of periods that a format tells, in the manner of strptime.
//
//   ASSIGN_OR_RETURN(PeriodFormat format, PeriodFormat::Compile("%b-%y"));
//   ASSIGN_OR_RETURN(Period period, format.Parse("Jan-24"));
//
// Known are
//   %Y year of four digits       %G, %V ISO week's year and number
//   %y of two: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068
//   %m %b %B month: a number, or its English name, short or in full
//   %q quarter, 1 to 4           %s half-year, 1 or 2
//   %d %e day of the month
//   %j day of the year           %a %A %u weekday, which must agree
//   %F %D                        stand for %Y-%m-%d and %m/%d/%y
//   %H %I %M %S %f %p %z %Z %T %R   a time of day, which is read and dropped
// and %n, %t, spaces and %%. Numbers that touch (%Y%m) have their full number
// of digits. A date counts as it is written: an offset does not move it into
// another day. Every other conversion, and a format that names no year or
// something that nothing follows from, is refused.
//
// Immutable value type.
#ifndef HEADWAY_DAEMON_TABLES_PERIODS_FORMAT_H_
#define HEADWAY_DAEMON_TABLES_PERIODS_FORMAT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "daemon/series/period.h"

namespace headway::tables {

class PeriodFormat {
 public:
  // INVALID_ARGUMENT names the format, what is wrong and what would do.
  static absl::StatusOr<PeriodFormat> Compile(absl::string_view format);
  // What one cell of several holds: it may lack the year. Good for Fits alone.
  static absl::StatusOr<PeriodFormat> CompilePart(absl::string_view format);
  // A date: INVALID_ARGUMENT unless the format tells the day.
  static absl::StatusOr<PeriodFormat> CompileDate(absl::string_view format);

  // Whether the text is of this form.
  bool Fits(absl::string_view text) const;

  // The frequency that the format tells; absent if it tells a day, for then the
  // day may stand for the month, quarter or week that holds it.
  std::optional<series::Frequency> frequency() const;
  // Whether a period of `frequency` follows from what the format tells.
  absl::Status CheckTells(series::Frequency frequency) const;

  // The period of `frequency` that the text names or whose day it names.
  // Absent: the format's own; INVALID_ARGUMENT if that is absent too. Errors
  // go after the text: "is not of the form %Y-%m: …".
  absl::StatusOr<series::Period> Parse(
      absl::string_view text,
      std::optional<series::Frequency> frequency = std::nullopt) const;
  absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text) const;

  const std::string& text() const { return text_; }

 private:
  // A conversion, or a literal where it is '\0'.
  struct Item {
    char conversion = '\0';
    char literal = '\0';
    // A number that touches another has all its digits.
    bool full_width = false;
  };
  struct Fields;

  PeriodFormat() = default;

  absl::Status Split(absl::string_view format);
  absl::Status Add(char conversion);
  absl::Status CheckComplete() const;
  bool Has(absl::string_view any_of) const;
  absl::StatusOr<Fields> ReadFields(absl::string_view text) const;
  absl::StatusOr<series::Period> ToPeriod(const Fields& fields) const;
  absl::Status Refuse(absl::string_view problem) const;

  std::string text_;
  std::vector<Item> items_;
};

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_PERIODS_FORMAT_H_
