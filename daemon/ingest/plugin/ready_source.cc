#include "daemon/ingest/plugin/ready_source.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/egress/address.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/source/contact.h"
#include "daemon/ingest/source/errors.h"

namespace headway::ingest {

namespace {

constexpr size_t kMaxLimits = 50;
constexpr int64_t kMostPerSecond = 1000;
constexpr int64_t kMostPerMinute = 60000;
constexpr int64_t kMostPerDay = 100000000;

// Whether the plugin itself names the host, at whatever port: among its hosts,
// or in what an option is by default.
bool DeclaresHost(const plugin::v1::Description& description,
                  absl::string_view host) {
  std::vector<HostRule> rules;
  for (const std::string& text : description.hosts()) {
    if (absl::StatusOr<HostRule> rule = ParseHostRule(text); rule.ok()) {
      rules.push_back(*rule);
    }
  }
  for (const plugin::v1::ConfigField& field : description.config()) {
    if (const auto rule = HostOfUrl(field.default_value())) {
      rules.push_back(*rule);
    }
  }
  return std::any_of(rules.begin(), rules.end(), [&](const HostRule& rule) {
    return FindRule({rule}, host, rule.port == 0 ? 443 : rule.port) != nullptr;
  });
}

absl::StatusOr<HostLimit> CheckLimit(const plugin::v1::Description& description,
                                     const plugin::v1::HostLimit& limit) {
  const auto wrong = [&](absl::string_view what) {
    return absl::FailedPreconditionError(
        absl::StrCat("plugin ", description.name(),
                     ", describe: limits: ", Quote(limit.host()), what));
  };
  const absl::StatusOr<HostRule> rule = ParseHostRule(limit.host());
  if (!rule.ok() || rule->port != 0 || absl::StartsWith(rule->host, "*")) {
    return wrong(" is not the name of one host, without a port");
  }
  if (!DeclaresHost(description, rule->host)) {
    return wrong(
        " is none of the hosts that the plugin declares; add it there");
  }
  HostLimit checked = {.host = rule->host,
                       .per_second = limit.requests_per_second(),
                       .per_minute = limit.requests_per_minute(),
                       .per_day = limit.requests_per_day()};
  if (checked.per_second < 0 || checked.per_second > kMostPerSecond ||
      checked.per_minute < 0 || checked.per_minute > kMostPerMinute ||
      checked.per_day < 0 || checked.per_day > kMostPerDay) {
    return wrong(absl::StrCat(": there may be up to ", kMostPerSecond,
                              " requests a second, ", kMostPerMinute,
                              " a minute and ", kMostPerDay, " a day"));
  }
  if (checked.per_second + checked.per_minute + checked.per_day == 0) {
    return wrong(
        " has no limit; give requests_per_second, requests_per_minute or "
        "requests_per_day");
  }
  return checked;
}

absl::StatusOr<std::vector<HostLimit>> LimitsOf(
    const plugin::v1::Description& description) {
  std::vector<HostLimit> limits;
  for (const plugin::v1::HostLimit& limit : description.limits()) {
    ASSIGN_OR_RETURN(HostLimit checked, CheckLimit(description, limit));
    for (const HostLimit& before : limits) {
      if (before.host == checked.host || limits.size() >= kMaxLimits) {
        return absl::FailedPreconditionError(
            absl::StrCat("plugin ", description.name(),
                         ", describe: limits: ", Quote(checked.host),
                         " comes twice, or there are more than ", kMaxLimits));
      }
    }
    limits.push_back(std::move(checked));
  }
  return limits;
}

// The variables of an execution that say who asks and where it may go.
absl::StatusOr<std::vector<std::string>> EnvironmentOf(
    const plugin::v1::Description& description, const Source& source,
    const std::string& configured) {
  std::string contact = configured;
  const char* of_process = std::getenv("HEADWAY_CONTACT");
  if (contact.empty() && of_process != nullptr) contact = of_process;
  std::vector<std::string> environment;
  if (!contact.empty()) {
    if (absl::Status status = CheckContact(contact); !status.ok()) {
      return Annotate(status, "HEADWAY_CONTACT");
    }
    environment.push_back(absl::StrCat("HEADWAY_CONTACT=", contact));
  } else if (description.needs_contact()) {
    return absl::FailedPreconditionError(absl::StrCat(
        source.Subject(), ": the publisher of plugin ", description.name(),
        " wants to know who asks; set HEADWAY_CONTACT for the daemon, or "
        "contact: \"…\" in the file given by --config, to an address of mail "
        "or of a page, and start it again"));
  }
  if (!source.allow_hosts.empty()) {
    environment.push_back(absl::StrCat("HEADWAY_ALLOW_HOSTS=",
                                       absl::StrJoin(source.allow_hosts, ",")));
  }
  return environment;
}

}  // namespace

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
  ASSIGN_OR_RETURN(access.limits, LimitsOf(description));
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
                                      const Surroundings& surroundings) {
  ReadySource ready;
  ready.plugin = plugin;
  ASSIGN_OR_RETURN(ready.source, CompleteConfig(plugin.description, source));
  ready.surroundings = surroundings;
  ASSIGN_OR_RETURN(Access access, AccessOf(plugin.description, ready.source));
  ready.readable = std::move(access.readable);
  ready.hosts = std::move(access.hosts);
  ready.limits = std::move(access.limits);
  ASSIGN_OR_RETURN(
      ready.environment,
      EnvironmentOf(plugin.description, ready.source, surroundings.contact));
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
