#include "tools/bench/rpc/daemon.h"

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"

namespace headway::bench {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

absl::Status MakeDirectories(const std::string& directory) {
  std::error_code error;
  for (const char* name : {"data", "pipelines", "plugins"}) {
    std::filesystem::create_directories(absl::StrCat(directory, "/", name),
                                        error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make ", directory, "/", name, " (",
                       error.message(), "); choose another with --dir"));
    }
  }
  return absl::OkStatus();
}

// The rest of the next line of output that begins so.
absl::StatusOr<std::string> ReadAfter(absl::string_view beginning,
                                      ChildProcess& process) {
  while (true) {
    ASSIGN_OR_RETURN(const std::string line, process.ReadLine(kStartPatience));
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, beginning)) return std::string(rest);
  }
}

absl::Status WriteText(const std::string& path, absl::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(),
                                      error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const Options& options) {
  ASSIGN_OR_RETURN(const std::string program, ProgramBesideThis("headwayd"));
  const std::string& directory = options.directory;
  RETURN_IF_ERROR(MakeDirectories(directory));
  const std::string log = directory + "/log";
  ASSIGN_OR_RETURN(
      std::unique_ptr<ChildProcess> process,
      ChildProcess::Start(
          program,
          {"--data-dir", directory + "/data", "--pipelines",
           directory + "/pipelines", "--plugins", directory + "/plugins",
           "--http", "127.0.0.1:0", "--listen",
           options.over_unix ? absl::StrCat("unix:", directory, "/socket")
                             : "127.0.0.1:0"},
          log));
  auto address = ReadAfter("listening on ", *process);
  auto http = address.ok() ? ReadAfter("dashboard at http://", *process)
                           : address.status();
  if (!http.ok()) return Annotate(http.status(), "headwayd did not start");
  return std::unique_ptr<Daemon>(
      new Daemon(std::move(process), *std::move(address),
                 std::string(absl::StripSuffix(*http, "/"))));
}

absl::Status Daemon::Stop(absl::Duration patience) {
  if (process_->Stop(patience)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("headwayd still runs ", absl::FormatDuration(patience),
                   " after SIGTERM"));
}

absl::Status WriteDefinitions(const std::string& directory,
                              const std::string& file, absl::string_view text) {
  return WriteText(absl::StrCat(directory, "/pipelines/", file), text);
}

absl::Status WritePlugin(const std::string& directory, const std::string& name,
                         absl::string_view script) {
  const std::string path = absl::StrCat(directory, "/plugins/", name);
  RETURN_IF_ERROR(WriteText(path, script));
  std::error_code error;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return error ? absl::InternalError(absl::StrCat(path, ": ", error.message()))
               : absl::OkStatus();
}

}  // namespace headway::bench
