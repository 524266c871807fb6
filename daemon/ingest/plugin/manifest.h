// The manifest of a directory of plugins: which executables, and which modules
// beside them, the operator has approved.
//
// The file `plugins.sha256` in the directory, as sha256sum writes and checks it
// (`sha256sum -c plugins.sha256`): "HASH  FILE", with "# FILE version VERSION"
// before each plugin.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_MANIFEST_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_MANIFEST_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/source/source.h"

namespace headway::ingest {

class Manifest {
 public:
  struct Entry {
    // SHA-256 in hexadecimal.
    std::string hash;
    // Of a plugin; "" of a module.
    std::string version;
  };

  // Absent where the directory has none. INVALID_ARGUMENT names a line that is
  // none; FAILED_PRECONDITION if it cannot be read.
  static absl::StatusOr<std::optional<Manifest>> Read(
      const std::string& directory);

  // Null if it does not name the file.
  const Entry* Find(absl::string_view file) const;
  void Set(absl::string_view file, Entry entry);
  // Whole or not at all. PERMISSION_DENIED if it cannot be written.
  absl::Status Write(const std::string& directory) const;

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

// What the manifest beside `plugin` says of its executable.
Approval ApprovalOf(const PluginInfo& plugin);
// OK if it was approved; else FAILED_PRECONDITION with what to do.
absl::Status CheckApproved(const PluginInfo& plugin);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_MANIFEST_H_
