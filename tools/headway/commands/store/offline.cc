#include "tools/headway/commands/store/offline.h"

#include <filesystem>
#include <system_error>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::cli {
namespace {

absl::Status CheckHasStore(const std::string& data_dir) {
  std::error_code error;
  if (std::filesystem::exists(data_dir + "/CURRENT", error)) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat("there is no store in \"", data_dir,
                   "\"; give the --data-dir of a daemon that is stopped"));
}

// Says when a daemon holds it.
template <typename T>
absl::StatusOr<T> Explained(const std::string& data_dir,
                            absl::StatusOr<T> opened) {
  if (!absl::IsUnavailable(opened.status())) return opened;
  return absl::UnavailableError(absl::StrCat(
      "a running daemon holds ", data_dir,
      "; leave --data-dir out to have the daemon do it, or stop it first\n  (",
      opened.status().message(), ")"));
}

}  // namespace

CLI::Option* AddDataDir(CLI::App& command, std::string* data_dir) {
  return command
      .add_option("--data-dir", *data_dir,
                  "The data directory of a daemon that is stopped; without it "
                  "the daemon at --address does it")
      ->type_name("DIR");
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenStopped(
    const std::string& data_dir, Clock* clock) {
  RETURN_IF_ERROR(CheckHasStore(data_dir));
  return Explained(data_dir, store::Store::Open(data_dir, clock, {}));
}

absl::StatusOr<store::VerifyCounts> VerifyStopped(
    const std::string& data_dir, const store::ProblemSink& sink) {
  RETURN_IF_ERROR(CheckHasStore(data_dir));
  return Explained(data_dir, store::VerifyDirectory(data_dir, sink));
}

}  // namespace headway::cli
