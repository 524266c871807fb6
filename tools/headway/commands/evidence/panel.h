// Units by periods, from a table with a row for every unit and period (long),
// or one with a row for every period and a column for every unit (wide).
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PANEL_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PANEL_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/headway/commands/evidence/data_table.h"
#include "tools/headway/commands/evidence/input_options.h"
#include "tools/headway/commands/evidence/time_axis.h"

namespace headway::cli {

// What of a table a panel is made of, besides its input options.
struct PanelChoice {
  // The units that are studied, and lists as the options have them: all others
  // or --controls alone; --exclude. "" where not given.
  std::string treated;
  std::string controls;
  std::string exclude;
  // Refuse a unit with a missing outcome (the usual), or drop it and say so; or
  // keep it, NaN in the outcome.
  enum class Incomplete { kRefuse, kDrop, kKeep };
  Incomplete incomplete = Incomplete::kRefuse;
};

struct Panel {
  // Treated units first, then the controls in the table's order.
  std::vector<std::string> units;
  size_t treated = 0;
  // Those within --from and --to.
  std::vector<std::string> periods;
  // [unit, period]; NaN where there is no value.
  Eigen::MatrixXd outcome;
  std::string outcome_name;
  // What was left out and why, and what is odd.
  std::vector<std::string> notes;

  // What it was made from, for further columns: the whole axis, of which
  // `periods` begin at `first_period`.
  TimeAxis axis;
  size_t first_period = 0;

  size_t controls() const { return units.size() - treated; }
};

// INVALID_ARGUMENT or NOT_FOUND: a column, unit or period that is not there, a
// unit both treated and control, two rows of one unit and period, a missing
// outcome (named by unit and period), no control left.
absl::StatusOr<Panel> MakePanel(const DataTable& table,
                                const InputOptions& input,
                                const PanelChoice& choice);

// Another column of a long table, [unit of the panel, period of the whole
// axis]; NaN where missing. FAILED_PRECONDITION for a wide table, where the
// outcome alone is there.
absl::StatusOr<Eigen::MatrixXd> PanelColumn(const DataTable& table,
                                            const InputOptions& input,
                                            const Panel& panel,
                                            absl::string_view column,
                                            absl::string_view option);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_PANEL_H_
