// headway plugins, headway plugin …: plugins as their authors and operators see
// them. Each function adds a command, which leaves what it is to do in
// Context::action.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// plugins, and the group `plugin`, made of the parts below.
void AddPluginCommands(CLI::App& app, Context& context);

// install
void AddPluginInstall(CLI::App& plugin, Context& context);
// new
void AddPluginNew(CLI::App& plugin, Context& context);
// run
void AddPluginRun(CLI::App& plugin, Context& context);
// test
void AddPluginTest(CLI::App& plugin, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_COMMANDS_H_
