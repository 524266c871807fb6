#include "tools/headway/commands/plugin/installation.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/catalogue.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/source/version.h"

namespace headway::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kAnyExecute =
    fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
constexpr auto kModuleMode = fs::perms::owner_read | fs::perms::owner_write |
                             fs::perms::group_read | fs::perms::others_read;

bool IsExecutable(const fs::path& path) {
  std::error_code ignored;
  return (fs::status(path, ignored).permissions() & kAnyExecute) !=
         fs::perms::none;
}

std::string FileName(const std::string& path) {
  return fs::path(path).filename().string();
}

// The names after `import` and `from` at the beginning of lines.
std::set<std::string> ImportedNames(const fs::path& path) {
  std::set<std::string> names;
  std::ifstream file(path);
  std::string text;
  while (std::getline(file, text)) {
    absl::string_view line = absl::StripLeadingAsciiWhitespace(text);
    const bool is_from = absl::ConsumePrefix(&line, "from ");
    if (!is_from && !absl::ConsumePrefix(&line, "import ")) continue;
    for (absl::string_view part : absl::StrSplit(line, ',')) {
      part = absl::StripAsciiWhitespace(part);
      names.insert(std::string(part.substr(0, part.find_first_of(" .;#"))));
      if (is_from) break;
    }
  }
  return names;
}

// Of a Python program, and of its modules in turn.
std::set<std::string> ModulesOf(const fs::path& program) {
  std::set<std::string> found;
  std::vector<fs::path> left = {program};
  while (!left.empty()) {
    const fs::path path = left.back();
    left.pop_back();
    for (const std::string& name : ImportedNames(path)) {
      const fs::path module = program.parent_path() / (name + ".py");
      std::error_code ignored;
      if (fs::is_regular_file(module, ignored) &&
          found.insert(module.string()).second) {
        left.push_back(module);
      }
    }
  }
  return found;
}

struct Files {
  std::vector<std::string> plugins;
  std::set<std::string> modules;
};

absl::StatusOr<Files> FilesOf(const std::string& path) {
  Files files;
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (!fs::is_directory(absolute, error)) {
    files.plugins.push_back(absolute.string());
    files.modules = ModulesOf(absolute);
    return files;
  }
  for (const auto& entry : fs::directory_iterator(absolute, error)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (name.front() == '.' || name.back() == '~' ||
        !entry.is_regular_file(ignored)) {
      continue;
    }
    if (IsExecutable(entry.path())) {
      files.plugins.push_back(entry.path().string());
    } else if (absl::EndsWith(name, ".py")) {
      files.modules.insert(entry.path().string());
    }
  }
  if (files.plugins.empty()) {
    return absl::NotFoundError(absl::StrCat(
        path, " holds no executable file; run chmod +x on the plugin"));
  }
  std::sort(files.plugins.begin(), files.plugins.end());
  return files;
}

// Another file in the directory that the daemon takes for the same plugin.
absl::Status CheckNameIsFree(const ingest::PluginInfo& plugin,
                             const std::string& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string other = entry.path().string();
    if (FileName(other) == FileName(plugin.path) ||
        ingest::PluginNameOf(other) != plugin.name ||
        !IsExecutable(entry.path())) {
      continue;
    }
    return absl::AlreadyExistsError(
        absl::StrCat(other, " is a plugin of the name ", plugin.name,
                     " already; remove it, or install ", FileName(other)));
  }
  return absl::OkStatus();
}

absl::StatusOr<ingest::PluginInfo> Look(const std::string& path,
                                        const ingest::Isolation* isolation,
                                        Clock* clock) {
  if (!IsExecutable(path)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not executable; run chmod +x on it"));
  }
  ingest::PluginInfo plugin;
  plugin.path = path;
  plugin.name = ingest::PluginNameOf(path);
  ASSIGN_OR_RETURN(plugin.hash, ingest::HashFile(path));
  ASSIGN_OR_RETURN(plugin.description,
                   ingest::Describe(plugin.name, path, isolation, clock));
  return plugin;
}

absl::Status CopyFile(const std::string& from, const std::string& hash,
                      const std::string& directory, fs::perms mode) {
  const fs::path to = fs::path(directory) / FileName(from);
  std::error_code error;
  // Approved where it lies.
  if (fs::equivalent(from, to, error)) return absl::OkStatus();
  const fs::path fresh =
      to.parent_path() / absl::StrCat(".", FileName(from), ".new");
  fs::copy_file(from, fresh, fs::copy_options::overwrite_existing, error);
  if (!error) fs::permissions(fresh, mode, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat(to.string(), ": cannot be written: ", error.message()));
  }
  ASSIGN_OR_RETURN(const std::string copied, ingest::HashFile(fresh.string()));
  if (copied != hash) {
    fs::remove(fresh, error);
    return absl::AbortedError(absl::StrCat(
        from, " was changed since it was looked at; look at it again"));
  }
  fs::rename(fresh, to, error);
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(to.string(), ": cannot be written: ", error.message()));
}

}  // namespace

absl::StatusOr<Installation> PlanInstallation(
    const std::string& path, const std::string& directory,
    const ingest::Isolation* isolation, Clock* clock) {
  Installation installation;
  installation.directory = directory;
  ASSIGN_OR_RETURN(const Files files, FilesOf(path));
  ASSIGN_OR_RETURN(std::optional<ingest::Manifest> manifest,
                   ingest::Manifest::Read(directory));
  if (manifest) installation.manifest = *std::move(manifest);
  for (const std::string& program : files.plugins) {
    ASSIGN_OR_RETURN(ingest::PluginInfo plugin,
                     Look(program, isolation, clock));
    RETURN_IF_ERROR(CheckNameIsFree(plugin, directory));
    const auto* entry = installation.manifest.Find(FileName(program));
    installation.versions_before.push_back(entry == nullptr ? ""
                                                            : entry->version);
    installation.plugins.push_back(std::move(plugin));
  }
  for (const std::string& module : files.modules) {
    InstalledFile file;
    file.path = module;
    ASSIGN_OR_RETURN(file.hash, ingest::HashFile(module));
    const auto there =
        ingest::HashFile(absl::StrCat(directory, "/", FileName(module)));
    file.replaces = there.ok() && *there != file.hash;
    installation.modules.push_back(std::move(file));
  }
  return installation;
}

absl::Status CheckNoDowngrade(const Installation& installation) {
  for (size_t i = 0; i < installation.plugins.size(); ++i) {
    const ingest::PluginInfo& plugin = installation.plugins[i];
    const std::string& before = installation.versions_before[i];
    const std::string& version = plugin.description.version();
    if (before.empty() || !ingest::IsOlderVersion(version, before)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "plugin ", plugin.name, " is installed in version ", before,
        ", and this is ", version,
        ", which is older and may not understand the checkpoints of the "
        "newer; --downgrade installs it all the same"));
  }
  return absl::OkStatus();
}

absl::Status Install(Installation installation) {
  std::error_code error;
  fs::create_directories(installation.directory, error);
  // A plugin is never there without its modules.
  for (const InstalledFile& module : installation.modules) {
    RETURN_IF_ERROR(CopyFile(module.path, module.hash, installation.directory,
                             kModuleMode));
    installation.manifest.Set(FileName(module.path), {module.hash, ""});
  }
  for (const ingest::PluginInfo& plugin : installation.plugins) {
    installation.manifest.Set(FileName(plugin.path),
                              {plugin.hash, plugin.description.version()});
  }
  // The daemon sees no executable before it is approved.
  RETURN_IF_ERROR(installation.manifest.Write(installation.directory));
  for (const ingest::PluginInfo& plugin : installation.plugins) {
    RETURN_IF_ERROR(CopyFile(plugin.path, plugin.hash, installation.directory,
                             kModuleMode | kAnyExecute));
  }
  return absl::OkStatus();
}

}  // namespace headway::cli
