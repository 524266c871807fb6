// Backups, and what is restored from them.
#include "daemon/store/upkeep/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/rocks/backup.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "daemon/store/upkeep/compact.h"
#include "daemon/store/upkeep/restore.h"
#include "tests/store/answers.h"
#include "tests/support/child_process.h"
#include "tests/support/random_seed.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

namespace fs = std::filesystem;

using absl::StatusCode;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kSource[] = "customs";

void ExpectNoProblem(const Problem& problem) {
  ADD_FAILURE() << problem.thing << ": " << problem.what;
}

class BackupTest : public StoreTest {
 protected:
  void SetUp() override {
    options_.keep_log_bytes = uint64_t{64} << 20;
    StoreTest::SetUp();
  }

  // A commit a minute that touches a series, a checkpoint and records, one of
  // them deleted again by the next.
  Batch MakeBatch(int n) {
    Batch batch;
    batch.updates = {
        Update(MonthlySeries("ships", {{"port", absl::StrCat(n % 3)}}),
               "2023-06-01", {{"2023-01", n}, {"2023-02", n * 0.5}}),
    };
    batch.updates[0].known_at += absl::Hours(n);
    batch.checkpoints = {{kSource, "all", absl::StrCat("page ", n)}};
    batch.records = {
        {RecordKind::kRuns, absl::StrCat("run ", n), "done"},
        {RecordKind::kState, absl::StrCat("open ", n - 1), std::nullopt},
        {RecordKind::kState, absl::StrCat("open ", n), "yes"}};
    batch.provenance.run = absl::StrCat("run ", n);
    return batch;
  }

  // Commits number `n` and remembers the answers after it.
  void CommitNumbered(int n) {
    clock_.Advance(absl::Minutes(1));
    Commit(MakeBatch(n));
    answers_[clock_.Now()] = Answers(*store_);
  }
  void CommitNumbered(int first, int last) {
    for (int n = first; n <= last; ++n) CommitNumbered(n);
  }

  static std::string Answers(const Store& store) {
    return AnswersOf(*store.NewReader(), {kSource});
  }

  Backup MakeBackup(int keep = 100) {
    auto backup = CreateBackup(*store_, {.directory = backups(), .keep = keep});
    EXPECT_TRUE(backup.ok()) << backup.status();
    return backup.value_or(Backup());
  }

  std::vector<BackupId> Ids() {
    auto list = ListBackups(backups());
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<BackupId> ids;
    for (const Backup& backup : *list) ids.push_back(backup.id);
    return ids;
  }

  std::vector<Problem> ProblemsOf(std::optional<BackupId> id = std::nullopt) {
    std::vector<Problem> problems;
    auto counts = VerifyBackups(backups(), id, [&](const Problem& problem) {
      problems.push_back(problem);
    });
    EXPECT_TRUE(counts.ok()) << counts.status();
    EXPECT_EQ(counts->problems, static_cast<int64_t>(problems.size()));
    return problems;
  }

  // Restores to a directory of its own.
  absl::StatusOr<RestoreResult> TryRestore(RestoreOptions options) {
    options.backups = backups();
    options.to = target();
    return Restore(options, ExpectNoProblem);
  }

  std::string AnswersAt(absl::Time at) {
    auto result = TryRestore({.at = at});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? OpenAndForget() : "";
  }

  std::string AnswersOfBackup(BackupId id) {
    auto result = TryRestore({.backup = id});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? OpenAndForget() : "";
  }

  // What the restored store answers; the directory is free again.
  std::string OpenAndForget() {
    auto store = Store::Open(target(), &clock_, options_);
    EXPECT_TRUE(store.ok()) << store.status();
    std::string answers = store.ok() ? Answers(**store) : "";
    store->reset();
    fs::remove_all(target());
    return answers;
  }

  std::string backups() const { return beside_.path() + "/backups"; }
  std::string target() const { return beside_.path() + "/restored"; }

  std::vector<fs::path> FilesUnder(const std::string& folder) const {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::recursive_directory_iterator(backups() + "/" + folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  uint64_t BytesUnder(const std::string& folder) const {
    uint64_t bytes = 0;
    for (const fs::path& path : FilesUnder(folder)) {
      bytes += fs::file_size(path);
    }
    return bytes;
  }

  TempDirectory beside_;
  // After the commit of that instant.
  std::map<absl::Time, std::string> answers_;
};

void FlipABit(const fs::path& path, std::streamoff where) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(where);
  char byte = 0;
  file.get(byte);
  file.seekp(where);
  file.put(static_cast<char>(byte ^ 16));
  ASSERT_TRUE(file.good()) << path;
}

TEST_F(BackupTest, IsTheStoreAsItWasWhenItWasMade) {
  CommitNumbered(1, 20);
  const std::string then = Answers(*store_);
  const Backup backup = MakeBackup();
  CommitNumbered(21, 30);
  EXPECT_EQ(AnswersOfBackup(backup.id), then);
}

TEST_F(BackupTest, TellsItsLastCommitFormatAndVersion) {
  CommitNumbered(1, 3);
  const Backup backup = MakeBackup();
  EXPECT_EQ(backup.commit, 3u);
  EXPECT_EQ(backup.recorded_at, clock_.Now());
  EXPECT_EQ(backup.format, kFormatVersion);
  EXPECT_THAT(backup.headway_version, testing::Not(IsEmpty()));
  EXPECT_GT(backup.bytes, 0u);
}

TEST_F(BackupTest, OfAnEmptyStoreRestoresToAnEmptyOne) {
  const Backup backup = MakeBackup();
  EXPECT_EQ(backup.commit, 0u);
  EXPECT_EQ(AnswersOfBackup(backup.id), Answers(*store_));
}

TEST_F(BackupTest, MadeBesideAWriterIsTheStoreAfterTheCommitThatItNames) {
  // The answers after each commit, by its number.
  std::map<CommitNumber, std::string> after;
  absl::Mutex mutex;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int n = 1; !stop || n < 50; ++n) {
      ASSERT_TRUE(store_->Commit(MakeBatch(n)).ok());
      const auto reader = store_->NewReader();
      absl::MutexLock lock(&mutex);
      after[reader->commit()] = AnswersOf(*reader, {kSource});
    }
  });
  std::vector<Backup> made;
  for (int i = 0; i < 5; ++i) made.push_back(MakeBackup());
  stop = true;
  writer.join();
  after[0] = "";
  for (const Backup& backup : made) {
    if (backup.commit == 0) continue;
    EXPECT_EQ(AnswersOfBackup(backup.id), after[backup.commit])
        << "of backup " << backup.id;
  }
  for (size_t i = 1; i < made.size(); ++i) {
    EXPECT_TRUE(made[i].continuous) << made[i].id;
  }
}

TEST_F(BackupTest, SharesWhatDidNotChange) {
  Batch batch;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string noise(200, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    batch.records.push_back(
        {RecordKind::kRuns, absl::StrCat("noise ", i), noise});
  }
  Commit(batch);
  // RocksDB writes each new table anew once; that is behind us now.
  ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  MakeBackup();
  const size_t files = FilesUnder("shared_checksum").size();
  const uint64_t bytes = BytesUnder("shared_checksum");
  ASSERT_GT(bytes, 200'000u);
  CommitNumbered(1);
  MakeBackup();
  const size_t more_files = FilesUnder("shared_checksum").size() - files;
  EXPECT_GT(more_files, 0u);
  EXPECT_LE(more_files, 10u) << "a family that the commit touched has one";
  EXPECT_LT(BytesUnder("shared_checksum") - bytes, bytes / 10);
}

TEST_F(BackupTest, KeepsTheNewest) {
  for (int n = 1; n <= 5; ++n) {
    CommitNumbered(n);
    MakeBackup(/*keep=*/3);
  }
  EXPECT_THAT(Ids(), ElementsAre(3, 4, 5));
  EXPECT_THAT(FilesUnder("headway"), SizeIs(3 + 2))
      << "descriptions, and the journals between them";
  EXPECT_THAT(ProblemsOf(), IsEmpty());
}

TEST_F(BackupTest, RefusesToKeepNone) {
  const absl::Status status =
      CreateBackup(*store_, {.directory = backups(), .keep = 0}).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
}

TEST_F(BackupTest, RefusesADirectoryInOrAroundThatOfTheStore) {
  for (const std::string& directory :
       {directory_.path(), directory_.path() + "/backups",
        std::string(fs::path(directory_.path()).parent_path())}) {
    const absl::Status status =
        CreateBackup(*store_, {.directory = directory}).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << directory;
    EXPECT_THAT(std::string(status.message()), HasSubstr(directory_.path()));
  }
}

TEST_F(BackupTest, OneThatIsDeletedIsNotListedAndLeavesNoGap) {
  for (int n = 1; n <= 6; n += 2) {
    CommitNumbered(n, n + 1);
    MakeBackup();
  }
  ASSERT_TRUE(DeleteBackup(backups(), 2).ok());
  EXPECT_THAT(Ids(), ElementsAre(1, 3));
  for (const auto& [at, answers] : answers_) {
    if (at < std::next(answers_.begin())->first) continue;
    EXPECT_EQ(AnswersAt(at), answers);
  }
  EXPECT_EQ(DeleteBackup(backups(), 2).code(), StatusCode::kNotFound);
}

TEST_F(BackupTest, ASecondWriterOfTheDirectoryIsToldToWait) {
  auto first = RocksBackups::Open(backups(), RocksBackups::Mode::kWrite);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status status =
      CreateBackup(*store_, {.directory = backups()}).status();
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_THAT(std::string(status.message()), HasSubstr(backups()));
}

TEST_F(BackupTest, EndsWhenNobodyWaitsForItAndTheNextOneIsWhole) {
  CommitNumbered(1, 3);
  MakeBackup();
  CommitNumbered(4);
  const absl::Status status =
      CreateBackup(*store_,
                   {.directory = backups(),
                    .check_alive = [] { return absl::CancelledError("gone"); }})
          .status();
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  EXPECT_THAT(Ids(), ElementsAre(1));
  MakeBackup();
  EXPECT_THAT(ProblemsOf(), IsEmpty());
}

TEST_F(BackupTest, RestoresTheStateAfterEveryCommitBetweenTheFirstAndTheLast) {
  CommitNumbered(1, 3);
  const absl::Time first = clock_.Now();
  MakeBackup();
  CommitNumbered(4, 6);
  MakeBackup();
  CommitNumbered(7, 8);
  MakeBackup();
  for (const auto& [at, answers] : answers_) {
    if (at < first) continue;
    EXPECT_EQ(AnswersAt(at), answers) << at;
    if (at == clock_.Now()) continue;
    EXPECT_EQ(AnswersAt(at + absl::Minutes(1) - absl::Microseconds(1)), answers)
        << "right before the commit after " << at;
  }
}

TEST_F(BackupTest, TheLogIsReadAcrossRestartsAndCompactions) {
  CommitNumbered(1, 3);
  MakeBackup();
  for (int n = 4; n <= 8; ++n) {
    CommitNumbered(n);
    Open();
    ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  }
  EXPECT_TRUE(MakeBackup().continuous);
  EXPECT_EQ(AnswersAt(clock_.Now() - absl::Minutes(2)),
            answers_[clock_.Now() - absl::Minutes(2)]);
}

TEST_F(BackupTest, ALogThatWasNotKeptLeavesAGapThatARestoreNames) {
  options_.keep_log_bytes = 0;
  Open();
  CommitNumbered(1, 2);
  MakeBackup();
  const absl::Time before = clock_.Now();
  CommitNumbered(3, 4);
  Open();  // a log that is not kept is gone after this
  CommitNumbered(5);
  const Backup backup = MakeBackup();
  EXPECT_FALSE(backup.continuous);
  const absl::Status status =
      TryRestore({.at = before + absl::Seconds(90)}).status();
  EXPECT_EQ(status.code(), StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("2024-01-01T00:02:00Z"),
                    HasSubstr("2024-01-01T00:05:00Z")));
  // What lies beside the gap can be had, and with a log all is continuous.
  EXPECT_EQ(AnswersAt(before), answers_[before]);
  options_.keep_log_bytes = uint64_t{64} << 20;
  Open();
  CommitNumbered(6, 7);
  EXPECT_TRUE(MakeBackup().continuous);
  EXPECT_EQ(AnswersAt(clock_.Now() - absl::Minutes(1)),
            answers_[clock_.Now() - absl::Minutes(1)]);
}

TEST_F(BackupTest, AnInstantOutsideOfWhatWasBackedUpIsRefused) {
  CommitNumbered(1);
  MakeBackup();
  CommitNumbered(2);
  MakeBackup();
  for (absl::Time at : {At("2023-01-01"), clock_.Now() + absl::Seconds(1)}) {
    const absl::Status status = TryRestore({.at = at}).status();
    EXPECT_EQ(status.code(), StatusCode::kOutOfRange) << at;
    EXPECT_FALSE(fs::exists(target()));
  }
}

TEST_F(BackupTest, ARestoredStoreGoesOnWithAHistoryOfItsOwn) {
  CommitNumbered(1, 2);
  MakeBackup();
  CommitNumbered(3, 5);
  MakeBackup();
  const auto old_answers = answers_;
  // Back to the third commit, and on from there under the same backups.
  const absl::Time third = clock_.Now() - absl::Minutes(2);
  ASSERT_TRUE(TryRestore({.at = third}).ok());
  store_.reset();
  fs::remove_all(directory_.path());
  fs::copy(target(), directory_.path(), fs::copy_options::recursive);
  fs::remove_all(target());
  Open();
  clock_.Advance(absl::Hours(1));
  answers_.clear();
  CommitNumbered(104, 106);
  EXPECT_TRUE(MakeBackup().continuous);
  for (const auto& [at, answers] : answers_) {
    EXPECT_EQ(AnswersAt(at), answers) << "of the new history, at " << at;
  }
  for (auto it = std::next(old_answers.begin()); it != old_answers.end();
       ++it) {
    EXPECT_EQ(AnswersAt(it->first), it->second)
        << "of the old history, at " << it->first;
  }
}

TEST_F(BackupTest, ARestoredStoreIsTheSameStoreInAnotherEpoch) {
  const std::string before = store_->identity();
  CommitNumbered(1);
  MakeBackup();
  CommitNumbered(2, 4);
  MakeBackup();
  std::set<std::string> identities = {before};
  // From a backup, and by way of a journal; each restore is another history.
  for (const absl::Time at : {clock_.Now(), clock_.Now() - absl::Minutes(1),
                              clock_.Now() - absl::Minutes(1)}) {
    ASSERT_TRUE(TryRestore({.at = at}).ok());
    auto restored = Store::Open(target(), &clock_, options_);
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ((*restored)->identity().substr(0, 32), before.substr(0, 32));
    EXPECT_TRUE(identities.insert((*restored)->identity()).second);
    restored->reset();
    fs::remove_all(target());
  }
  EXPECT_EQ(store_->identity(), before);
}

TEST_F(BackupTest, ATargetThatIsNotEmptyIsRefusedAndLeftAlone) {
  CommitNumbered(1);
  MakeBackup();
  fs::create_directories(target());
  std::ofstream(target() + "/precious") << "x";
  const absl::Status status = TryRestore({}).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(target()), HasSubstr("not empty")));
  EXPECT_TRUE(fs::exists(target() + "/precious"));
}

TEST_F(BackupTest, AnEmptyTargetIsTaken) {
  CommitNumbered(1);
  MakeBackup();
  fs::create_directories(target());
  EXPECT_TRUE(TryRestore({}).ok());
  EXPECT_EQ(OpenAndForget(), Answers(*store_));
}

TEST_F(BackupTest, OneOfANewerFormatIsRefused) {
  CommitNumbered(1);
  store_.reset();
  {
    auto engine = Store::OpenEngine(directory_.path(), {});
    ASSERT_TRUE(engine.ok()) << engine.status();
    std::string version;
    AppendVarint(kFormatVersion + 1, &version);
    WriteBatch batch;
    batch.Put(Family::kMeta, kFormatKey, version);
    ASSERT_TRUE((*engine)->Write(batch).ok());
    auto copies = RocksBackups::Open(backups(), RocksBackups::Mode::kWrite);
    ASSERT_TRUE(copies.ok()) << copies.status();
    ASSERT_TRUE(
        (*copies)->Create(**engine, [] { return absl::OkStatus(); }).ok());
  }
  const absl::Status status = TryRestore({}).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("in format ", kFormatVersion + 1)));
  EXPECT_FALSE(fs::exists(target()));
}

TEST_F(BackupTest, ADamagedFileIsNamedByVerifyAndRefusedByRestore) {
  CommitNumbered(1, 5);
  MakeBackup();
  for (const fs::path& path : FilesUnder("shared_checksum")) {
    SCOPED_TRACE(path);
    const auto where = static_cast<std::streamoff>(fs::file_size(path) / 2);
    FlipABit(path, where);
    const std::vector<Problem> problems = ProblemsOf();
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_EQ(problems[0].thing, "backup 1");
    EXPECT_THAT(problems[0].what, HasSubstr(path.string()));
    const absl::Status status = TryRestore({}).status();
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path.string()));
    EXPECT_FALSE(fs::exists(target()));
    FlipABit(path, where);
  }
  EXPECT_THAT(ProblemsOf(), IsEmpty());
}

TEST_F(BackupTest, AMissingFileIsNamedByVerify) {
  CommitNumbered(1, 5);
  MakeBackup();
  const fs::path path = FilesUnder("shared_checksum").front();
  fs::remove(path);
  const std::vector<Problem> problems = ProblemsOf();
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0].what, HasSubstr(path.string()));
}

TEST_F(BackupTest, ADamagedJournalIsNamedAndOnlyItsInstantsAreLost) {
  CommitNumbered(1, 2);
  MakeBackup();
  CommitNumbered(3, 5);
  MakeBackup();
  const fs::path path = backups() + "/headway/2.journal";
  FlipABit(path, static_cast<std::streamoff>(fs::file_size(path) - 3));
  const std::vector<Problem> problems = ProblemsOf();
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].thing, path);
  const absl::Time third = clock_.Now() - absl::Minutes(2);
  EXPECT_EQ(AnswersAt(third), answers_[third]) << "the damage lies behind it";
  EXPECT_EQ(TryRestore({.at = clock_.Now() - absl::Seconds(1)}).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(AnswersOfBackup(2), Answers(*store_));
}

TEST_F(BackupTest, ADescriptionThatIsLostIsToldFromTheBackup) {
  CommitNumbered(1, 2);
  const Backup first = MakeBackup();
  CommitNumbered(3);
  MakeBackup();
  fs::remove(backups() + "/headway/1.backup");
  FlipABit(backups() + "/headway/2.backup", 7);
  auto list = ListBackups(backups());
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ((*list)[0].commit, first.commit);
  EXPECT_EQ((*list)[0].recorded_at, first.recorded_at);
  EXPECT_EQ((*list)[1].commit, 3u);
  CommitNumbered(4);
  MakeBackup();
  EXPECT_TRUE(fs::exists(backups() + "/headway/1.backup"));
  EXPECT_THAT(ProblemsOf(), IsEmpty());
  EXPECT_EQ(AnswersAt(clock_.Now() - absl::Seconds(1)),
            answers_[clock_.Now() - absl::Minutes(1)]);
}

// A disk of a few megabytes, where that can be had.
TEST_F(BackupTest, ADiskThatIsFullIsNamedAndOlderBackupsStayWhole) {
  CommitNumbered(1, 3);
  const std::string small = beside_.path() + "/small";
  fs::create_directory(small);
  if (mount("tmpfs", small.c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "no permission to mount a small tmpfs";
  }
  BackupOptions options{.directory = small + "/backups"};
  EXPECT_TRUE(CreateBackup(*store_, options).ok());
  std::mt19937_64 random(1);
  std::string noise(8 << 20, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  Batch batch;
  batch.records = {{RecordKind::kState, "noise", noise}};
  Commit(batch);
  const absl::Status status = CreateBackup(*store_, options).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(options.directory));
  auto counts = VerifyBackups(options.directory, std::nullopt, ExpectNoProblem);
  EXPECT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->backups, 1);
  umount(small.c_str());
}

TEST_F(BackupTest, KilledAtAnyInstantLeavesOlderOnesUsable) {
  const uint64_t seed = TestSeed();
  std::mt19937_64 random(seed);
  store_.reset();
  for (int kill_number = 0; kill_number < 10; ++kill_number) {
    SCOPED_TRACE(absl::StrCat("kill ", kill_number, ", seed ", seed));
    ChildProcess writer(HEADWAY_BACKUP_WRITER, {directory_.path(), backups()});
    ASSERT_EQ(writer.AwaitLines(1), 1) << "the writer ended by itself";
    // So that the kill falls anywhere within the backup under way.
    usleep(static_cast<useconds_t>(random() % 100000));
    writer.Kill();
    ASSERT_THAT(Ids(), testing::Not(IsEmpty()));
    ASSERT_THAT(ProblemsOf(), IsEmpty());
  }
  Open();
  const Backup last = MakeBackup(/*keep=*/5);
  EXPECT_TRUE(last.continuous);
  EXPECT_EQ(AnswersOfBackup(last.id), Answers(*store_));
  EXPECT_THAT(Ids(), SizeIs(5));
  for (const fs::path& path : FilesUnder("headway")) {
    EXPECT_NE(path.extension(), ".unfinished");
  }
}

}  // namespace
}  // namespace headway::store
