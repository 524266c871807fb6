// What --method did of headway impact is told, and its parts.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_DIFFERENCE_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_DIFFERENCE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/covariance.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"

namespace headway::cli {

// "" where not given.
struct DifferenceOptions {
  std::string group;
  std::string post;
  std::string treat;
  std::string covariates;
  std::string cluster;
  std::string estimator;
  std::string controls;  // never, if not given
  std::string covariance;
  std::string cs_estimator;  // dr, if not given
};

// The columns of a list. NOT_FOUND names `option` and the nearest.
absl::StatusOr<std::vector<std::string>> ColumnNames(const DataTable& table,
                                                     const std::string& list,
                                                     const char* option);

Estimate ToEstimate(const evidence::CoefficientTest& test);

// Units by periods, and when each is first treated: a place in the panel's
// periods, or evidence::kNeverTreated.
struct Staggered {
  Panel panel;
  std::vector<int> first_treated;
};

// INVALID_ARGUMENT or NOT_FOUND: a unit with two first periods, one that is
// between two periods of the table or none at all, and what ImpactPanel says.
absl::StatusOr<Staggered> ReadStaggered(const DataTable& table,
                                        const ImpactOptions& impact,
                                        const DifferenceOptions& options);

// Two dummies and their product, on rows that need be no panel.
absl::StatusOr<Report> RunDummies(const DataTable& table,
                                  const ImpactOptions& impact,
                                  const DifferenceOptions& options);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_DIFFERENCE_OPTIONS_H_
