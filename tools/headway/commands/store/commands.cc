#include "tools/headway/commands/store/commands.h"

#include "CLI/CLI.hpp"
#include "tools/headway/base/context.h"

namespace headway::cli {

void AddStoreCommands(CLI::App& app, Context& context) {
  CLI::App* store = app.add_subcommand(
      "store", "Check, back up, restore, export and import what is kept");
  store->require_subcommand(1);
  store->fallthrough();
  AddStoreMaintenanceCommands(*store, context);
  AddStoreRestampCommand(*store, context);
  AddStoreRestoreCommand(*store, context);
  AddStoreTransferCommands(*store, context);
}

}  // namespace headway::cli
