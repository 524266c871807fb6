#include "tools/headway/commands/plugin/file_watch.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace headway::cli {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kPollInterval = absl::Milliseconds(200);

bool IsModule(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (absl::StartsWith(name, ".") || absl::EndsWith(name, "~")) return false;
  std::error_code ignored;
  constexpr auto kExecutable =
      fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  return entry.is_regular_file(ignored) &&
         (entry.status(ignored).permissions() & kExecutable) == fs::perms::none;
}

}  // namespace

FileWatch::FileWatch(std::vector<std::string> files)
    : files_(std::move(files)), seen_(Signature()) {}

bool FileWatch::Wait(const std::function<bool()>& ended) {
  while (!ended()) {
    if (std::string now = Signature(); now != seen_) {
      seen_ = std::move(now);
      return true;
    }
    absl::SleepFor(kPollInterval);
  }
  return false;
}

std::string FileWatch::Signature() const {
  std::set<std::string> paths(files_.begin(), files_.end());
  std::error_code ignored;
  const fs::path directory =
      fs::absolute(files_.front(), ignored).parent_path();
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (IsModule(entry)) paths.insert(entry.path().string());
  }
  std::string signature;
  for (const std::string& path : paths) {
    struct stat file = {};
    if (::stat(path.c_str(), &file) != 0) continue;
    absl::StrAppend(&signature, path, "\n", file.st_size, " ", file.st_ino, " ",
                    file.st_mtim.tv_sec, ".", file.st_mtim.tv_nsec, "\n");
  }
  return signature;
}

}  // namespace headway::cli
