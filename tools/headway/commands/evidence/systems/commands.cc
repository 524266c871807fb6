#include "tools/headway/commands/evidence/systems/commands.h"

#include "CLI/CLI.hpp"

namespace headway::cli {
void AddSystemCommands(CLI::App& app, Context& context) {
  CLI::App* test = app.add_subcommand(
      "test", "Test a hypothesis on the columns of a table, without a daemon");
  test->require_subcommand(1);
  AddGrangerCommand(*test, context);
  AddVarCommand(*test, context);
  AddScenarioCommand(app, context);
  AddNowcastCommand(app, context);
}

}  // namespace headway::cli
