// headway impact: what an event did, from a table, without a daemon.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// impact
void AddImpactCommand(CLI::App& app, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_IMPACT_COMMANDS_H_
