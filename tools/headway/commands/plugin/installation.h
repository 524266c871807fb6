// Copies plugins into a directory of plugins, and notes what was approved.
//
// Errors name the file and the remedy. Not thread-safe.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_INSTALLATION_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_INSTALLATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/manifest.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/source/source.h"

namespace headway::cli {

// A file that is to be installed.
struct InstalledFile {
  std::string path;
  std::string hash;
  // The directory has another one of that name.
  bool replaces = false;
};

struct Installation {
  std::string directory;
  // Each of which has described itself.
  std::vector<ingest::PluginInfo> plugins;
  // By place in `plugins`: the version that was approved before, or "".
  std::vector<std::string> versions_before;
  // What they use beside them, not executable.
  std::vector<InstalledFile> modules;
  ingest::Manifest manifest;
};

// Looks at a plugin and the Python modules that it imports from beside it, or
// at a directory: every executable is a plugin, every other file a module.
// Changes nothing.
absl::StatusOr<Installation> PlanInstallation(
    const std::string& path, const std::string& directory,
    const ingest::Isolation* isolation, Clock* clock);

// FAILED_PRECONDITION if a plugin is older than the one that was approved.
absl::Status CheckNoDowngrade(const Installation& installation);

// Copies the files, each whole or not at all, and writes the manifest. ABORTED
// if a file was changed since it was looked at.
absl::Status Install(Installation installation);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_INSTALLATION_H_
