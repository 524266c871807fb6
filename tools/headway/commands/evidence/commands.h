// Commands that weigh evidence in a table, without a daemon.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// All of them, made of the parts below.
void AddEvidenceCommands(CLI::App& app, Context& context);

// impact
void AddImpactCommand(CLI::App& app, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_COMMANDS_H_
