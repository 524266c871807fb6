// The runs of headway impact --method bsts and structural.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_RUNS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_RUNS_H_

#include "absl/status/statusor.h"
#include "tools/headway/commands/evidence/impact/structural_input.h"

namespace headway::cli {

absl::StatusOr<Report> RunBsts(const DataTable& table,
                               const ImpactOptions& options,
                               const StructuralMethodOptions& method);

absl::StatusOr<Report> RunStructural(const DataTable& table,
                                     const ImpactOptions& options,
                                     const StructuralMethodOptions& method);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_STRUCTURAL_RUNS_H_
