#include "daemon/ingest/plugin/verbs.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/protocol/validation.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

Limits DescribeLimits() {
  Limits limits;
  limits.wall_time = absl::Seconds(30);
  limits.cpu_time = absl::Seconds(20);
  limits.output_bytes = int64_t{1} << 20;
  return limits;
}

absl::Status WrongAnswer(absl::string_view verb, absl::string_view wanted) {
  return absl::InternalError(
      absl::StrCat(verb, " answers with ", wanted, " and nothing else"));
}

// Runs a verb whose answer is exactly one message.
absl::StatusOr<PluginMessage> Ask(const Invocation& invocation,
                                  PluginMessage::MessageCase wanted,
                                  absl::string_view wanted_name,
                                  const std::function<bool()>& cancelled) {
  std::optional<PluginMessage> answer;
  Listener listener;
  listener.cancelled = cancelled;
  listener.on_message = [&](const PluginMessage& message) {
    if (message.message_case() != wanted || answer.has_value()) {
      return WrongAnswer(invocation.verb, wanted_name);
    }
    answer = message;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Converse(invocation, listener).status());
  if (answer.has_value()) return *std::move(answer);
  return absl::InternalError(
      absl::StrCat("plugin ", invocation.plugin, ", ", invocation.verb,
                   ": it ended without an answer; ", invocation.verb,
                   " answers with ", wanted_name));
}

}  // namespace

plugin::v1::Request NewRequest(absl::Time now) {
  plugin::v1::Request request;
  request.set_protocol_version(kProtocolVersion);
  const int64_t micros = absl::ToUnixMicros(now);
  request.mutable_now()->set_seconds(micros / 1000000);
  request.mutable_now()->set_nanos(static_cast<int32_t>(micros % 1000000) *
                                   1000);
  return request;
}

Invocation Invoke(const ReadySource& ready, absl::string_view verb,
                  absl::Time now) {
  Invocation invocation;
  invocation.plugin = ready.plugin.name;
  invocation.path = ready.plugin.path;
  invocation.verb = std::string(verb);
  invocation.request = NewRequest(now);
  invocation.request.set_source(ready.source.name);
  for (const auto& [name, value] : ready.source.config) {
    (*invocation.request.mutable_config())[name] = value;
  }
  invocation.secrets = ready.secrets;
  invocation.limits = ready.source.limits;
  invocation.environment = ready.environment;
  invocation.isolation = ready.surroundings.isolation;
  invocation.readable = ready.readable;
  invocation.hosts = ready.hosts;
  invocation.limits_of_hosts = ready.limits;
  invocation.quotas = ready.surroundings.quotas;
  return invocation;
}

absl::StatusOr<plugin::v1::Description> Describe(const std::string& name,
                                                 const std::string& path,
                                                 const Isolation* isolation,
                                                 Clock* clock) {
  Invocation invocation;
  invocation.plugin = name;
  invocation.path = path;
  invocation.verb = "describe";
  invocation.request = NewRequest(clock->Now());
  invocation.limits = DescribeLimits();
  invocation.isolation = isolation;
  ASSIGN_OR_RETURN(
      PluginMessage answer,
      Ask(invocation, PluginMessage::kDescription, "one description", {}));
  absl::Status valid = ValidateDescription(answer.description(), name);
  if (!valid.ok()) {
    return Redactor().Clean(
        Annotate(valid, absl::StrCat("plugin ", name, ", describe")));
  }
  return std::move(*answer.mutable_description());
}

absl::StatusOr<plugin::v1::CheckResult> RunCheck(
    const ReadySource& ready, Clock* clock,
    const std::function<bool()>& cancelled) {
  absl::StatusOr<PluginMessage> answer =
      Ask(Invoke(ready, "check", clock->Now()), PluginMessage::kCheck,
          "one check result", cancelled);
  if (!answer.ok()) return ForSource(answer.status(), ready);
  plugin::v1::CheckResult result = std::move(*answer->mutable_check());
  result.set_message(MakeRedactor(ready.secrets).Clean(result.message()));
  return result;
}

absl::StatusOr<std::vector<series::SeriesInfo>> RunDiscover(
    const ReadySource& ready, Clock* clock) {
  std::vector<series::SeriesInfo> found;
  const int64_t max_series = ready.source.limits.max_series;
  Listener listener;
  listener.on_message = [&](const PluginMessage& message) {
    if (message.message_case() != PluginMessage::kSeries) {
      return WrongAnswer("discover", "series");
    }
    ASSIGN_OR_RETURN(series::SeriesInfo info, ToSeriesInfo(message.series()));
    if (static_cast<int64_t>(found.size()) >= max_series) {
      return absl::InternalError(
          absl::StrCat("there are more than the ", max_series,
                       " series the source is allowed; raise max_series in "
                       "its limits"));
    }
    found.push_back(std::move(info));
    return absl::OkStatus();
  };
  absl::Status status =
      Converse(Invoke(ready, "discover", clock->Now()), listener).status();
  if (!status.ok()) return ForSource(status, ready);
  return found;
}

}  // namespace headway::ingest
