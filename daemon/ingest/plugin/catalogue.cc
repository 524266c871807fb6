#include "daemon/ingest/plugin/catalogue.h"

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/protocol/redaction.h"

namespace headway::ingest {
namespace {

namespace fs = std::filesystem;

// Changes whenever the content may have: the change time cannot be set back.
std::optional<std::string> FileSignature(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return absl::StrCat(path, " ", info.st_dev, " ", info.st_ino, " ",
                      info.st_size, " ", info.st_ctim.tv_sec, ".",
                      info.st_ctim.tv_nsec);
}

// Regular files that are neither hidden nor an editor's backup.
std::vector<std::string> CandidateFiles(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator();
       entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code ignored;
    if (name.front() == '.' || name.back() == '~' ||
        !fs::is_regular_file(entries->path(), ignored)) {
      continue;
    }
    paths.push_back(fs::absolute(entries->path(), ignored).string());
  }
  if (error) {
    Log(LogLevel::kWarning, "cannot read a directory of plugins",
        {{"path", directory}, {"error", error.message()}});
  }
  return paths;
}

std::string CrashKey(absl::string_view plugin) {
  return absl::StrCat("ingest/crashes/", plugin);
}

// Crashes in a row of one executable.
struct CrashRecord {
  int count = 0;
  std::string hash;
  std::string last;
};

absl::StatusOr<CrashRecord> ReadCrashRecord(const store::Store& store,
                                            const PluginInfo& plugin) {
  CrashRecord record{.count = 0, .hash = plugin.hash, .last = ""};
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   store.NewReader()->FindRecord(store::RecordKind::kState,
                                                 CrashKey(plugin.name)));
  if (!text.has_value()) return record;
  const std::vector<std::string> parts =
      absl::StrSplit(*text, absl::MaxSplits('\n', 2));
  int count;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &count)) {
    return absl::DataLossError(
        absl::StrCat("record ", CrashKey(plugin.name), " is corrupt"));
  }
  // The count of another executable is over.
  if (parts[0] != plugin.hash) return record;
  record.count = count;
  record.last = parts[2];
  return record;
}

void WriteCrashRecord(store::Store& store, const PluginInfo& plugin,
                      std::optional<std::string> value) {
  store::Batch batch;
  batch.records.push_back(
      {store::RecordKind::kState, CrashKey(plugin.name), std::move(value)});
  batch.provenance.plugin = plugin.name;
  absl::StatusOr<store::CommitResult> result = store.Commit(batch);
  if (!result.ok()) {
    Log(LogLevel::kError, "cannot store how often a plugin crashed",
        {{"plugin", plugin.name}, {"error", result.status().ToString()}});
  }
}

}  // namespace

std::string PluginNameOf(absl::string_view path) {
  return fs::path(std::string(path)).stem().string();
}

absl::StatusOr<std::string> HashFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool good = file.is_open() && context != nullptr &&
              EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> buffer(size_t{1} << 16);
  while (good && file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    good = EVP_DigestUpdate(context.get(), buffer.data(),
                            static_cast<size_t>(file.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (!good || !file.eof() ||
      EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot be read; let the daemon's user read it"));
  }
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

PluginCatalogue::PluginCatalogue(Options options, Clock* clock,
                                 store::Store* store)
    : options_(std::move(options)), clock_(clock), store_(store) {}

std::map<std::string, std::string> PluginCatalogue::Scan() const {
  std::map<std::string, std::string> plugins;
  for (const std::string& directory : options_.directories) {
    std::vector<std::string> paths = CandidateFiles(directory);
    // So that of two extensions the same one wins every time.
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      if (::access(path.c_str(), X_OK) == 0) {
        plugins.emplace(PluginNameOf(path), path);
      }
    }
  }
  return plugins;
}

absl::Status PluginCatalogue::NotFound(
    absl::string_view name,
    const std::map<std::string, std::string>& plugins) const {
  for (const std::string& directory : options_.directories) {
    for (const std::string& path : CandidateFiles(directory)) {
      if (PluginNameOf(path) == name) {
        return absl::FailedPreconditionError(
            absl::StrCat("plugin ", Quote(name), ": ", path,
                         " is not executable; run chmod +x on it"));
      }
    }
  }
  std::vector<std::string> names;
  for (const auto& [known, path] : plugins) names.push_back(known);
  return absl::FailedPreconditionError(absl::StrCat(
      "there is no plugin ", Quote(name), " in ",
      absl::StrJoin(options_.directories, ", "), DidYouMean(name, names)));
}

PluginInfo PluginCatalogue::Examine(const std::string& name,
                                    const std::string& path) {
  const std::optional<std::string> signature = FileSignature(path);
  if (signature.has_value()) {
    absl::MutexLock lock(&mutex_);
    const auto known = described_.find(name);
    if (known != described_.end() && known->second.signature == *signature) {
      PluginInfo info = known->second.info;
      info.status = CheckNotParked(info);
      return info;
    }
  }
  PluginInfo info;
  info.name = name;
  info.path = path;
  absl::StatusOr<std::string> hash = HashFile(path);
  info.status = hash.status();
  if (!hash.ok()) return info;
  info.hash = *std::move(hash);
  info.status = CheckNotParked(info);
  if (!info.status.ok()) return info;
  auto description = Describe(name, path, clock_);
  if (!description.ok()) {
    info.status = description.status();
    RecordFailure(info, info.status);
    absl::MutexLock lock(&mutex_);
    failed_[name] = {signature.value_or(""), info};
    return info;
  }
  info.description = *std::move(description);
  absl::MutexLock lock(&mutex_);
  failed_.erase(name);
  if (signature.has_value()) described_[name] = {*signature, info};
  return info;
}

absl::Status PluginCatalogue::LastStatus(absl::string_view name) const {
  const std::map<std::string, std::string> plugins = Scan();
  const auto found = plugins.find(std::string(name));
  if (found == plugins.end()) return NotFound(name, plugins);
  const std::string signature = FileSignature(found->second).value_or("");
  PluginInfo known;
  {
    absl::MutexLock lock(&mutex_);
    const auto failed = failed_.find(found->first);
    if (failed != failed_.end() && failed->second.signature == signature) {
      return failed->second.info.status;
    }
    const auto described = described_.find(found->first);
    if (described == described_.end() ||
        described->second.signature != signature) {
      return absl::OkStatus();
    }
    known = described->second.info;
  }
  return CheckNotParked(known);
}

std::vector<PluginInfo> PluginCatalogue::List() {
  std::vector<PluginInfo> plugins;
  for (const auto& [name, path] : Scan()) {
    plugins.push_back(Examine(name, path));
  }
  return plugins;
}

absl::StatusOr<PluginInfo> PluginCatalogue::Get(absl::string_view name) {
  const std::map<std::string, std::string> plugins = Scan();
  const auto found = plugins.find(std::string(name));
  if (found == plugins.end()) return NotFound(name, plugins);
  return Examine(found->first, found->second);
}

absl::Status PluginCatalogue::CheckNotParked(const PluginInfo& plugin) const {
  ASSIGN_OR_RETURN(CrashRecord record, ReadCrashRecord(*store_, plugin));
  if (record.count < options_.crashes_until_parked) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("plugin ", plugin.name, " is parked after ", record.count,
                   " crashes in a row; correct it and replace ", plugin.path,
                   "; the last crash: ", record.last));
}

void PluginCatalogue::RecordFailure(const PluginInfo& plugin,
                                    const absl::Status& status) {
  if (!IsCrash(status)) return;
  absl::MutexLock lock(&crash_mutex_);
  absl::StatusOr<CrashRecord> record = ReadCrashRecord(*store_, plugin);
  const int count = record.ok() ? record->count + 1 : 1;
  WriteCrashRecord(
      *store_, plugin,
      absl::StrCat(plugin.hash, "\n", count, "\n", status.message()));
  if (count == options_.crashes_until_parked) {
    Log(LogLevel::kError, "plugin parked; replace its executable",
        {{"plugin", plugin.name},
         {"path", plugin.path},
         {"crashes", absl::StrCat(count)},
         {"last", std::string(status.message())}});
  }
}

void PluginCatalogue::RecordSuccess(const PluginInfo& plugin) {
  absl::MutexLock lock(&crash_mutex_);
  absl::StatusOr<CrashRecord> record = ReadCrashRecord(*store_, plugin);
  if (record.ok() && record->count == 0) return;
  WriteCrashRecord(*store_, plugin, std::nullopt);
}

}  // namespace headway::ingest
