// Series from a table with a row for every series and step: unique_id, ds, y.
#ifndef HEADWAY_TOOLS_HEADWAY_INPUT_LONG_LAYOUT_H_
#define HEADWAY_TOOLS_HEADWAY_INPUT_LONG_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::cli {

// The steps are whole numbers, periods, or dates. Dates count as the longest
// periods of which each of them is the first day, or each the last, or whose
// weekday all share: months for 2024-01-31 and 2024-02-29, and else days,
// without the days of the week that a series never has (series::StepAxis).
class LongLayout {
 public:
  // Whether to keep the steps as they were written.
  explicit LongLayout(bool keep_steps) : keep_steps_(keep_steps) {}

  // INVALID_ARGUMENT goes after the place: the step cannot be read, or is of
  // another kind than those before. `value` is NaN where it is missing.
  absl::Status Add(absl::string_view id, absl::string_view step, double value,
                   int line);

  // A row of the series cannot be read, which the caller says: it is not among
  // those taken, for what is left of it is another series.
  void Spoil(absl::string_view id);

  struct Series {
    std::string id;
    // The line of its first row.
    int line = 0;
    // From the oldest on; NaN at steps that have no row.
    std::vector<double> values;
    // As they were written, "" where there is no row; empty if not kept.
    std::vector<std::string> steps;
    // Not OK: two rows have the same step, or nearly all steps are missing.
    absl::Status status;
  };
  // In the order of their first rows.
  std::vector<Series> Take();

 private:
  struct Point {
    int64_t step = 0;
    double value = 0;
    int line = 0;
    // If it is kept.
    std::string text;
  };
  struct Points {
    std::string id;
    std::vector<Point> points;
    bool is_spoilt = false;
  };

  Points& PointsOf(absl::string_view id);
  absl::Status ReadStep(absl::string_view text, int64_t* step);
  series::Frequency FrequencyOfDays() const;
  static void ToStepsOf(series::Frequency frequency,
                        std::vector<Point>* points);
  absl::Status Fill(std::vector<Point> points, Series& to) const;

  const bool keep_steps_;
  // Absent: whole numbers, or nothing yet.
  std::optional<series::Frequency> frequency_;
  bool begun_ = false;
  std::vector<Points> series_;
  absl::flat_hash_map<std::string, size_t> places_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_INPUT_LONG_LAYOUT_H_
