// A series with an event, and its controls: what both kinds of structural
// counterfactual are estimated from.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_INPUT_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_INPUT_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/evidence/counterfactual/state_filter.h"

namespace headway::evidence {

struct CounterfactualInput {
  // By period, evenly spaced; NaN where missing.
  Eigen::VectorXd outcome;
  // Periods x controls, finite throughout: a control must be known wherever the
  // outcome is to be explained or replaced.
  Eigen::MatrixXd controls;
  std::vector<std::string> control_names;
  // Periods before the first that the event can have changed.
  Eigen::Index before = 0;

  Eigen::Index periods() const { return outcome.size(); }
  Eigen::Index after() const { return periods() - before; }
};

// INVALID_ARGUMENT: shapes that differ; infinite values; a control that is
// missing somewhere or does not vary before the event (named). FAILED_
// PRECONDITION: no period before or after with a value, too few before for the
// states and controls, an outcome that does not vary.
absl::Status CheckInput(const CounterfactualInput& input,
                        const StructuralForm& form);

// The first `periods` of it, of which `before` come before the event.
CounterfactualInput Part(const CounterfactualInput& input, Eigen::Index before,
                         Eigen::Index periods);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_INPUT_H_
