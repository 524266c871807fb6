// headway store: what operators do with the data directory. The parts of the
// group, each in a file of its own.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_

#include "tools/headway/app.h"

namespace headway::cli {

// stats, verify, compact, backup, backups, delete-backup
void AddStoreMaintenanceCommands(CLI::App& store, Context& context);
// restore
void AddStoreRestoreCommand(CLI::App& store, Context& context);
// export, import
void AddStoreTransferCommands(CLI::App& store, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_COMMANDS_H_
