// What headway impact --method synth and sdid are told besides what all methods
// are.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_SYNTHETIC_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_SYNTHETIC_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/evidence/synthetic/control.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"

namespace headway::cli {

struct SyntheticOptions {
  std::vector<std::string> predictors;
  std::string v;
  // "" chooses: fixed with --v, nested with predictors, else outcomes.
  std::string v_method;
  std::string fit;
  bool no_placebos = false;
  std::string placebo_pool = "with-treated";
  double drop_poor_fit = 0;
  double drop_good_fit = 0;
  std::string placebo_at;
  // A quarter of the periods before if not given; 0 for none.
  std::optional<int> hold_out;
  // Of sdid; "" is placebo, or none where that cannot be had.
  std::string standard_error;
  int threads = 0;
};

// A name of a column and periods of the panel: "beer:1984-1988".
struct PredictorChoice {
  std::string text;
  std::string column;
  // Rising places among the panel's periods.
  std::vector<int> periods;
};

// COLUMN, COLUMN:FROM-TO, COLUMN:PERIOD,PERIOD: all periods before `before` if
// none are named. Periods may hold hyphens, and FROM..TO may be written, too.
// Errors name what of it is not there.
absl::StatusOr<PredictorChoice> ParsePredictor(
    absl::string_view text, const std::vector<std::string>& columns,
    const Panel& panel, int before);

// FROM-TO of --fit.
absl::StatusOr<PeriodRange> ParseFit(absl::string_view text, const Panel& panel,
                                     int before);

// "1989" or "1980 to 1988".
std::string DescribePeriods(const Panel& panel, const std::vector<int>& places);

// The panel as the numerics have it, with predictors. With --drop-incomplete
// units without a predictor are taken out of `panel` and noted there.
struct ControlInput {
  evidence::ControlData data;
  std::vector<PredictorChoice> predictors;
};
absl::StatusOr<ControlInput> MakeControlInput(const DataTable& table,
                                              const ImpactOptions& impact,
                                              const SyntheticOptions& options,
                                              Panel& panel);

// How many threads work, the caller among them.
int ThreadsFor(const SyntheticOptions& options);

// --method synth and sdid.
absl::StatusOr<Report> RunSyntheticControl(const DataTable& table,
                                           const ImpactOptions& impact,
                                           const SyntheticOptions& options);
absl::StatusOr<Report> RunSyntheticDifference(const DataTable& table,
                                              const ImpactOptions& impact,
                                              const SyntheticOptions& options);

// The members of "setup" that both have.
Json SharedSetup(const ImpactOptions& impact, const Panel& panel, int before);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_SYNTHETIC_OPTIONS_H_
