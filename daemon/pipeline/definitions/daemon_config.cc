#include "daemon/pipeline/definitions/daemon_config.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/source/contact.h"
#include "daemon/pipeline/definitions/text/text_file.h"

namespace headway::pipeline {
namespace {

using config::v1::DaemonConfig;

absl::Status ErrorAt(const std::string& path, Place place,
                     absl::string_view message) {
  if (place.line == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", message));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", place.line, ":", place.column, ": ", message));
}

}  // namespace

DaemonConfig DefaultDaemonConfig() {
  DaemonConfig config;
  config.set_worker_threads(4);
  config.set_max_concurrent_requests(256);
  config.set_max_concurrent_runs(2);
  config.set_keep_runs_days(400);
  config.set_keep_backups(7);
  config.set_max_clock_gap_days(30);
  config.set_keep_log_bytes(int64_t{1} << 30);
  config.set_plugin_first_user(1900000000);
  config.set_plugin_user_count(256);
  return config;
}

absl::StatusOr<DaemonConfig> ReadDaemonConfig(const std::string& path) {
  DaemonConfig file;
  google::protobuf::TextFormat::ParseInfoTree tree;
  const std::optional<TextFileError> error = ReadTextFile(path, &file, &tree);
  if (error.has_value()) return ErrorAt(path, error->place, error->message);
  const Locator locator(&file, &tree, Place{});
  const auto check = [&](const char* field, int64_t value,
                         int64_t most) -> absl::Status {
    if (value >= 0 && value <= most) return absl::OkStatus();
    return ErrorAt(path, locator.Find({field}),
                   absl::StrCat(field, " must be 1 to ", most, ", is ", value));
  };
  RETURN_IF_ERROR(check("worker_threads", file.worker_threads(), 256));
  RETURN_IF_ERROR(check("max_concurrent_requests",
                        file.max_concurrent_requests(), 1000000));
  RETURN_IF_ERROR(check("max_concurrent_runs", file.max_concurrent_runs(), 64));
  RETURN_IF_ERROR(check("keep_runs_days", file.keep_runs_days(), 100000));
  RETURN_IF_ERROR(
      check("thin_forecasts_days", file.thin_forecasts_days(), 100000));
  RETURN_IF_ERROR(check("keep_backups", file.keep_backups(), 10000));
  RETURN_IF_ERROR(
      check("keep_log_bytes", file.keep_log_bytes(), int64_t{1} << 40));
  RETURN_IF_ERROR(
      check("max_clock_gap_days", file.max_clock_gap_days(), 36500));
  RETURN_IF_ERROR(check("plugin_first_user", file.plugin_first_user(),
                        (int64_t{1} << 32) - 100000));
  RETURN_IF_ERROR(check("plugin_user_count", file.plugin_user_count(), 65536));
  if (absl::Status contact = ingest::CheckContact(file.contact());
      !contact.ok()) {
    return ErrorAt(path, locator.Find({"contact"}),
                   absl::StrCat("contact: ", contact.message()));
  }
  // A number that is not in the file reads as 0 and replaces nothing.
  DaemonConfig config = DefaultDaemonConfig();
  config.MergeFrom(file);
  return config;
}

}  // namespace headway::pipeline
