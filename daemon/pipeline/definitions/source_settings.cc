#include "daemon/pipeline/definitions/source_settings.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "google/protobuf/duration.pb.h"

namespace headway::pipeline {
namespace {

// A document is held in memory whole, several times over, while it is stored.
constexpr int64_t kMaxDocumentBytes = int64_t{256} << 20;
constexpr absl::string_view kDirectoryVariable = "${PIPELINES_DIR}";

// Takes a value over the default in `to`; 0 is absent.
template <typename From, typename To>
absl::Status Take(absl::string_view what, From from, To& to) {
  if (from == 0) return absl::OkStatus();
  if (from < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " ", from, " is negative; leave it out for the default, ", to));
  }
  to = from;
  return absl::OkStatus();
}
absl::Status Take(absl::string_view what,
                  const google::protobuf::Duration& from, absl::Duration& to) {
  const absl::Duration duration =
      absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
  if (duration == absl::ZeroDuration()) return absl::OkStatus();
  if (duration < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " ", absl::FormatDuration(duration),
                     " is negative; leave it out for the default, ",
                     absl::FormatDuration(to)));
  }
  to = duration;
  return absl::OkStatus();
}

absl::Status TakeDays(absl::string_view what, int32_t from,
                      absl::Duration& to) {
  int64_t days = to / absl::Hours(24);
  RETURN_IF_ERROR(Take(what, from, days));
  to = days * absl::Hours(24);
  return absl::OkStatus();
}

absl::Status CheckMost(absl::string_view what, int64_t value, int64_t most) {
  if (value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " ", value, " is more than ", most, ", the most"));
}

// A variable that the daemon sets for plugins, or that changes how programs
// run, is no secret.
absl::Status CheckSecretName(absl::string_view name) {
  const bool is_name =
      !name.empty() && absl::ascii_isupper(name[0]) &&
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
          absl::string_view::npos;
  if (!is_name) {
    return absl::InvalidArgumentError(absl::StrCat(
        "secret \"", name,
        "\" is no name of an environment variable: capitals, digits and _, as "
        "in FRED_API_KEY; the secret itself does not belong here"));
  }
  const bool is_taken =
      name == "PATH" || name == "HOME" || name == "LANG" || name == "TZ" ||
      name == "TMPDIR" || absl::StartsWith(name, "LD_") ||
      absl::StartsWith(name, "LC_") || absl::StartsWith(name, "HEADWAY_") ||
      absl::StartsWith(name, "PYTHON") || absl::EndsWith(name, "_PROXY");
  if (!is_taken) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "secret \"", name,
      "\" is a variable that says how programs run, and no secret; give the "
      "secret another name"));
}

ingest::Sharing ToSharing(config::v1::Sharing sharing) {
  switch (sharing) {
    case config::v1::SHARING_ALLOWED:
      return ingest::Sharing::kAllowed;
    case config::v1::SHARING_FORBIDDEN:
      return ingest::Sharing::kForbidden;
    default:
      return ingest::Sharing::kAsPublisher;
  }
}

}  // namespace

std::vector<FieldError> TakeLimits(const config::v1::PluginLimits& config,
                                   ingest::Limits& limits) {
  std::vector<FieldError> errors;
  const auto take = [&](const char* field, const auto& from, auto& to) {
    if (const absl::Status status = Take(field, from, to); !status.ok()) {
      errors.push_back({{field}, std::string(status.message())});
    }
  };
  take("wall_time", config.wall_time(), limits.wall_time);
  take("cpu_time", config.cpu_time(), limits.cpu_time);
  take("memory_bytes", config.memory_bytes(), limits.memory_bytes);
  take("output_bytes", config.output_bytes(), limits.output_bytes);
  take("max_series", config.max_series(), limits.max_series);
  take("scratch_bytes", config.scratch_bytes(), limits.scratch_bytes);
  take("max_processes", config.max_processes(), limits.max_processes);
  return errors;
}

std::vector<FieldError> FillIn(
    const std::string& path,
    const google::protobuf::Map<std::string, std::string>& config,
    std::map<std::string, std::string>& filled) {
  std::error_code error;
  const std::string directory = std::filesystem::absolute(path, error)
                                    .parent_path()
                                    .lexically_normal()
                                    .string();
  std::vector<FieldError> errors;
  for (const auto& [key, value] : config) {
    const std::string text =
        absl::StrReplaceAll(value, {{kDirectoryVariable, directory}});
    filled[key] = text;
    const size_t left = text.find("${");
    if (left == std::string::npos) continue;
    const std::string variable =
        text.substr(left, text.find('}', left) - left + 1);
    errors.push_back(
        {{"config", key},
         absl::StrCat("option \"", key, "\" uses \"", variable, "\"; only ",
                      kDirectoryVariable, " is known")});
  }
  return errors;
}

std::vector<FieldError> TakeSettings(const config::v1::Source& config,
                                     Source& source) {
  std::vector<FieldError> errors;
  const auto check = [&](const char* message, const char* field,
                         const absl::Status& status) {
    if (status.ok()) return;
    errors.push_back({{message, field}, std::string(status.message())});
  };
  const auto take = [&](const char* message, const char* field,
                        const auto& from, auto& to) {
    check(message, field, Take(field, from, to));
  };
  take("retry", "max_attempts", config.retry().max_attempts(),
       source.retry.max_attempts);
  take("retry", "initial_backoff", config.retry().initial_backoff(),
       source.retry.initial_backoff);
  take("retry", "max_backoff", config.retry().max_backoff(),
       source.retry.max_backoff);

  for (FieldError& error : TakeLimits(config.limits(), source.source.limits)) {
    error.path.insert(error.path.begin(), "limits");
    errors.push_back(std::move(error));
  }
  source.source.allow_hosts.assign(config.allow_host().begin(),
                                   config.allow_host().end());
  for (const std::string& name : config.secret()) {
    if (const absl::Status status = CheckSecretName(name); !status.ok()) {
      errors.push_back({{"secret"}, std::string(status.message())});
    }
    source.source.secrets.push_back(name);
  }

  source.source.sharing = ToSharing(config.sharing());

  ingest::DocumentPolicy& documents = source.source.documents;
  documents.disabled = config.documents().disabled();
  check("documents", "keep_days",
        TakeDays("keep_days", config.documents().keep_days(), documents.keep));
  take("documents", "keep_bytes", config.documents().keep_bytes(),
       documents.keep_bytes);
  take("documents", "max_document_bytes",
       config.documents().max_document_bytes(), documents.max_document_bytes);
  check("documents", "max_document_bytes",
        CheckMost("max_document_bytes", documents.max_document_bytes,
                  kMaxDocumentBytes));
  take("documents", "max_pull_bytes", config.documents().max_pull_bytes(),
       documents.max_pull_bytes);
  return errors;
}

}  // namespace headway::pipeline
