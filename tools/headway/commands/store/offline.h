// The store of a daemon that is stopped, for commands with --data-dir.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/problem.h"
#include "daemon/store/upkeep/verify.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace headway::cli {

// --data-dir, into `data_dir`, which must outlive the parsing.
CLI::Option* AddDataDir(CLI::App& command, std::string* data_dir);

// Opens the store in the directory, and makes none: NOT_FOUND. `clock` must
// outlive it. UNAVAILABLE: a daemon runs on the directory.
absl::StatusOr<std::unique_ptr<store::Store>> OpenStopped(
    const std::string& data_dir, Clock* clock);

// Checks the store that is there, also one that damage keeps from being opened.
// Errors say when a daemon holds it.
absl::StatusOr<store::VerifyCounts> VerifyStopped(
    const std::string& data_dir, const store::ProblemSink& sink);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_STORE_OFFLINE_H_
