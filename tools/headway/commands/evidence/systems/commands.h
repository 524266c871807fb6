// Commands about several series at once: who leads, how shocks travel, what
// follows given a path, and what the present quarter is.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// All of them.
void AddSystemCommands(CLI::App& app, Context& context);

// test granger, test var
void AddGrangerCommand(CLI::App& test, Context& context);
void AddVarCommand(CLI::App& test, Context& context);
// scenario
void AddScenarioCommand(CLI::App& app, Context& context);
// nowcast
void AddNowcastCommand(CLI::App& app, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_COMMANDS_H_
