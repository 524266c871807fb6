// A report as a chart.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PLOT_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PLOT_H_

#include <string>

#include "absl/status/status.h"
#include "tools/headway/commands/evidence/report.h"

namespace headway::cli {

// Writes an SVG of the report's periods: what was observed and what would have
// been, and the effect, with the effects of its placebos. FAILED_PRECONDITION:
// the report has no periods.
absl::Status PlotReport(const Report& report, const std::string& path);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PLOT_H_
