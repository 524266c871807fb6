#include "daemon/ingest/plugin/manifest.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace headway::ingest {
namespace {

constexpr char kManifestFile[] = "plugins.sha256";
constexpr char kVersionMark[] = " version ";
constexpr size_t kHashLength = 64;

std::string PathIn(const std::string& directory) {
  return absl::StrCat(directory, "/", kManifestFile);
}

bool IsHash(absl::string_view text) {
  for (const unsigned char c : text) {
    if (!absl::ascii_isxdigit(c)) return false;
  }
  return text.size() == kHashLength;
}

std::string DirectoryOf(const PluginInfo& plugin) {
  return std::filesystem::path(plugin.path).parent_path().string();
}

std::string FileOf(const PluginInfo& plugin) {
  return std::filesystem::path(plugin.path).filename().string();
}

}  // namespace

absl::StatusOr<std::optional<Manifest>> Manifest::Read(
    const std::string& directory) {
  const std::string path = PathIn(directory);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  std::ifstream file(path);
  if (!file.is_open()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot be read; let the daemon's user read it"));
  }
  Manifest manifest;
  std::map<std::string, std::string> versions;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    absl::string_view rest = text;
    if (rest.empty()) continue;
    if (absl::ConsumePrefix(&rest, "# ")) {
      const size_t mark = rest.find(kVersionMark);
      if (mark == absl::string_view::npos) continue;
      versions[std::string(rest.substr(0, mark))] =
          std::string(rest.substr(mark + sizeof(kVersionMark) - 1));
      continue;
    }
    const absl::string_view hash = rest.substr(0, kHashLength);
    if (!IsHash(hash) || rest.size() < kHashLength + 3 ||
        rest[kHashLength] != ' ') {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", line, ": \"", rest,
          "\" is not \"HASH  FILE\" as sha256sum writes it; mend the line, or "
          "remove the file and approve the plugins again: headway plugin "
          "install"));
    }
    const std::string name(rest.substr(kHashLength + 2));
    manifest.entries_[name] = {absl::AsciiStrToLower(hash), versions[name]};
  }
  return manifest;
}

const Manifest::Entry* Manifest::Find(absl::string_view file) const {
  const auto found = entries_.find(std::string_view(file.data(), file.size()));
  return found == entries_.end() ? nullptr : &found->second;
}

void Manifest::Set(absl::string_view file, Entry entry) {
  entries_[std::string(file)] = std::move(entry);
}

absl::Status Manifest::Write(const std::string& directory) const {
  const std::string path = PathIn(directory);
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  for (const auto& [file, entry] : entries_) {
    if (!entry.version.empty()) {
      out << "# " << file << kVersionMark << entry.version << "\n";
    }
    out << entry.hash << "  " << file << "\n";
  }
  out.close();
  if (!out || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": cannot be written"));
  }
  return absl::OkStatus();
}

Approval ApprovalOf(const PluginInfo& plugin) {
  const absl::StatusOr<std::optional<Manifest>> manifest =
      Manifest::Read(DirectoryOf(plugin));
  // A manifest that says nothing approves nothing.
  if (!manifest.ok()) return Approval::kUnapproved;
  if (!manifest->has_value()) return Approval::kNoManifest;
  const Manifest::Entry* entry = (*manifest)->Find(FileOf(plugin));
  if (entry == nullptr) return Approval::kUnapproved;
  return entry->hash == plugin.hash ? Approval::kApproved : Approval::kChanged;
}

absl::Status CheckApproved(const PluginInfo& plugin) {
  std::string why;
  switch (ApprovalOf(plugin)) {
    case Approval::kApproved:
      return absl::OkStatus();
    case Approval::kChanged:
      why = " is another than the one that was approved";
      break;
    case Approval::kUnapproved:
    case Approval::kNoManifest:
      why = " was never approved";
      break;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("plugin ", plugin.name, ": its executable ", plugin.path,
                   " (SHA-256 ", plugin.hash, ")", why,
                   "; look at it, then approve it: headway plugin install ",
                   plugin.path, " --dir ", DirectoryOf(plugin)));
}

}  // namespace headway::ingest
