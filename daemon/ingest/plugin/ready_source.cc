#include "daemon/ingest/plugin/ready_source.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/source/errors.h"

namespace headway::ingest {

absl::StatusOr<Source> CompleteConfig(
    const plugin::v1::Description& description, const Source& source) {
  Source complete = source;
  std::vector<std::string> names;
  for (const auto& field : description.config()) {
    names.push_back(field.name());
    if (complete.config.contains(field.name())) continue;
    if (field.required()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "source ", source.name, ": plugin ", description.name(),
          " needs the option ", Quote(field.name()),
          field.description().empty() ? "" : " (", field.description(),
          field.description().empty() ? "" : ")"));
    }
    if (!field.default_value().empty()) {
      complete.config[field.name()] = field.default_value();
    }
  }
  for (const auto& [name, value] : source.config) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return WithOptionAtFault(
          absl::FailedPreconditionError(absl::StrCat(
              "source ", source.name, ": plugin ", description.name(),
              " has no option ", Quote(name), DidYouMean(name, names))),
          name);
    }
  }
  return complete;
}

absl::StatusOr<ReadySource> MakeReady(const PluginInfo& plugin,
                                      const Source& source) {
  ReadySource ready;
  ready.plugin = plugin;
  ASSIGN_OR_RETURN(ready.source, CompleteConfig(plugin.description, source));
  for (const auto& secret : plugin.description.secrets()) {
    const char* value = std::getenv(secret.name().c_str());
    if (value != nullptr && *value != '\0') {
      ready.secrets.push_back({secret.name(), value});
    } else if (secret.required()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "source ", source.name, ": plugin ", plugin.name,
          " needs the environment variable ", secret.name(),
          secret.description().empty() ? "" : ": ", secret.description(),
          "; set it for the daemon and start it again"));
    }
  }
  return ready;
}

absl::Status ForSource(const absl::Status& status, const ReadySource& ready) {
  return Annotate(status, absl::StrCat("source ", ready.source.name));
}

}  // namespace headway::ingest
