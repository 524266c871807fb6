#include "daemon/ingest/sandbox/bubblewrap.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/ingest/sandbox/launcher/report.h"

namespace headway::ingest {
namespace {

namespace fs = std::filesystem;

using Arguments = std::vector<std::string>;

// Where the launcher lies in there.
constexpr char kLauncherInside[] = "/run/headway-launcher";
constexpr int64_t kSharedMemoryBytes = int64_t{64} << 20;

// What programs of Debian need besides /usr, and no secret among it.
constexpr const char* kOfTheSystem[] = {
    "/etc/ld.so.cache",     "/etc/ld.so.conf",   "/etc/ld.so.conf.d",
    "/etc/alternatives",    "/etc/localtime",    "/etc/timezone",
    "/etc/mime.types",      "/etc/ssl/certs",    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates", "/etc/pki/tls/certs"};

void Append(Arguments& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}

// Shows a path, if it is there, at its own place. Bubblewrap would make what
// leads there for its own user alone.
void Show(const char* how, const std::string& path, Arguments& arguments) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return;
  Arguments parents;
  for (fs::path parent = fs::path(path).parent_path();
       parent.has_relative_path(); parent = parent.parent_path()) {
    parents.push_back(parent.string());
  }
  std::reverse(parents.begin(), parents.end());
  for (const std::string& parent : parents) {
    Append(arguments, {"--perms", "0755", "--dir", parent});
  }
  Append(arguments, {how, path, path});
}

void AddSystem(Arguments& arguments) {
  Append(arguments, {"--ro-bind", "/usr", "/usr"});
  for (const char* path :
       {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code error;
    // Debian's are links into /usr.
    const fs::path target = fs::read_symlink(path, error);
    if (!error) {
      Append(arguments, {"--symlink", target.string(), path});
    } else {
      Show("--ro-bind-try", path, arguments);
    }
  }
  for (const char* path : kOfTheSystem) {
    Show("--ro-bind-try", path, arguments);
  }
}

// Whether it can be shown at its own path, without hiding what belongs there.
bool CanBeShown(absl::string_view path) {
  if (!absl::StartsWith(path, "/") || path == "/" || path == "/tmp") {
    return false;
  }
  for (absl::string_view own : {"/proc", "/dev", kScratch, kLauncherInside}) {
    if (path == own || absl::StartsWith(path, absl::StrCat(own, "/"))) {
      return false;
    }
  }
  return true;
}

// Its own directory, for modules lie beside programs; that of the file itself
// as well, where it is a link.
Arguments ProgramDirectories(const std::string& path) {
  Arguments directories = {fs::path(path).parent_path().string()};
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (!error) directories.push_back(real.parent_path().string());
  return directories;
}

void AddReadable(const Isolation& isolation, const ProcessOptions& options,
                 Arguments& arguments) {
  Arguments paths = ProgramDirectories(options.path);
  for (const Arguments* more :
       {&isolation.options().readable, &options.readable}) {
    for (const std::string& path : *more) {
      paths.push_back(fs::path(path).lexically_normal().string());
      // "/data/" shows "/data".
      if (paths.back().size() > 1 && paths.back().back() == '/') {
        paths.back().pop_back();
      }
    }
  }
  // What lies within another comes after it.
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  for (const std::string& path : paths) {
    if (CanBeShown(path)) Show("--ro-bind-try", path, arguments);
  }
}

}  // namespace

std::vector<std::string> BubblewrapArguments(
    const Isolation& isolation, const ProcessOptions& options,
    const SandboxDescriptors& descriptors, std::optional<uid_t> user) {
  Arguments arguments = {isolation.options().bubblewrap};
  Append(arguments,
         {"--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
          "--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL"});
  if (user.has_value()) {
    // For the launcher, which gives them up when it becomes the user. The real
    // root sets up what a stranger could not: files that others cannot reach.
    Append(arguments, {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"});
  } else {
    Append(arguments, {"--unshare-user", "--disable-userns"});
  }
  const std::string scratch_bytes = absl::StrCat(options.scratch_bytes);
  AddSystem(arguments);
  Append(arguments,
         {"--perms", "1777", "--size", scratch_bytes, "--tmpfs", "/tmp"});
  AddReadable(isolation, options, arguments);
  if (!options.writable.empty()) {
    Show("--bind", options.writable, arguments);
  }
  Append(arguments, {"--ro-bind", isolation.launcher(), kLauncherInside});
  Append(arguments, {"--proc", "/proc", "--dev", "/dev"});
  Append(arguments, {"--perms", "1777", "--size",
                     absl::StrCat(kSharedMemoryBytes), "--tmpfs", "/dev/shm"});
  Append(arguments,
         {"--perms", "1777", "--size", scratch_bytes, "--tmpfs", kScratch});
  // What is left are directories of bubblewrap's own, in memory.
  Append(arguments, {"--remount-ro", "/dev", "--remount-ro", "/"});
  Append(arguments, {"--chdir", kScratch});
  Append(arguments, {"--seccomp", absl::StrCat(descriptors.filter)});
  Append(arguments,
         {"--", kLauncherInside, absl::StrCat("--report=", descriptors.report),
          absl::StrCat("--processes=", options.processes)});
  if (descriptors.listener >= 0) {
    arguments.push_back(absl::StrCat("--listener=", descriptors.listener));
  }
  if (user.has_value()) {
    arguments.push_back(absl::StrCat("--user=", *user));
  }
  arguments.push_back(options.path);
  arguments.insert(arguments.end(), options.arguments.begin(),
                   options.arguments.end());
  return arguments;
}

}  // namespace headway::ingest
