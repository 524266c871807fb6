#include "tools/headway/store_commands.h"

#include "CLI/CLI.hpp"

namespace headway::cli {

void AddStoreCommands(CLI::App& app, Context& context) {
  CLI::App* store = app.add_subcommand("store", "Work with the data directory");
  store->require_subcommand(1);
  store->fallthrough();
  AddStoreTransferCommands(*store, context);
}

}  // namespace headway::cli
