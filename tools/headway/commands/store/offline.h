// The store of a daemon that is stopped, for commands with --data-dir.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/store.h"

namespace headway::cli {

// Opens the store that is there and makes none. `clock` must outlive it. Errors
// say when a daemon holds it.
absl::StatusOr<std::unique_ptr<store::Store>> OpenStopped(
    const std::string& data_dir, Clock* clock);

// The engine under it, which can also be opened where damage keeps the store
// from it.
absl::StatusOr<std::unique_ptr<store::RocksEngine>> OpenStoppedEngine(
    const std::string& data_dir);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_
