// headway store: what operators do with the data directory.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// The whole group, made of the parts below.
void AddStoreCommands(CLI::App& app, Context& context);

// stats, verify, compact, backup, backups, delete-backup
void AddStoreMaintenanceCommands(CLI::App& store, Context& context);
// restamp
void AddStoreRestampCommand(CLI::App& store, Context& context);
// restore
void AddStoreRestoreCommand(CLI::App& store, Context& context);
// export, import
void AddStoreTransferCommands(CLI::App& store, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_
