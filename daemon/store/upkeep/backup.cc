#include "daemon/store/upkeep/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/engine/rocks/backup.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/commit_log.h"

namespace headway::store {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kBackupSuffix = ".backup";
constexpr absl::string_view kJournalSuffix = ".journal";
constexpr char kOtherBackup[] =
    "restore from another backup, and delete this one with headway store "
    "delete-backup ID";

// What is known of a copy beside what RocksDB tells.
struct Description {
  LogPoint point;
  // Of the last write in it.
  uint64_t sequence = 0;
  uint64_t format = 0;
  bool continuous = false;
  std::string headway_version;
};

fs::path OwnDirectory(const std::string& directory) {
  return fs::path(directory) / "headway";
}

std::string PathOf(const std::string& directory, BackupId id,
                   absl::string_view suffix) {
  return OwnDirectory(directory) / absl::StrCat(id, suffix);
}

// The files in the directory of our own that have the suffix, by number.
std::map<BackupId, std::string> ListOwn(const std::string& directory,
                                        absl::string_view suffix) {
  std::map<BackupId, std::string> paths;
  std::error_code ignored;  // none of ours is there yet
  for (const auto& entry :
       fs::directory_iterator(OwnDirectory(directory), ignored)) {
    const std::string name = entry.path().filename();
    absl::string_view number = name;
    BackupId id = 0;
    if (absl::ConsumeSuffix(&number, suffix) && absl::SimpleAtoi(number, &id)) {
      paths[id] = entry.path();
    }
  }
  return paths;
}

std::string Encode(const Description& description) {
  std::string body;
  AppendPoint(description.point, &body);
  AppendVarint(description.sequence, &body);
  AppendVarint(description.format, &body);
  body.push_back(description.continuous ? 1 : 0);
  AppendText(description.headway_version, &body);
  return WithChecksum(body);
}

absl::StatusOr<Description> Decode(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  Description description;
  description.point = ReadPoint(&reader);
  description.sequence = reader.ReadVarint();
  description.format = reader.ReadVarint();
  description.continuous = reader.ReadByte() != 0;
  description.headway_version = std::string(reader.ReadText());
  if (!reader.AtEnd()) return absl::DataLossError("it is malformed");
  return description;
}

// Empty if the copy has none yet. One that is damaged is told anew, as one that
// is missing is; VerifyBackups says so.
std::optional<Description> ReadDescription(const std::string& directory,
                                           BackupId id) {
  const std::string path = PathOf(directory, id, kBackupSuffix);
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string bytes((std::istreambuf_iterator<char>(in)),
                          std::istreambuf_iterator<char>());
  absl::StatusOr<Description> description = Decode(bytes);
  if (description.ok()) return *std::move(description);
  Log(LogLevel::kWarning, "the description of a backup is damaged",
      {{"path", path},
       {"reason", std::string(description.status().message())}});
  return std::nullopt;
}

// What a copy says of itself. Only this is exact: commits go on while it is
// made.
absl::StatusOr<Description> DescribeCopy(const RocksBackups& backups,
                                         BackupId id) {
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> copy, backups.OpenCopy(id));
  const std::unique_ptr<View> view = copy->NewView();
  Description description;
  ASSIGN_OR_RETURN(std::optional<std::string> format,
                   view->Get(Family::kMeta, kFormatKey));
  if (!format) {
    return absl::DataLossError(
        absl::StrCat("backup ", id, " holds no store; ", kOtherBackup));
  }
  description.format = ByteReader(*format).ReadVarint();
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(*view));
  description.point = {last.first, last.second.recorded_at};
  description.sequence = copy->maintenance().last_sequence();
  description.headway_version = HEADWAY_VERSION;
  return description;
}

Backup ToBackup(const RocksCopy& copy, const Description& description) {
  Backup backup;
  backup.id = copy.id;
  backup.created_at = copy.created_at;
  backup.commit = description.point.commit;
  if (backup.commit > 0) {
    backup.recorded_at = absl::FromUnixMicros(description.point.recorded_at);
  }
  backup.continuous = description.continuous;
  backup.format = description.format;
  backup.headway_version = description.headway_version;
  backup.bytes = copy.bytes;
  backup.files = copy.files;
  return backup;
}

bool IsWithin(const fs::path& inner, const fs::path& outer) {
  const auto end =
      std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end.first == outer.end();
}

// Whether the store's history goes through the point.
absl::StatusOr<bool> IsInHistory(const View& view, const LogPoint& point) {
  if (point.commit == 0) return true;
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view.Get(Family::kCommits, EncodeId(point.commit)));
  if (!bytes) return false;
  ASSIGN_OR_RETURN(StoredCommit commit, DecodeCommit(*bytes));
  return commit.recorded_at == point.recorded_at;
}

// Writes the commits since the newest backup before this one. False if there is
// no such backup, or the log does not reach back to it.
absl::StatusOr<bool> WriteJournalSince(
    Engine& engine, const std::map<BackupId, Description>& before,
    const Description& description, const std::string& path) {
  const std::unique_ptr<View> view = engine.NewView();
  // A copy that was not described before the store was restored is of another
  // history.
  ASSIGN_OR_RETURN(bool is_own, IsInHistory(*view, description.point));
  if (!is_own) return false;
  const absl::StatusOr<JournalReader> there = JournalReader::Open(path);
  if (there.ok() && there->header().last == description.point) return true;
  for (auto it = before.rbegin(); it != before.rend(); ++it) {
    const LogPoint& from = it->second.point;
    if (from.commit > description.point.commit) continue;
    ASSIGN_OR_RETURN(bool is_ancestor, IsInHistory(*view, from));
    if (!is_ancestor) continue;
    if (from == description.point) return true;
    const absl::Status written =
        WriteJournal(engine.maintenance(), it->second.sequence, from,
                     description.point, path);
    if (!absl::IsOutOfRange(written)) {
      RETURN_IF_ERROR(written);
      return true;
    }
    Log(LogLevel::kWarning, "the backup has no journal",
        {{"backup", absl::StrCat(it->first)},
         {"reason", std::string(written.message())}});
    return false;
  }
  return false;
}

absl::Status Describe(Engine& engine, const RocksBackups& backups,
                      const std::string& directory, BackupId id,
                      std::map<BackupId, Description>* before) {
  std::optional<Description> known = ReadDescription(directory, id);
  if (!known) {
    ASSIGN_OR_RETURN(known, DescribeCopy(backups, id));
    ASSIGN_OR_RETURN(known->continuous,
                     WriteJournalSince(engine, *before, *known,
                                       PathOf(directory, id, kJournalSuffix)));
    RETURN_IF_ERROR(WriteFileAtomically(PathOf(directory, id, kBackupSuffix),
                                        Encode(*known)));
  }
  (*before)[id] = *std::move(known);
  return absl::OkStatus();
}

// Gives each copy that has none its description and journal: the one just made,
// and those after which the program was ended.
absl::Status DescribeCopies(Engine& engine, const RocksBackups& backups,
                            const std::string& directory, BackupId made) {
  std::map<BackupId, Description> before;
  for (const RocksCopy& copy : backups.List()) {
    absl::Status status =
        Describe(engine, backups, directory, copy.id, &before);
    if (copy.id == made) return status;
    if (status.ok()) continue;
    // An old one that is damaged must not keep new ones from being made.
    Log(LogLevel::kWarning, "a backup is damaged",
        {{"backup", absl::StrCat(copy.id)},
         {"reason", std::string(status.message())}});
  }
  return absl::OkStatus();
}

// Deletes what no restore can use any more.
void DeleteUnused(const RocksBackups& backups, const std::string& directory) {
  std::set<BackupId> there;
  std::optional<Micros> oldest;
  for (const RocksCopy& copy : backups.List()) {
    there.insert(copy.id);
    const std::optional<Description> description =
        ReadDescription(directory, copy.id);
    if (!description) return;  // not to be judged now
    const Micros recorded_at = description->point.recorded_at;
    oldest = oldest ? std::min(*oldest, recorded_at) : recorded_at;
  }
  for (BackupId id : backups.ListDamaged()) there.insert(id);
  std::error_code ignored;  // the next backup tries again
  for (const auto& [id, path] : ListOwn(directory, kBackupSuffix)) {
    if (!there.contains(id)) fs::remove(path, ignored);
  }
  for (const StoredJournal& journal : ListJournals(directory)) {
    if (!oldest || journal.header.last.recorded_at <= *oldest) {
      fs::remove(journal.path, ignored);
    }
  }
  for (absl::string_view suffix : {kBackupSuffix, kJournalSuffix}) {
    for (const auto& [id, path] :
         ListOwn(directory, absl::StrCat(suffix, ".unfinished"))) {
      fs::remove(path, ignored);
    }
  }
}

absl::Status KeepNewest(int keep, RocksBackups* backups) {
  std::vector<RocksCopy> copies = backups->List();
  for (size_t i = 0; i + static_cast<size_t>(keep) < copies.size(); ++i) {
    RETURN_IF_ERROR(backups->Delete(copies[i].id));
  }
  return absl::OkStatus();
}

// Those that can be told, oldest first.
std::vector<Backup> List(const RocksBackups& backups,
                         const std::string& directory) {
  std::vector<Backup> list;
  for (const RocksCopy& copy : backups.List()) {
    std::optional<Description> description =
        ReadDescription(directory, copy.id);
    if (!description) {
      absl::StatusOr<Description> told = DescribeCopy(backups, copy.id);
      if (!told.ok()) continue;
      description = *std::move(told);
    }
    list.push_back(ToBackup(copy, *description));
  }
  return list;
}

// Collects problems and counts them.
class Findings {
 public:
  Findings(const ProblemSink& sink, BackupCounts* counts)
      : sink_(sink), counts_(*counts) {}

  void Add(std::string thing, absl::string_view what,
           absl::string_view remedy) {
    ++counts_.problems;
    sink_({std::move(thing), std::string(what), std::string(remedy)});
  }

 private:
  const ProblemSink& sink_;
  BackupCounts& counts_;
};

// Reads a journal to its end.
absl::Status ReadThrough(const std::string& path) {
  ASSIGN_OR_RETURN(JournalReader journal, JournalReader::Open(path));
  while (true) {
    ASSIGN_OR_RETURN(std::optional<JournalEntry> entry, journal.Next());
    if (!entry) return absl::OkStatus();
    RETURN_IF_ERROR(journal.Apply(*entry, nullptr));
  }
}

}  // namespace

absl::Status CheckBackupDirectory(const std::string& store,
                                  const std::string& backups) {
  std::error_code error;
  const fs::path a = fs::weakly_canonical(fs::absolute(store), error);
  const fs::path b = fs::weakly_canonical(fs::absolute(backups), error);
  if (!IsWithin(a, b) && !IsWithin(b, a)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the backup directory ", backups, " and the data directory ", store,
      " lie in one another; choose a backup directory apart from it, best on "
      "another disk"));
}

absl::StatusOr<Backup> CreateBackup(const Store& store,
                                    const BackupOptions& options) {
  if (options.keep < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "keeping ", options.keep, " backups keeps none; keep at least 1"));
  }
  Engine& engine = store.engine();
  RETURN_IF_ERROR(CheckBackupDirectory(engine.location(), options.directory));
  ASSIGN_OR_RETURN(
      std::unique_ptr<RocksBackups> backups,
      RocksBackups::Open(options.directory, RocksBackups::Mode::kWrite));
  ASSIGN_OR_RETURN(BackupId id, backups->Create(engine, options.check_alive));
  // What is in the copy must not be lost by the store itself.
  RETURN_IF_ERROR(engine.Sync());
  RETURN_IF_ERROR(DescribeCopies(engine, *backups, options.directory, id));
  RETURN_IF_ERROR(KeepNewest(options.keep, backups.get()));
  DeleteUnused(*backups, options.directory);
  for (Backup& backup : List(*backups, options.directory)) {
    if (backup.id == id) return std::move(backup);
  }
  return absl::InternalError(
      absl::StrCat("backup ", id, " is not listed though it was made"));
}

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksBackups> backups,
                   RocksBackups::Open(directory, RocksBackups::Mode::kRead));
  return List(*backups, directory);
}

absl::Status DeleteBackup(const std::string& directory, BackupId id) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksBackups> backups,
                   RocksBackups::Open(directory, RocksBackups::Mode::kWrite));
  RETURN_IF_ERROR(backups->Delete(id));
  DeleteUnused(*backups, directory);
  return absl::OkStatus();
}

absl::StatusOr<BackupCounts> VerifyBackups(
    const std::string& directory, std::optional<BackupId> id,
    const ProblemSink& sink, const std::function<absl::Status()>& check_alive) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksBackups> backups,
                   RocksBackups::Open(directory, RocksBackups::Mode::kRead));
  BackupCounts counts;
  Findings findings(sink, &counts);
  auto is_wanted = [&](BackupId other) { return !id || *id == other; };
  // Shared files are read once, and the first backup that has one is named.
  std::map<std::string, std::pair<BackupId, CopiedFile>> files;
  std::set<BackupId> ids;
  for (const RocksCopy& copy : backups->List()) ids.insert(copy.id);
  for (BackupId damaged : backups->ListDamaged()) ids.insert(damaged);
  for (BackupId each : ids) {
    if (!is_wanted(each)) continue;
    ++counts.backups;
    const std::string thing = absl::StrCat("backup ", each);
    const std::string described = PathOf(directory, each, kBackupSuffix);
    if (fs::exists(described) && !ReadDescription(directory, each)) {
      findings.Add(thing, absl::StrCat(described, " is damaged"),
                   "delete that file: the next backup makes it anew");
    }
    absl::StatusOr<std::vector<CopiedFile>> list = backups->ListFiles(each);
    if (!list.ok()) {
      findings.Add(thing, list.status().message(), kOtherBackup);
      continue;
    }
    for (const CopiedFile& file : *list) {
      files.try_emplace(file.path, each, file);
    }
  }
  if (id && counts.backups == 0) {
    return absl::NotFoundError(
        absl::StrCat("there is no backup ", *id, " in ", directory,
                     "; list them with headway store backups"));
  }
  for (const auto& [path, entry] : files) {
    RETURN_IF_ERROR(check_alive());
    ++counts.files;
    const absl::Status status = backups->CheckFile(entry.second);
    if (!status.ok()) {
      findings.Add(absl::StrCat("backup ", entry.first), status.message(),
                   kOtherBackup);
    }
  }
  for (const auto& [number, path] : ListOwn(directory, kJournalSuffix)) {
    if (!is_wanted(number)) continue;
    RETURN_IF_ERROR(check_alive());
    ++counts.journals;
    const absl::Status status = ReadThrough(path);
    if (!status.ok()) {
      findings.Add(path, status.message(),
                   "backups are not touched by it; instants before the one of "
                   "that number cannot be restored");
    }
  }
  return counts;
}

LogPoint PointOf(const Backup& backup) {
  if (backup.commit == 0) return {};
  return {backup.commit, absl::ToUnixMicros(backup.recorded_at)};
}

std::vector<StoredJournal> ListJournals(const std::string& directory) {
  std::vector<StoredJournal> journals;
  for (const auto& [id, path] : ListOwn(directory, kJournalSuffix)) {
    absl::StatusOr<JournalReader> journal = JournalReader::Open(path);
    if (journal.ok()) journals.push_back({path, journal->header()});
  }
  return journals;
}

}  // namespace headway::store
