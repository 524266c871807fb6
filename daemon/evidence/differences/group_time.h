// Average effects of groups that are treated at different times (Callaway and
// Sant'Anna 2021, "Difference-in-Differences with Multiple Time Periods",
// Journal of Econometrics 225).
#ifndef HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_GROUP_TIME_H_
#define HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_GROUP_TIME_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/differences/two_by_two.h"
#include "daemon/evidence/math/linear_model.h"

namespace headway::evidence {

constexpr int kNeverTreated = -1;

struct StaggeredPanel {
  Eigen::MatrixXd outcome;  // units x periods, nothing missing
  // By unit: the first treated period, from 0, or kNeverTreated.
  std::vector<int> first_treated;
  // Units x covariates, as they are before treatment; may have no columns.
  Eigen::MatrixXd covariates;
};

enum class ControlGroup { kNeverTreated, kNotYetTreated };
// What a period before treatment is compared with: the one before it, or the
// last before treatment.
enum class BasePeriod { kVarying, kUniversal };

struct GroupTimeOptions {
  ControlGroup controls = ControlGroup::kNeverTreated;
  Estimator estimator = Estimator::kDoublyRobust;
  BasePeriod base = BasePeriod::kVarying;
};

struct GroupTimeEffect {
  int group = 0;  // first treated period
  int period = 0;
  double effect = 0;
  double standard_error = 0;
  int treated = 0;  // units
  int controls = 0;
};

struct GroupTimeResult {
  std::vector<GroupTimeEffect> effects;
  // Units x effects, on the scale of all units.
  Eigen::MatrixXd influence;
  // Of the panel without the units that are treated in its first period.
  std::vector<int> first_treated;
  std::vector<int> units;  // rows of the panel
  // The Wald test that all effects before treatment are zero.
  double pretrend_statistic = 0;
  int pretrend_degrees = 0;
  double pretrend_p = 1;
  std::vector<std::string> warnings;
};

// INVALID_ARGUMENT: shapes that differ, missing values, no treated unit, no
// unit to compare with. A pair that cannot be estimated is left out and said.
absl::StatusOr<GroupTimeResult> EstimateGroupTime(
    const StaggeredPanel& panel, const GroupTimeOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_GROUP_TIME_H_
