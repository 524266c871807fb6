#include "daemon/ingest/sandbox/isolation.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/ingest/sandbox/launcher/report.h"
#include "daemon/ingest/sandbox/process.h"
#include "daemon/ingest/sandbox/system_calls.h"

namespace headway::ingest {
namespace {

constexpr absl::Duration kLongestProbe = absl::Seconds(20);

std::string FindLauncher() {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "";
  const std::filesystem::path here = self.parent_path();
  for (const std::filesystem::path& directory : {here, here.parent_path()}) {
    std::string path = (directory / kLauncherName).string();
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

}  // namespace

Isolation::Isolation(Options options)
    : options_(std::move(options)),
      users_(options_.first_user, options_.user_count) {}

std::unique_ptr<Isolation> Isolation::Probe(Options options) {
  std::unique_ptr<Isolation> isolation(new Isolation(std::move(options)));
  absl::StatusOr<std::string> filter = MakeSystemCallFilter();
  if (filter.ok()) {
    isolation->filter_ = *std::move(filter);
  } else {
    isolation->lacks_.push_back(
        {std::string(filter.status().message()),
         "use a kernel with seccomp, and a libseccomp that knows it"});
  }
  isolation->FindPrograms();
  return isolation;
}

void Isolation::FindPrograms() {
  if (::access(options_.bubblewrap.c_str(), X_OK) != 0) {
    lacks_.push_back(
        {absl::StrCat("there is no ", options_.bubblewrap,
                      ", so plugins run without namespaces: they can read "
                      "what the daemon's user can, and reach its network"),
         "install the package bubblewrap and start the daemon again"});
    return;
  }
  launcher_ = options_.launcher.empty() ? FindLauncher() : options_.launcher;
  if (launcher_.empty()) {
    lacks_.push_back({absl::StrCat("there is no ", kLauncherName,
                                   " beside this program, so plugins run "
                                   "without namespaces"),
                      "install Headway whole and start the daemon again"});
    return;
  }
  const bool is_root = ::geteuid() == 0;
  std::string why;
  if (is_root && Try(Level::kOwnUser, &why)) return;
  if (is_root) {
    lacks_.push_back(
        {absl::StrCat("plugins cannot run as users of their own: ", why),
         "give the daemon CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID and the "
         "user ids of plugin_first_user, or run it as an ordinary user"});
  }
  if (Try(Level::kNamespaces, &why)) return;
  lacks_.push_back(
      {absl::StrCat("bubblewrap cannot make namespaces, so plugins can read "
                    "what the daemon's user can, and reach its network: ",
                    why),
       "allow unprivileged user namespaces (kernel.unprivileged_userns_clone, "
       "user.max_user_namespaces, AppArmor's and the container's rules) and "
       "start the daemon again"});
}

bool Isolation::Try(Level level, std::string* why) {
  level_ = level;
  ProcessOptions options;
  options.path = "/usr/bin/true";
  options.wall_time = kLongestProbe;
  options.isolation = this;
  // With all that a plugin may have.
  options.hosts.push_back({.host = "localhost"});
  std::string said;
  ProcessObserver observer;
  observer.on_error_output = [&](absl::string_view bytes) {
    absl::StrAppend(&said, bytes);
  };
  const absl::StatusOr<ProcessResult> result = RunProcess(options, observer);
  if (result.ok() && result->end == ProcessEnd::kExited &&
      result->exit_status == 0) {
    return true;
  }
  level_ = Level::kLimits;
  *why = result.ok() ? std::string(absl::StripAsciiWhitespace(said))
                     : std::string(result.status().message());
  if (why->empty()) *why = "a program in it did not end well";
  return false;
}

absl::Status Isolation::CheckUsable() const {
  if (options_.mode != Mode::kRequire || lacks_.empty()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "plugins are not isolated on this machine as --plugin-isolation=require "
      "asks: ",
      absl::StrJoin(lacks_, "; ", [](std::string* out, const Lack& lack) {
        absl::StrAppend(out, lack.what, "; ", lack.remedy);
      })));
}

absl::Status HardenProcess(const Isolation& isolation) {
#ifndef HEADWAY_SANITIZED
  // The leak sanitizer looks into its own process as others would.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::InternalError(absl::StrCat(
        "cannot close the process to others: ", std::strerror(errno)));
  }
#endif
  if (isolation.level() != Isolation::Level::kLimits &&
      ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot take orphans in: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace headway::ingest
