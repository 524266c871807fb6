// A rare target and frequent indicators, joined by the calendar.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_MIXED_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_MIXED_H_

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/series/period.h"
#include "tools/headway/commands/evidence/systems/frame.h"
#include "tools/headway/commands/evidence/systems/nowcast_options.h"

namespace headway::cli {

// The target, its periods, and the indicators that surround them.
struct Mixed {
  std::string target;
  series::Frequency rare = series::Frequency::kQuarterly;
  series::Frequency frequent = series::Frequency::kMonthly;
  Eigen::VectorXd values;
  std::vector<double> positions;  // of the target, one after another
  std::vector<std::string> periods;
  Frame indicators;
  std::vector<std::string> notes;
};

// INVALID_ARGUMENT or NOT_FOUND: periods of no calendar, a target with a gap,
// indicators that are not more frequent than it.
absl::StatusOr<Mixed> ReadMixed(const NowcastOptions& options);

// Those of mixed.indicators that are asked for, without the target.
absl::StatusOr<std::vector<int>> IndicatorColumns(const NowcastOptions& options,
                                                  const Mixed& mixed);

// The place of the last frequent period that ends with the target's or before.
double LastWithin(double position, series::Frequency rare,
                  series::Frequency frequent);

// One indicator by its place in the calendar.
class Indicator {
 public:
  Indicator(const Frame& frame, int column, series::Frequency frequency);

  const std::string& name() const { return name_; }
  double last() const { return positions_.back(); }
  bool empty() const { return values_.empty(); }

  // The value `lag` before `position`. Of days those that are there count:
  // markets close.
  std::optional<double> At(double position, int lag) const;

  // To `position`, by an autoregression. INVALID_ARGUMENT: gaps, or too few
  // values.
  absl::Status ExtendTo(double position);

 private:
  std::string name_;
  bool by_row_;
  std::vector<double> positions_;
  std::vector<double> values_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_MIXED_H_
