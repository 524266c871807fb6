#include "daemon/ingest/plugin/catalogue.h"

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/plugin/manifest.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/protocol/validation.h"

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

std::string DescriptionKey(absl::string_view plugin) {
  return absl::StrCat("ingest/description/", plugin);
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

std::optional<PluginInfo> PluginCatalogue::Known(
    const std::string& name, const std::string& signature) const {
  absl::MutexLock lock(&mutex_);
  const auto known = described_.find(name);
  if (known == described_.end() || known->second.signature != signature) {
    return std::nullopt;
  }
  const Described& described = known->second;
  if (!described.info.status.ok() && clock_->Now() >= described.next) {
    return std::nullopt;
  }
  return described.info;
}

std::optional<plugin::v1::Description> PluginCatalogue::Remembered(
    const PluginInfo& plugin) const {
  if (store_ == nullptr) return std::nullopt;
  const absl::StatusOr<std::optional<std::string>> record =
      store_->NewReader()->FindRecord(store::RecordKind::kState,
                                      DescriptionKey(plugin.name));
  if (!record.ok() || !record->has_value()) return std::nullopt;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(**record, absl::MaxSplits('\n', 1));
  plugin::v1::Description description;
  // What an older daemon found in order this one may not.
  if (parts.first != plugin.hash ||
      !description.ParseFromString(parts.second) ||
      !ValidateDescription(description, plugin.name).ok()) {
    return std::nullopt;
  }
  return description;
}

void PluginCatalogue::Remember(const PluginInfo& plugin) {
  if (store_ == nullptr) return;
  store::Batch batch;
  batch.records.push_back(
      {store::RecordKind::kState, DescriptionKey(plugin.name),
       absl::StrCat(plugin.hash, "\n",
                    plugin.description.SerializeAsString())});
  batch.provenance.plugin = plugin.name;
  // Without it the plugin is asked again after the next start.
  if (absl::Status status = store_->Commit(batch).status(); !status.ok()) {
    Log(LogLevel::kWarning, "cannot store the description of a plugin",
        {{"plugin", plugin.name}, {"error", status.ToString()}});
  }
}

PluginInfo PluginCatalogue::WithApproval(PluginInfo plugin) const {
  if (plugin.hash.empty()) return plugin;
  plugin.approval = ApprovalOf(plugin);
  if (options_.require_approval && plugin.status.ok()) {
    plugin.status = CheckApproved(plugin);
  }
  return plugin;
}

PluginInfo PluginCatalogue::Examine(const std::string& name,
                                    const std::string& path) {
  const std::string signature = FileSignature(path).value_or("");
  if (std::optional<PluginInfo> known = Known(name, signature)) return *known;
  PluginInfo info;
  info.name = name;
  info.path = path;
  absl::StatusOr<std::string> hash = HashFile(path);
  info.status = hash.status();
  if (!hash.ok()) return info;
  info.hash = *std::move(hash);
  if (auto remembered = Remembered(info)) {
    info.description = *std::move(remembered);
  } else {
    auto description = ingest::Describe(name, path, options_.isolation, clock_);
    info.status = description.status();
    if (description.ok()) {
      info.description = *std::move(description);
      Remember(info);
    }
  }
  absl::MutexLock lock(&mutex_);
  Described& described = described_[name];
  const bool is_same = described.signature == signature;
  described.failures =
      info.status.ok() ? 0 : (is_same ? described.failures + 1 : 1);
  described.signature = signature;
  described.info = info;
  if (described.failures > 0) {
    const int doublings = std::min(described.failures - 1, 20);
    described.next =
        clock_->Now() + std::min(options_.first_pause * (1 << doublings),
                                 options_.longest_pause);
  }
  return info;
}

std::vector<PluginInfo> PluginCatalogue::ExamineAll(
    const std::map<std::string, std::string>& plugins) {
  const std::vector<std::pair<std::string, std::string>> list(plugins.begin(),
                                                              plugins.end());
  std::vector<PluginInfo> infos(list.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < list.size(); i = next++) {
      infos[i] = WithApproval(Examine(list[i].first, list[i].second));
    }
  };
  // Threads of its own: they wait for other programs, and some for half a
  // minute.
  std::vector<std::thread> helpers;
  const size_t most =
      std::min(static_cast<size_t>(options_.threads), list.size());
  for (size_t i = 1; i < most; ++i) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // this thread does the work
    }
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  return infos;
}

void PluginCatalogue::Describe(const std::set<std::string>& names) {
  std::map<std::string, std::string> wanted;
  for (const auto& [name, path] : Scan()) {
    if (names.contains(name)) wanted.emplace(name, path);
  }
  ExamineAll(wanted);
}

absl::Status PluginCatalogue::LastStatus(absl::string_view name) const {
  const std::map<std::string, std::string> plugins = Scan();
  const auto found = plugins.find(std::string(name));
  if (found == plugins.end()) return NotFound(name, plugins);
  const std::string signature = FileSignature(found->second).value_or("");
  absl::MutexLock lock(&mutex_);
  const auto described = described_.find(found->first);
  if (described == described_.end() ||
      described->second.signature != signature) {
    return absl::OkStatus();
  }
  return WithApproval(described->second.info).status;
}

std::optional<PluginInfo> PluginCatalogue::Last(absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  const auto described = described_.find(std::string(name));
  if (described == described_.end()) return std::nullopt;
  return WithApproval(described->second.info);
}

std::vector<PluginInfo> PluginCatalogue::List() { return ExamineAll(Scan()); }

absl::StatusOr<PluginInfo> PluginCatalogue::Get(absl::string_view name) {
  const std::map<std::string, std::string> plugins = Scan();
  const auto found = plugins.find(std::string(name));
  if (found == plugins.end()) return NotFound(name, plugins);
  return WithApproval(Examine(found->first, found->second));
}

}  // namespace headway::ingest
