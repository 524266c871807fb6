// Several series over the same periods, from a table with a column a series.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_FRAME_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_FRAME_H_

#include <Eigen/Dense>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"
#include "tools/headway/commands/evidence/input_options.h"

namespace CLI {
class App;
}

namespace headway::cli {

struct FrameOptions {
  InputOptions input;
  // Lists as the options have them; "" for all series.
  std::string series;
  std::string exclude;
  // "dlog" for all, or "gdp=dlog,rate=diff".
  std::string transform;
};

struct Frame {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  // periods x series, NaN where missing
  // As the table writes them, rising.
  std::vector<std::string> periods;
  // Places in the calendar; without a frequency numbers as they stand.
  std::vector<double> positions;
  std::optional<series::Frequency> frequency;
  std::string time_column;  // "" where rows are counted
  // By series: what was done to it, "none" or a transformation.
  std::vector<std::string> transforms;
  // What was left out and why, and what is odd.
  std::vector<std::string> notes;

  // The name of the period `steps` after the last.
  std::string PeriodAfter(int steps) const;
};

// --csv and the like, --series, --exclude, --transform. `options` must outlive
// the parsing.
void AddFrameOptions(CLI::App& command, FrameOptions& options);

// The series that are asked for, or every column of numbers besides that of
// periods: --time, "year,quarter" or "year,month"; without it the first column
// where it holds periods, else the rows count. Transformed over the whole
// table, then cut to --from and --to. INVALID_ARGUMENT or NOT_FOUND: columns,
// cells or periods that are none, a period that occurs twice.
absl::StatusOr<Frame> ReadFrame(const FrameOptions& options);

// The frame without leading and trailing periods in which a series is missing,
// which its notes then say. INVALID_ARGUMENT: a gap within, or in the calendar.
absl::StatusOr<Frame> WithoutGaps(Frame frame);

// The text of a period as it stands in the frame, or one that means the same.
// NOT_FOUND names `option`.
absl::StatusOr<int> PlaceOf(const Frame& frame, absl::string_view period,
                            absl::string_view option);

// The column of a name. NOT_FOUND names `option` and the nearest.
absl::StatusOr<int> ColumnOf(const Frame& frame, absl::string_view name,
                             absl::string_view option);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_FRAME_H_
