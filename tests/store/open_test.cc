// What keeps a store from being opened, read or written, and what is said then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "tests/store/faults/test_engine.h"
#include "tests/support/files.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

class OpenTest : public StoreTest {
 protected:
  absl::Status OpenStatus() {
    return Store::Open(directory_.path(), &clock_, options_).status();
  }

  // Hands the engine under the closed store to `change`.
  template <typename Change>
  void ChangeEngine(Change change) {
    store_.reset();
    auto engine = Store::OpenEngine(directory_.path(), {});
    ASSERT_TRUE(engine.ok()) << engine.status();
    WriteBatch batch;
    change(**engine, &batch);
    ASSERT_TRUE((*engine)->Write(batch).ok());
  }

  const series::SeriesInfo info_ = MonthlySeries("exports_usd");
};

TEST_F(OpenTest, MakesTheDirectoryAndThoseAboveIt) {
  auto store =
      Store::Open(directory_.path() + "/a/b/c", &clock_, Store::Options());
  EXPECT_TRUE(store.ok()) << store.status();
}

TEST_F(OpenTest, NamesTheDirectoryThatAnotherProcessHasLocked) {
  // The store is open in this process; look at it from a child.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = OpenStatus().ToString();
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written > 0 ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char c;
  while (read(ends[0], &c, 1) == 1) text.push_back(c);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("UNAVAILABLE"), HasSubstr(directory_.path()),
            HasSubstr("locked by another process"), HasSubstr("--data-dir")));
}

TEST_F(OpenTest, ASecondStoreInOneProcessIsLockedOutToo) {
  EXPECT_EQ(OpenStatus().code(), StatusCode::kUnavailable);
}

TEST_F(OpenTest, IsLockedThoughSomebodyRemovedTheLockFile) {
  ASSERT_TRUE(std::filesystem::remove(directory_.path() + "/LOCK"));
  // As another process would: one process is known to RocksDB by the path.
  const std::string other_name =
      directory_.path() + "/../" +
      std::filesystem::path(directory_.path()).filename().string();
  const absl::Status status =
      Store::Open(other_name, &clock_, options_).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  Open();
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
}

TEST_F(OpenTest, RefusesAFileInPlaceOfTheDirectory) {
  const std::string path = directory_.path() + "/file";
  std::ofstream(path) << "x";
  const absl::Status status =
      Store::Open(path, &clock_, Store::Options()).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

// As long as it lives, the process is not root.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    constexpr uid_t kNobody = 65534;
    if (was_ == 0 && seteuid(kNobody) != 0) std::abort();
  }
  ~WithoutPrivileges() {
    if (was_ == 0 && seteuid(was_) != 0) std::abort();
  }

 private:
  const uid_t was_ = geteuid();
};

TEST_F(OpenTest, RefusesADirectoryWithoutPermission) {
  const std::string parent = directory_.path() + "/closed";
  std::filesystem::create_directory(parent);
  std::filesystem::permissions(parent, std::filesystem::perms::none);
  absl::Status status;
  {
    WithoutPrivileges nobody;
    status = Store::Open(parent + "/store", &clock_, Store::Options()).status();
  }
  std::filesystem::permissions(parent, std::filesystem::perms::owner_all);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(parent), HasSubstr("--data-dir")));
}

TEST_F(OpenTest, RefusesAStoreThatAnotherUserOwns) {
  store_.reset();
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::none);
  absl::Status status;
  {
    WithoutPrivileges nobody;
    status = OpenStatus();
  }
  std::filesystem::permissions(directory_.path(),
                               std::filesystem::perms::owner_all);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << status;
}

TEST_F(OpenTest, RefusesADirectoryOfSomethingElse) {
  TempDirectory other;
  WriteFile(other.Join("thesis.tex"), "\\section{Introduction}");
  const absl::Status status =
      Store::Open(other.path(), &clock_, Store::Options()).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("thesis.tex"), HasSubstr("--data-dir")));
}

TEST_F(OpenTest, RefusesAStoreOfANewerFormat) {
  ChangeEngine([](Engine&, WriteBatch* batch) {
    std::string version;
    AppendVarint(kFormatVersion + 1, &version);
    batch->Put(Family::kMeta, kFormatKey, version);
  });
  const absl::Status status = OpenStatus();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr(directory_.path()),
            HasSubstr(absl::StrCat("written in format ", kFormatVersion + 1)),
            HasSubstr("run the version of Headway that wrote it")));
}

TEST_F(OpenTest, TakesOverAStoreOfTheFormatBefore) {
  ChangeEngine([](Engine&, WriteBatch* batch) {
    std::string version;
    AppendVarint(kFormatVersion - 1, &version);
    batch->Put(Family::kMeta, kFormatKey, version);
  });
  EXPECT_TRUE(OpenStatus().ok());
  Open();
  store_.reset();
  auto engine = Store::OpenEngine(directory_.path(), options_);
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::string present;
  AppendVarint(kFormatVersion, &present);
  EXPECT_EQ(
      (*engine)->LatestView()->Get(Family::kMeta, kFormatKey)->value_or(""),
      present);
}

TEST_F(OpenTest, RefusesAStoreOfAFormatTooOld) {
  ChangeEngine([](Engine&, WriteBatch* batch) {
    std::string version;
    AppendVarint(kOldestFormat - 1, &version);
    batch->Put(Family::kMeta, kFormatKey, version);
  });
  const absl::Status status = OpenStatus();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr(directory_.path()),
            HasSubstr(absl::StrCat("written in format ", kOldestFormat - 1)),
            HasSubstr("export it with the version of Headway that wrote it")));
}

TEST_F(OpenTest, AnIdentityIsKeptAndEveryStoreHasItsOwn) {
  const std::string identity = store_->identity();
  EXPECT_THAT(identity, testing::MatchesRegex("[0-9a-f]{32}-[0-9a-f]{16}"));
  Open();
  EXPECT_EQ(store_->identity(), identity);
  auto other =
      Store::Open(directory_.path() + "/other", &clock_, Store::Options());
  EXPECT_NE((*other)->identity(), identity);
}

TEST_F(OpenTest, AStoreOfBeforeIdentitiesIsGivenOneAtItsNextOpening) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  ChangeEngine([](Engine&, WriteBatch* batch) {
    batch->Delete(Family::kMeta, kIdentityKey);
  });
  Open();
  const std::string identity = store_->identity();
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  Open();
  EXPECT_EQ(store_->identity(), identity);
}

TEST_F(OpenTest, RefusesADatabaseThatIsNoHeadwayStore) {
  ChangeEngine([](Engine&, WriteBatch* batch) {
    batch->Delete(Family::kMeta, kFormatKey);
    batch->Put(Family::kMeta, "something", "else");
  });
  EXPECT_EQ(OpenStatus().code(), StatusCode::kFailedPrecondition);
}

TEST_F(OpenTest, NamesTheBlockWhoseChecksumDoesNotHold) {
  options_.full_block_interval = 1;
  Open();
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  // The head holds one vintage, and what stood before it.
  Commit({Update(info_, "2024-02-02", {{"2023-10", 2.5}})});
  const SeriesId id = Find(info_);
  ChangeEngine([&](Engine& engine, WriteBatch* batch) {
    auto view = engine.NewView();
    auto it = view->NewCursor(Family::kVintages, {.descending = true});
    it->SeekToFirst();  // the oldest vintage
    std::string bytes(it->value());
    bytes.back() ^= 1;
    batch->Put(Family::kVintages, it->key(), bytes);
  });
  Open();
  ReadOptions options;
  options.as_of = At("2024-01-15");
  const absl::Status status = store_->NewReader()->Read(id, options).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(directory_.path()), HasSubstr("series 1"),
                    HasSubstr("known_at 2024-01-01T00:00:00Z"),
                    HasSubstr("checksum does not hold")));
  // The rest goes on.
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 2.5}}));
  Commit({Update(info_, "2024-03-01", {{"2023-10", 3}})});
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 3}}));
}

TEST_F(OpenTest, NamesTheSeriesWhoseHeadIsDamaged) {
  const series::SeriesInfo other = MonthlySeries("imports_usd");
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}}),
          Update(other, "2024-01-01", {{"2023-10", 7}})});
  const SeriesId id = Find(info_);
  ChangeEngine([&](Engine& engine, WriteBatch* batch) {
    std::string bytes =
        *engine.NewView()->Get(Family::kCurrent, EncodeId(id)).value();
    bytes.back() ^= 1;
    batch->Put(Family::kCurrent, EncodeId(id), bytes);
  });
  Open();
  const absl::Status status = store_->NewReader()->Read(id).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(directory_.path()), HasSubstr("series 1"),
                    HasSubstr("checksum does not hold")));
  EXPECT_EQ(Read(other), (Values{{"2023-10", 7}}));
}

TEST_F(OpenTest, ReportsACorruptFile) {
  for (int i = 0; i < 50; ++i) {
    Commit({Update(MonthlySeries("m", {{"n", absl::StrCat(i)}}), "2024-01-01",
                   {{"2023-10", i}})});
  }
  // Reopening moves the log into table files.
  Open();
  store_.reset();
  int damaged = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_.path())) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.write("damage", 6);
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  absl::Status status;
  auto store = Store::Open(directory_.path(), &clock_, options_);
  status = store.status();
  if (store.ok()) {
    status = (*store)->NewReader()->SelectSeries(series::Selector()).status();
  }
  EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory_.path()));
}

// As long as it lives, writes beyond this size of a file fail.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    // The default action would end the process.
    old_handler_ = signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &old_limit_) != 0) std::abort();
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) std::abort();
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_;
  sighandler_t old_handler_;
};

TEST_F(OpenTest, AfterAFailedWriteReadsGoOnAndAReopenMendsIt) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  Batch batch;
  batch.updates = {Update(info_, "2024-02-01", {{"2023-10", 2}})};
  batch.records = {{RecordKind::kRuns, "big", std::string(1 << 20, 'x')}};
  {
    FileSizeLimit limit(1 << 19);
    EXPECT_FALSE(store_->Commit(batch).ok());
  }
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  EXPECT_THAT(std::string(store_->Commit(batch).status().message()),
              HasSubstr("until the daemon is restarted"));
  Open();
  EXPECT_EQ(store_->last_commit(), 1u);
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  Commit(batch);
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 2}}));
}

TEST_F(OpenTest, NoticesThatCommitsAreGoneThoughTheRestIsWhole) {
  const std::string copy = directory_.path() + "/copy";
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  store_.reset();
  std::filesystem::copy(directory_.path(), copy);
  Open();
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  store_.reset();
  // The files of then, and what is told of now.
  std::filesystem::copy(directory_.path() + "/HEADWAY-MARK",
                        copy + "/HEADWAY-MARK",
                        std::filesystem::copy_options::overwrite_existing);
  const absl::Status status =
      Store::Open(copy, &clock_, Store::Options()).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(copy),
                    HasSubstr("it ends at commit 1, but held 2 before"),
                    HasSubstr("restore")));
}

TEST_F(OpenTest, MemoryStaysBoundedHoweverMuchIsWritten) {
  constexpr TestEngineOptions options{.write_buffer_bytes = size_t{1} << 20};
  auto engine = OpenTestEngine(directory_.path() + "/engine", options);
  ASSERT_TRUE(engine.ok()) << engine.status();
  uint64_t written = 0, most = 0;
  // Faster than any disk, for nothing waits for a sync.
  for (int i = 0; i < 600; ++i) {
    WriteBatch batch;
    batch.Put(Family::kRuns, absl::StrCat(i), std::string(100000, 'x'));
    ASSERT_TRUE((*engine)->Append(batch).ok());
    written += 100000;
    auto usage = (*engine)->maintenance().GetUsage();
    ASSERT_TRUE(usage.ok()) << usage.status();
    uint64_t in_memory = 0;
    for (const auto& family : usage->families) {
      in_memory += family.memory_bytes;
    }
    most = std::max(most, in_memory);
  }
  EXPECT_GT(written, 50 * options.write_buffer_bytes);
  EXPECT_LT(most, 8 * options.write_buffer_bytes);
}

// A small file system of its own, where we may make one.
class SmallDiskTest : public OpenTest {
 protected:
  void SetUp() override {
    small_ = directory_.path() + "/small";
    std::filesystem::create_directory(small_);
    mounted_ = mount("tmpfs", small_.c_str(), "tmpfs", 0, "size=256m") == 0;
    if (!mounted_) GTEST_SKIP() << "no permission to mount a small tmpfs";
  }
  void TearDown() override {
    store_.reset();
    if (mounted_) umount(small_.c_str());
  }

  std::string ballast() const { return small_ + "/ballast"; }

  void FillDisk() {
    std::ofstream file(ballast(), std::ios::binary);
    const std::string chunk(size_t{1} << 20, 'x');
    while (file.write(chunk.data(), chunk.size()).flush()) {
    }
  }

  std::string small_;
  bool mounted_ = false;
};

TEST_F(SmallDiskTest, NamesTheDirectoryOfAReadOnlyFileSystem) {
  store_ = Store::Open(small_, &clock_, options_).value();
  store_.reset();
  ASSERT_EQ(
      mount(nullptr, small_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr),
      0);
  const absl::Status status = Store::Open(small_, &clock_, options_).status();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(small_));
}

TEST_F(SmallDiskTest, SaysThatTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  store_ = Store::Open(small_, &clock_, options_).value();
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  FillDisk();
  Batch batch;
  batch.updates = {Update(info_, "2024-02-01", {{"2023-10", 2}})};
  const absl::Status status = store_->Commit(batch).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(small_), HasSubstr("disk is full")));
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  std::filesystem::remove(ballast());
  Commit(batch);
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 2}}));
}

TEST_F(SmallDiskTest, AnUnexpectedlyFullDiskLosesNothingThatWasAcknowledged) {
  auto engine = OpenTestEngine(small_, {.reserved_bytes = 0});
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto put = [&](absl::string_view key, size_t size) {
    WriteBatch batch;
    batch.Put(Family::kRuns, key, std::string(size, 'x'));
    return (*engine)->Write(batch);
  };
  ASSERT_TRUE(put("first", 10).ok());
  FillDisk();
  // With no reserve, the table that the memory is written to finds no room.
  std::filesystem::resize_file(ballast(),
                               std::filesystem::file_size(ballast()) - 4096);
  absl::Status status;
  for (int i = 0; i < 200000 && status.ok(); ++i) status = put("fills", 1000);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_FALSE(put("second", 10).ok());
  EXPECT_TRUE((*engine)->NewView()->Get(Family::kRuns, "first")->has_value());
  engine->reset();
  std::filesystem::remove(ballast());
  engine = OpenTestEngine(small_, {.reserved_bytes = 0});
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE((*engine)->NewView()->Get(Family::kRuns, "first")->has_value());
  EXPECT_TRUE(put("second", 10).ok());
}

}  // namespace
}  // namespace headway::store
