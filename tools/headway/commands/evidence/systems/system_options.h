// What the commands about vector autoregressions share: lags, the level of
// intervals, and parts of their answers.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_SYSTEM_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_SYSTEM_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/evidence/var/granger.h"
#include "daemon/evidence/var/lag_choice.h"
#include "daemon/evidence/var/system.h"
#include "tools/headway/commands/evidence/report.h"
#include "tools/headway/commands/evidence/systems/frame.h"

namespace headway::cli {

struct SystemOptions {
  FrameOptions frame;
  int lags = 0;  // 0: chosen
  int most_lags = 10;
  evidence::LagCriterion criterion = evidence::LagCriterion::kAic;
  evidence::Deterministic deterministic = evidence::Deterministic::kConstant;
  double level = 95;
  std::string rows;
};

// --lags, --max-lags, --lag-criterion, --level, --rows, besides the frame's.
void AddSystemOptions(CLI::App& command, SystemOptions& options);
// --deterministic.
void AddDeterministic(CLI::App& command, SystemOptions& options);

// The series without gaps: at least `least` of them.
struct SystemInput {
  Frame frame;
  evidence::System system;
};
absl::StatusOr<SystemInput> ReadSystem(const SystemOptions& options, int least);

// The lags that are given, or those that the criterion chooses.
struct ChosenLags {
  int lags = 1;
  // The table of criteria; absent where the sample is too short for one.
  std::optional<evidence::LagChoice> choice;
};
absl::StatusOr<ChosenLags> LagsOf(const SystemOptions& options,
                                  const evidence::System& system);

// Into a report: file, series, transformations, sample, lags, level.
void DescribeSystem(const SystemOptions& options, const SystemInput& input,
                    const ChosenLags& lags, Report& report);
// "lag_selection", as JSON and as a table.
void AddLagSelection(const ChosenLags& lags, Report& report);

// {"F","df1","df2","p"} and {"chi2","df","p"}.
Json ToJson(const evidence::FTest& test);
Json ToJson(const evidence::ChiSquaredTest& test);
Json ToJson(const Eigen::MatrixXd& matrix);

// 0.05 of a level of 95.
inline double SizeOf(double level) { return 1 - level / 100; }

Cell Number(double value);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_SYSTEM_OPTIONS_H_
