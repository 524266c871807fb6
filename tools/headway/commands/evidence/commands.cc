#include "tools/headway/commands/evidence/commands.h"

namespace headway::cli {

void AddEvidenceCommands(CLI::App& app, Context& context) {
  AddImpactCommand(app, context);
}

}  // namespace headway::cli
