// What headway impact --method bsts and structural share: options, the series
// and its controls, placebo dates, doubts.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_INPUT_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_INPUT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/evidence/counterfactual/input.h"
#include "daemon/evidence/counterfactual/placebo.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"

namespace headway::cli {

struct StructuralMethodOptions {
  // "none", "auto" or a number of periods; "" is the method's own.
  std::string season;
  std::string season_kind = "stochastic";
  std::string trend = "level";
  bool log = false;
  bool log_controls = false;
  // "all" or a number; "" for none.
  std::string placebo_dates;
  double prior_level_sd = 0.01;
  std::string prior = "g";
  double expected_size = 3;
  int draws = 10000;
  int burn_in = 2000;
};

struct StructuralCase {
  Panel panel;
  // Outcome and controls in logarithms where the options have it.
  evidence::CounterfactualInput input;
  evidence::StructuralForm form;
  // Share of one, of intervals.
  double level = 0.95;
};

// INVALID_ARGUMENT: not one treated unit, a control with a gap, a value whose
// logarithm is none, a season that is none; the message names unit and period.
absl::StatusOr<StructuralCase> MakeStructuralCase(
    const DataTable& table, const ImpactOptions& options,
    const StructuralMethodOptions& method, const std::string& usual_season);

// The report's method, title, setup and the panel's notes.
Report StructuralReport(const StructuralCase& study,
                        const StructuralMethodOptions& method,
                        const std::string& name);

// What placebo dates say, if they are asked for; `actual` is in the units that
// `estimate` works in.
absl::Status AddPlaceboDates(const StructuralCase& study,
                             const StructuralMethodOptions& method,
                             const evidence::AverageEffect& actual,
                             evidence::EffectEstimator estimate,
                             Report& report);

// Whether the controls move with the outcome before the event, and a warning
// where they do not and the level is held still.
void AddResidualRoot(const StructuralCase& study, bool level_is_still,
                     Report& report);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_INPUT_H_
