// What a source is: a plugin with its configuration and limits. Value types.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "daemon/ingest/source/limits.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// A plugin as a pipeline uses it.
struct Source {
  std::string name;
  std::string plugin;
  // Options by their name.
  std::map<std::string, std::string> config;
  Limits limits;
  DocumentPolicy documents;
};

struct PluginInfo {
  std::string name;
  std::string path;
  // SHA-256 of the executable, in hexadecimal.
  std::string hash;
  plugin::v1::Description description;
  // Not OK: why the plugin cannot be used.
  absl::Status status;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_SOURCE_H_
