#include "daemon/store/upkeep/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/rocks/backup.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/identity.h"
#include "daemon/store/upkeep/journal.h"

namespace headway::store {
namespace {

namespace fs = std::filesystem;

constexpr char kUnfinished[] = "restoring";
// Of commits that are replayed with one sync.
constexpr size_t kReplayBytes = size_t{8} << 20;
constexpr Micros kNever = std::numeric_limits<Micros>::max();

// A backup, and journals that lead on from it; of the last one the commits
// recorded by `until`.
struct Plan {
  Backup backup;
  std::vector<StoredJournal> journals;
  Micros until = kNever;
};

std::string Text(Micros micros) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(micros),
                          absl::UTCTimeZone());
}

class Planner {
 public:
  Planner(std::vector<Backup> backups, std::vector<StoredJournal> journals)
      : backups_(std::move(backups)), journals_(std::move(journals)) {}

  absl::StatusOr<Plan> ForBackup(std::optional<BackupId> id) const {
    for (auto it = backups_.rbegin(); it != backups_.rend(); ++it) {
      if (!id || it->id == *id) return Plan{*it, {}, kNever};
    }
    return absl::NotFoundError(
        id ? absl::StrCat("there is no backup ", *id,
                          "; list them with headway store backups")
           : std::string("there is no backup to restore"));
  }

  absl::StatusOr<Plan> ForInstant(Micros at) const {
    // The newest first: it is reached by the shortest way.
    for (auto it = backups_.rbegin(); it != backups_.rend(); ++it) {
      if (it->commit > 0 && PointOf(*it).recorded_at == at) {
        return Plan{*it, {}, kNever};
      }
    }
    // One in whose course it lies, or else one before whose first commit.
    for (bool in_course : {true, false}) {
      for (const StoredJournal& journal : journals_) {
        const JournalHeader& header = journal.header;
        const Micros start =
            in_course ? header.first.recorded_at : StartOf(header);
        if (at < start || at > header.last.recorded_at) continue;
        std::optional<Plan> plan = LeadingTo(header.from);
        if (!plan) continue;
        plan->journals.push_back(journal);
        plan->until = at;
        return *std::move(plan);
      }
    }
    return Refuse(at);
  }

 private:
  // The instant from which on the state is that before the first commit.
  static Micros StartOf(const JournalHeader& header) {
    return header.from.commit == 0 ? std::numeric_limits<Micros>::min()
                                   : header.from.recorded_at;
  }

  // The backup nearest before the point and the journals between; empty if a
  // link is missing.
  std::optional<Plan> LeadingTo(LogPoint point) const {
    std::vector<StoredJournal> way;
    while (true) {
      for (auto it = backups_.rbegin(); it != backups_.rend(); ++it) {
        if (PointOf(*it) != point) continue;
        std::reverse(way.begin(), way.end());
        return Plan{*it, std::move(way), kNever};
      }
      const auto link = std::find_if(
          journals_.begin(), journals_.end(),
          [&](const StoredJournal& j) { return j.header.last == point; });
      if (link == journals_.end()) return std::nullopt;
      way.push_back(*link);
      point = link->header.from;
    }
  }

  absl::Status Refuse(Micros at) const {
    // What can be had: the ends of the journals, and the backups.
    std::set<Micros> instants;
    for (const Backup& backup : backups_) {
      if (backup.commit > 0) instants.insert(PointOf(backup).recorded_at);
    }
    for (const StoredJournal& journal : journals_) {
      if (!LeadingTo(journal.header.from)) continue;
      instants.insert(journal.header.first.recorded_at);
      instants.insert(journal.header.last.recorded_at);
    }
    std::vector<std::string> nearest;
    const auto after = instants.upper_bound(at);
    if (after != instants.begin()) nearest.push_back(Text(*std::prev(after)));
    if (after != instants.end()) nearest.push_back(Text(*after));
    return absl::OutOfRangeError(absl::StrCat(
        "no backup with its journals tells how the store was at ", Text(at),
        nearest.empty() ? ""
                        : absl::StrCat("; the nearest instants that can be "
                                       "restored are ",
                                       absl::StrJoin(nearest, " and "))));
  }

  const std::vector<Backup> backups_;
  const std::vector<StoredJournal> journals_;
};

absl::Status Refuse(absl::string_view text) {
  return absl::FailedPreconditionError(text);
}

absl::Status CheckTarget(const fs::path& to) {
  std::error_code error;
  const fs::file_status status = fs::status(to, error);
  if (!fs::exists(status)) return absl::OkStatus();
  if (!fs::is_directory(status)) {
    return Refuse(absl::StrCat(to.string(),
                               " is no directory; choose another with --to"));
  }
  const bool empty = fs::is_empty(to, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot read ", to.string(), " (", error.message(), ")"));
  }
  if (empty) return absl::OkStatus();
  if (fs::exists(to / kUnfinished)) {
    return Refuse(absl::StrCat(to.string(),
                               " holds a restore that was cut short; delete "
                               "the directory and try again"));
  }
  return Refuse(
      absl::StrCat(to.string(),
                   " is not empty; choose a directory that is, or one that is "
                   "not there, so that nothing is overwritten"));
}

absl::Status SystemError(absl::string_view what, const std::error_code& error) {
  const std::string text = absl::StrCat(what, " (", error.message(), ")");
  if (error == std::errc::no_space_on_device) {
    return absl::ResourceExhaustedError(text);
  }
  if (error == std::errc::permission_denied) {
    return absl::PermissionDeniedError(text);
  }
  return absl::InternalError(text);
}

// Replays the journals of the plan; many commits at once, which nobody sees.
absl::StatusOr<int64_t> Replay(const Plan& plan, Engine* engine) {
  int64_t replayed = 0;
  WriteBatch batch;
  for (const StoredJournal& stored : plan.journals) {
    ASSIGN_OR_RETURN(JournalReader journal, JournalReader::Open(stored.path));
    CommitNumber at = stored.header.from.commit;
    while (true) {
      ASSIGN_OR_RETURN(std::optional<JournalEntry> entry, journal.Next());
      if (!entry || entry->point.recorded_at > plan.until) break;
      RETURN_IF_ERROR(journal.Apply(*entry, &batch));
      if (entry->point.commit != at) ++replayed;
      at = entry->point.commit;
      if (batch.bytes() < kReplayBytes) continue;
      RETURN_IF_ERROR(engine->Write(batch));
      batch = WriteBatch();
    }
  }
  RETURN_IF_ERROR(engine->Write(batch));
  return replayed;
}

absl::Status SyncDirectory(const fs::path& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  const std::error_code error(errno, std::generic_category());
  if (directory >= 0) close(directory);
  return synced
             ? absl::OkStatus()
             : SystemError(absl::StrCat("cannot sync ", path.string()), error);
}

// CURRENT last: without it there is no store.
absl::Status MoveIntoPlace(const fs::path& from, const fs::path& to) {
  std::vector<fs::path> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(from, error)) {
    if (entry.path().filename() != "CURRENT") {
      names.push_back(entry.path().filename());
    }
  }
  names.push_back("CURRENT");
  for (const fs::path& name : names) {
    if (!error) fs::rename(from / name, to / name, error);
  }
  if (!error) fs::remove(from, error);
  if (error) {
    return SystemError(
        absl::StrCat("cannot move the restored files to ", to.string()), error);
  }
  return SyncDirectory(to);
}

absl::Status CopyBackup(const RocksBackups& backups, BackupId id,
                        const std::string& to) {
  absl::Status status = backups.Restore(id, to);
  if (!absl::IsDataLoss(status)) return status;
  // RocksDB does not always say which file it was.
  ASSIGN_OR_RETURN(std::vector<CopiedFile> files, backups.ListFiles(id));
  for (const CopiedFile& file : files) {
    RETURN_IF_ERROR(Annotate(
        backups.CheckFile(file),
        absl::StrCat("backup ", id, " cannot be restored, take another")));
  }
  return status;
}

// Makes the whole store in `directory`.
absl::Status Build(const RocksBackups& backups, const Plan& plan,
                   const RestoreOptions& how, const std::string& directory,
                   const ProblemSink& sink, RestoreResult* result) {
  RETURN_IF_ERROR(CopyBackup(backups, plan.backup.id, directory));
  StoreOptions options;
  // The next backup of the new store goes on where its history left this one's.
  options.keep_log_bytes = uint64_t{1} << 50;
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine,
                   Store::OpenEngine(directory, options));
  ASSIGN_OR_RETURN(result->replayed_commits, Replay(plan, engine.get()));
  // Behind the journals, which may hold the epochs of before.
  RETURN_IF_ERROR(BeginEpoch(engine.get()));
  if (how.revise) RETURN_IF_ERROR(how.revise(*engine));
  ASSIGN_OR_RETURN(result->verified, VerifyEngine(*engine, sink));
  if (result->verified.problems > 0) {
    return absl::DataLossError(absl::StrCat(
        "the restored store has ", result->verified.problems,
        " problems; restore from another backup or to another instant"));
  }
  const std::unique_ptr<View> view = engine->NewView();
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(*view));
  result->commit = last.first;
  if (last.first > 0) {
    result->recorded_at = absl::FromUnixMicros(last.second.recorded_at);
  }
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const RestoreOptions& options) {
  ASSIGN_OR_RETURN(std::vector<Backup> backups, ListBackups(options.backups));
  const Planner planner(std::move(backups), ListJournals(options.backups));
  absl::StatusOr<Plan> plan =
      options.at ? planner.ForInstant(absl::ToUnixMicros(*options.at))
                 : planner.ForBackup(options.backup);
  RETURN_IF_ERROR(plan.status());
  if (plan->backup.format <= kFormatVersion) return plan;
  return Refuse(absl::StrCat(
      "backup ", plan->backup.id, " was written by Headway ",
      plan->backup.headway_version, " in format ", plan->backup.format,
      ", this program knows formats up to ", kFormatVersion,
      "; restore it with that version of Headway, or a newer one"));
}

}  // namespace

absl::StatusOr<RestoreResult> Restore(const RestoreOptions& options,
                                      const ProblemSink& sink) {
  if (options.at && options.backup) {
    return absl::InvalidArgumentError(
        "a restore is to an instant or from a backup, not both");
  }
  const fs::path to = fs::absolute(options.to);
  RETURN_IF_ERROR(CheckTarget(to));
  ASSIGN_OR_RETURN(Plan plan, MakePlan(options));
  ASSIGN_OR_RETURN(
      std::unique_ptr<RocksBackups> backups,
      RocksBackups::Open(options.backups, RocksBackups::Mode::kRead));
  RestoreResult result;
  result.backup = plan.backup;
  const bool was_there = fs::exists(to);
  const fs::path unfinished = to / kUnfinished;
  std::error_code error;
  fs::create_directories(unfinished, error);
  if (error) {
    return SystemError(absl::StrCat("cannot make ", unfinished.string()),
                       error);
  }
  absl::Cleanup remove = [&] {
    // Where one file fails, RocksDB's threads still copy the others: what they
    // write must not come after the removal.
    backups.reset();
    std::error_code ignored;  // the failure itself is what is told
    fs::remove_all(was_there ? unfinished : to, ignored);
  };
  RETURN_IF_ERROR(Build(*backups, plan, options, unfinished, sink, &result));
  RETURN_IF_ERROR(MoveIntoPlace(unfinished, to));
  std::move(remove).Cancel();
  return result;
}

}  // namespace headway::store
