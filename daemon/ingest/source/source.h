// What a source or a model is: a plugin with its configuration and limits.
// Value types.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/ingest/source/limits.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// Whether the numbers of a source may be shown to others than operators.
enum class Sharing { kAsPublisher, kAllowed, kForbidden };

// A plugin as a pipeline uses it.
struct Source {
  std::string name;
  std::string plugin;
  // Options by their name.
  std::map<std::string, std::string> config;
  // Hosts that the operator lets it reach, besides those that the plugin
  // declares: "HOST" or "HOST:PORT", private ones too.
  std::vector<std::string> allow_hosts = {};
  // Environment variables that the operator lets it have as secrets, besides
  // those that the plugin declares.
  std::vector<std::string> secrets = {};
  Limits limits;
  DocumentPolicy documents;
  Sharing sharing = Sharing::kAsPublisher;
  // Whose values are read where several sources write one series.
  int64_t precedence = 0;
  // Stores also what looks wrong (pull/suspicion.h).
  bool accept_suspicious = false;
  // The source whose place it takes: what that one delivered is withdrawn once
  // this one was pulled. "" if none.
  std::string replaces;
  // It serves as a forecasting model: it is named by what is forecast, and
  // delivers nothing to the store.
  bool is_model = false;

  // "source rain", for errors.
  std::string Subject() const {
    return absl::StrCat(is_model ? "model of " : "source ", name);
  }
};

// What the manifest of its directory says of a plugin's executable.
enum class Approval {
  kNoManifest,  // there is none: nobody approves plugins here
  kApproved,
  kChanged,     // it names another executable
  kUnapproved,  // it does not name the plugin
};

struct PluginInfo {
  std::string name;
  std::string path;
  // SHA-256 of the executable, in hexadecimal.
  std::string hash;
  plugin::v1::Description description;
  // As of when it was asked for.
  Approval approval = Approval::kNoManifest;
  // Not OK: why the plugin cannot be used.
  absl::Status status;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_
