// The periods of a table, from whatever its column of time holds.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_TIME_AXIS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_TIME_AXIS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::cli {

struct TimeAxisOptions {
  // As tables::PeriodFormat has it, "%d.%m.%Y"; "" reads the usual notations.
  std::string format;
  // The order in which the periods first occur is theirs: "before", "after".
  bool as_written = false;
};

// The distinct periods of a column, rising. Texts are years and other periods
// (1989, 2020Q1, 2020-01, Mar 2024, 1989m1), dates, YYYYMM, YYYYMMDD, or
// numbers, whole or not (1..100, 1970.25); one kind in a column.
class TimeAxis {
 public:
  // Row i of the table is in period places()[i]. INVALID_ARGUMENT names the
  // text that is of no kind, or not of that of the first, and the remedy.
  static absl::StatusOr<TimeAxis> Make(const std::vector<std::string>& texts,
                                       const TimeAxisOptions& options);
  // The numbers 1 to `rows`: a table without a column of time.
  static TimeAxis OfRows(size_t rows);

  size_t size() const { return labels_.size(); }
  // As the table writes it where it first occurs.
  const std::vector<std::string>& labels() const { return labels_; }
  // Rising: the ordinal at the frequency, or the number itself.
  const std::vector<double>& positions() const { return positions_; }
  const std::vector<size_t>& places() const { return places_; }
  // Absent for numbers that are no years, and for texts in their own order.
  std::optional<series::Frequency> frequency() const { return frequency_; }

  // The place of a period that is there. Text of a coarser frequency stands for
  // the first period within it: 2020 for 2020-01. NOT_FOUND names `option`, the
  // text, and what is next to it or the range.
  absl::StatusOr<size_t> Find(absl::string_view text,
                              absl::string_view option) const;
  // The first place at or after `text`, and one more than the last at or before
  // it: bounds need not be periods of the table. OUT_OF_RANGE if none is left.
  absl::StatusOr<size_t> FirstFrom(absl::string_view text,
                                   absl::string_view option) const;
  absl::StatusOr<size_t> EndTo(absl::string_view text,
                               absl::string_view option) const;

  // "1971 is followed by 1973" of the first gap that is longer than the others;
  // "" without one. Weekends and holidays are none.
  std::string DescribeGap() const;

 private:
  enum class Kind { kNumbers, kPeriods, kWords };

  absl::StatusOr<double> PositionOf(absl::string_view text, bool end) const;
  absl::Status Choose(const std::vector<std::string>& texts);
  absl::Status Place(const std::vector<std::string>& texts);

  Kind kind_ = Kind::kNumbers;
  std::string format_;
  // "202401" is a month.
  bool compact_months_ = false;
  std::optional<series::Frequency> frequency_;
  std::vector<std::string> labels_;
  std::vector<double> positions_;
  std::vector<size_t> places_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_TIME_AXIS_H_
