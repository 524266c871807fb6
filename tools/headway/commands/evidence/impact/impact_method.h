// The methods of headway impact: each is a file that adds its options and runs.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_IMPACT_METHOD_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_IMPACT_METHOD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/headway/commands/evidence/data_table.h"
#include "tools/headway/commands/evidence/input_options.h"
#include "tools/headway/commands/evidence/panel.h"
#include "tools/headway/commands/evidence/report.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace headway::cli {

// What all methods are told. "" where not given.
struct ImpactOptions {
  InputOptions input;
  std::string treated;
  std::string controls;
  std::string exclude;
  bool drop_incomplete = false;
  // The first treated period.
  std::string at;
  std::string method;
  // Of intervals, in percent.
  double level = 95;
  uint64_t seed = 1;
  // Of a bootstrap or a simulation; 0 is the method's own number.
  int replications = 0;
};

// The panel as the options have it; a method that can do with gaps says so.
absl::StatusOr<Panel> ImpactPanel(
    const DataTable& table, const ImpactOptions& options,
    PanelChoice::Incomplete incomplete = PanelChoice::Incomplete::kRefuse);

// How many of the panel's periods come before --at. INVALID_ARGUMENT: --at is
// not given or no period of the panel, or leaves none before it.
absl::StatusOr<size_t> PeriodsBefore(const Panel& panel,
                                     const ImpactOptions& options);

struct ImpactMethod {
  // As --method takes it.
  std::string name;
  // For the help: "synthetic control (Abadie, …)".
  std::string summary;
  // Those that are its own; options that other methods take, too, are in the
  // lists of each of them.
  std::vector<CLI::Option*> options;
  std::function<absl::StatusOr<Report>(const DataTable&, const ImpactOptions&)>
      run;
};

// In the order of the help. What a method's options are read into lives as long
// as its `run`.
std::vector<ImpactMethod> AddImpactMethods(CLI::App& command);

// synth, sdid
std::vector<ImpactMethod> AddSyntheticMethods(CLI::App& command);

// did
std::vector<ImpactMethod> AddDifferenceMethods(CLI::App& command);

// bsts, structural
std::vector<ImpactMethod> AddStructuralMethods(CLI::App& command);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_IMPACT_METHOD_H_
