#include "daemon/ingest/plugin/ready_source.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/egress/address.h"
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
          source.Subject(), ": plugin ", description.name(),
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
              source.Subject(), ": plugin ", description.name(),
              " has no option ", Quote(name), DidYouMean(name, names))),
          name);
    }
  }
  return complete;
}

absl::StatusOr<Access> AccessOf(const plugin::v1::Description& description,
                                const Source& source) {
  Access access;
  for (const std::string& text : description.hosts()) {
    absl::StatusOr<HostRule> rule = ParseHostRule(text);
    if (!rule.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("plugin ", description.name(),
                       ", describe: hosts: ", rule.status().message()));
    }
    access.hosts.push_back(*std::move(rule));
  }
  for (const std::string& text : source.allow_hosts) {
    absl::StatusOr<HostRule> rule = ParseHostRule(text);
    if (!rule.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          source.Subject(), ": allow_host: ", rule.status().message()));
    }
    rule->may_be_private = true;
    access.hosts.push_back(*std::move(rule));
  }
  for (const plugin::v1::ConfigField& field : description.config()) {
    const auto given = source.config.find(field.name());
    if (field.kind() == plugin::v1::ConfigField::TEXT ||
        given == source.config.end()) {
      continue;
    }
    const std::string& value = given->second;
    // What the plugin says by default is no word of the operator's.
    const bool by_operator = value != field.default_value();
    if (std::optional<HostRule> rule = HostOfUrl(value)) {
      // Where an operator writes down an address of this machine or network, it
      // is meant. What a name leads to is for others to say.
      rule->may_be_private =
          by_operator && (rule->host == "localhost" ||
                          ParseAddress(rule->host, 0).has_value());
      access.hosts.push_back(*std::move(rule));
    } else if (by_operator && (absl::StartsWith(value, "file://") ||
                               field.kind() == plugin::v1::ConfigField::PATH)) {
      const std::optional<std::string> path = PathOfUrl(value);
      if (path.has_value()) access.readable.push_back(*path);
    }
  }
  return access;
}

namespace {

// Those that the source names and the plugin does not declare itself.
absl::Status AddSecretsOfSource(const Source& source,
                                std::vector<Secret>* secrets) {
  for (const std::string& name : source.secrets) {
    const bool is_there =
        std::any_of(secrets->begin(), secrets->end(),
                    [&](const Secret& secret) { return secret.name == name; });
    if (is_there) continue;
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      return absl::FailedPreconditionError(absl::StrCat(
          source.Subject(), ": secret ", Quote(name),
          ": the environment variable is not set; set it for the daemon and "
          "start it again"));
    }
    secrets->push_back({name, value});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReadySource> MakeReady(const PluginInfo& plugin,
                                      const Source& source,
                                      const Isolation* isolation) {
  ReadySource ready;
  ready.plugin = plugin;
  ASSIGN_OR_RETURN(ready.source, CompleteConfig(plugin.description, source));
  ready.isolation = isolation;
  ASSIGN_OR_RETURN(Access access, AccessOf(plugin.description, ready.source));
  ready.readable = std::move(access.readable);
  ready.hosts = std::move(access.hosts);
  for (const auto& secret : plugin.description.secrets()) {
    const char* value = std::getenv(secret.name().c_str());
    if (value != nullptr && *value != '\0') {
      ready.secrets.push_back({secret.name(), value});
    } else if (secret.required()) {
      return absl::FailedPreconditionError(absl::StrCat(
          source.Subject(), ": plugin ", plugin.name,
          " needs the environment variable ", secret.name(),
          secret.description().empty() ? "" : ": ", secret.description(),
          "; set it for the daemon and start it again"));
    }
  }
  RETURN_IF_ERROR(AddSecretsOfSource(source, &ready.secrets));
  return ready;
}

std::vector<std::string> MissingSecretsOf(
    const plugin::v1::Description& description) {
  std::vector<std::string> missing;
  for (const auto& secret : description.secrets()) {
    const char* value = std::getenv(secret.name().c_str());
    const bool is_set = value != nullptr && *value != '\0';
    if (secret.required() && !is_set) missing.push_back(secret.name());
  }
  return missing;
}

absl::Status ForSource(const absl::Status& status, const ReadySource& ready) {
  return Annotate(status, ready.source.Subject());
}

}  // namespace headway::ingest
