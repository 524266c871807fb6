// A disk that loses power, fails or fills up under the store.
// HEADWAY_TEST_POWER_CUTS says how often it loses power.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/disk.h"
#include "tests/store/faults/store_writer.h"
#include "tests/store/faults/test_engine.h"
#include "tests/store/faults/writer_check.h"
#include "tests/support/random_seed.h"

namespace headway::store {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using Operation = FaultDisk::Operation;

#ifdef HEADWAY_SANITIZED
constexpr uint64_t kPowerCuts = 25;
#else
constexpr uint64_t kPowerCuts = 100;
#endif
constexpr int kFaultyWriters = 3;
// So little that tables are written and merged all the time.
constexpr size_t kTinyBuffer = size_t{64} << 10;
constexpr size_t kLargeBuffer = size_t{64} << 20;

const char* NameOf(Operation operation) {
  switch (operation) {
    case Operation::kCreate:
      return "Creation";
    case Operation::kAppend:
      return "Append";
    case Operation::kSync:
      return "Sync";
    case Operation::kSyncDirectory:
      return "DirectorySync";
    case Operation::kRename:
      return "Rename";
    case Operation::kRemove:
      return "Removal";
    case Operation::kRead:
      return "Read";
  }
  return "";
}

class FaultTest : public testing::Test {
 protected:
  void SetUp() override {
    random_.seed(TestSeed());
    disk_ = std::make_unique<FaultDisk>(random_());
  }

  void TearDown() override { store_.reset(); }

  absl::Status TryToOpen(size_t write_buffer_bytes = kLargeBuffer) {
    store_.reset();
    auto engine =
        OpenTestEngine(disk_.get(), {.write_buffer_bytes = write_buffer_bytes});
    if (!engine.ok()) return engine.status();
    auto store = Store::Open(*std::move(engine), &clock_, options_);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return absl::OkStatus();
  }

  void Open(size_t write_buffer_bytes = kLargeBuffer) {
    const absl::Status status = TryToOpen(write_buffer_bytes);
    ASSERT_TRUE(status.ok()) << status;
  }

  // The next batch of writer 0.
  absl::Status CommitNext() {
    absl::Status status =
        store_->Commit(WriterBatch(0, committed_ + 1)).status();
    if (status.ok()) ++committed_;
    return status;
  }

  void Commit(int batches) {
    for (int i = 0; i < batches; ++i) {
      const absl::Status status = CommitNext();
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  // Commits until that fails, and returns how.
  absl::Status CommitUntilItFails() {
    absl::Status status;
    for (int i = 0; i < 5000 && status.ok(); ++i) status = CommitNext();
    return status;
  }

  // Commits until there is no room for anything more. A merge of tables that
  // finds none turns the commit away that waited for it, while there may still
  // be some for the next one.
  void CommitUntilNoneFits() {
    int refused = 0;
    for (int i = 0; i < 5000 && refused < 2; ++i) {
      const absl::Status status = CommitNext();
      if (!status.ok()) {
        ASSERT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
      }
      refused = status.ok() ? 0 : refused + 1;
    }
    ASSERT_EQ(refused, 2);
  }

  // What writer 0 committed is there, and nothing else.
  void CheckAll() { CheckAll(committed_, committed_); }
  void CheckAll(int64_t at_least, int64_t at_most) {
    WriterCheck check(1);
    ASSERT_NO_FATAL_FAILURE(check.Check(*store_->NewReader()));
    ASSERT_GE(check.last(0), at_least);
    ASSERT_LE(check.last(0), at_most);
    committed_ = check.last(0);
  }

  void MoveTo(std::unique_ptr<FaultDisk> disk) {
    store_.reset();
    disk_ = std::move(disk);
  }

  FaultDisk::Loss RandomLoss() {
    return random_() % 2 == 0 ? FaultDisk::Loss::kAll : FaultDisk::Loss::kTail;
  }

  std::mt19937_64 random_;
  SimulatedClock clock_{At("2024-01-01")};
  Store::Options options_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<Store> store_;
  int64_t committed_ = 0;
};

// What several threads were told that they had committed, at the power cut.
class Acknowledged {
 public:
  void Done(int writer) { ++done_[writer]; }
  void Keep() {
    for (int i = 0; i < kFaultyWriters; ++i) at_cut_[i] = done_[i].load();
  }
  int64_t at_cut(int writer) const { return at_cut_[writer]; }

 private:
  std::atomic<int64_t> done_[kFaultyWriters] = {};
  int64_t at_cut_[kFaultyWriters] = {};
};

TEST_F(FaultTest, APowerCutAtAnyInstantLosesNothingThatWasAcknowledged) {
  const uint64_t cuts = FromEnvironment("HEADWAY_TEST_POWER_CUTS", kPowerCuts);
  WriterCheck check(kFaultyWriters);
  for (uint64_t i = 0; i < cuts; ++i) {
    SCOPED_TRACE(absl::StrCat("power cut ", i));
    const FaultDisk::Loss loss = RandomLoss();
    // At times while the store is opened and mends itself.
    Acknowledged acknowledged;
    disk_->CutPowerAfter(static_cast<int>(random_() % 120), loss,
                         [&] { acknowledged.Keep(); });
    ASSERT_NO_FATAL_FAILURE(
        Open(random_() % 2 == 0 ? kTinyBuffer : kLargeBuffer));
    std::vector<std::thread> threads;
    for (int writer = 0; writer < kFaultyWriters; ++writer) {
      threads.emplace_back([&, writer, first = check.last(writer) + 1] {
        for (int64_t n = first; n < first + 12; ++n) {
          auto result = store_->Commit(WriterBatch(writer, n));
          ASSERT_TRUE(result.ok()) << result.status();
          acknowledged.Done(writer);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_FALSE(HasFatalFailure());
    std::unique_ptr<FaultDisk> after = disk_->TakeDiskAfterPowerCut();
    if (after == nullptr) {
      acknowledged.Keep();
      after = disk_->AfterPowerCut(loss);
    }
    MoveTo(std::move(after));
    ASSERT_NO_FATAL_FAILURE(Open());
    int64_t before[kFaultyWriters];
    for (int w = 0; w < kFaultyWriters; ++w) before[w] = check.last(w);
    ASSERT_NO_FATAL_FAILURE(check.Check(*store_->NewReader()));
    for (int w = 0; w < kFaultyWriters; ++w) {
      ASSERT_GE(check.last(w), before[w] + acknowledged.at_cut(w));
      ASSERT_LE(check.last(w), before[w] + acknowledged.at_cut(w) + 1);
    }
  }
}

// The write that fails, then what it takes to go on.
class FailedCommitTest : public FaultTest,
                         public testing::WithParamInterface<Operation> {};

TEST_P(FailedCommitTest, IsFinalUntilTheStoreIsReopenedAndNeverRead) {
  std::atomic<int> told = 0;
  options_.on_final_error = [&](const absl::Status&) { ++told; };
  Open();
  EXPECT_FALSE(store_->write_error().has_value());
  Commit(10);
  auto before = store_->NewReader();
  FaultDisk::Fault fault;
  fault.operation = GetParam();
  fault.path_part = ".log";
  fault.for_good = false;
  disk_->Inject(fault);
  const absl::Status status = CommitNext();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(FaultDisk::kDirectory));
  EXPECT_EQ(disk_->faults_hit(), 1);
  disk_->Heal();
  EXPECT_EQ(told, 1);
  const absl::Time failed_at = clock_.Now();
  clock_.Advance(absl::Hours(1));
  // From several threads, as each may be the one that writes for all.
  std::vector<std::thread> threads;
  for (int writer = 1; writer <= kFaultyWriters; ++writer) {
    threads.emplace_back([&, writer] {
      const absl::Status refused =
          store_->Commit(WriterBatch(writer, 1)).status();
      EXPECT_THAT(std::string(refused.message()),
                  HasSubstr("until the daemon is restarted"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(told, 1);
  const std::optional<WriteError> error = store_->write_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_TRUE(error->is_final);
  EXPECT_EQ(error->status, status);
  EXPECT_EQ(error->since, failed_at);
  EXPECT_EQ(store_->last_commit(), 10u);
  ASSERT_NO_FATAL_FAILURE(CheckAll());
  WriterCheck held(1);
  ASSERT_NO_FATAL_FAILURE(held.Check(*before));
  before.reset();
  // A power cut, before and after the reopening, leaves what was acknowledged.
  std::unique_ptr<FaultDisk> after = disk_->AfterPowerCut(RandomLoss());
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll(10, 11));
  Commit(5);
  MoveTo(disk_->AfterPowerCut(RandomLoss()));
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll());
  MoveTo(std::move(after));
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll(10, 11));
}

INSTANTIATE_TEST_SUITE_P(Of, FailedCommitTest,
                         testing::Values(Operation::kAppend, Operation::kSync),
                         [](const auto& info) { return NameOf(info.param); });

TEST_F(FaultTest, ReadersBesideCommittersNeverSeeWhatASyncFailedFor) {
  Open();
  Commit(10);
  std::atomic<bool> failed = false;
  FaultDisk::Fault fault;
  fault.operation = Operation::kSync;
  fault.path_part = ".log";
  fault.after = 30;
  disk_->Inject(fault);
  std::atomic<int64_t> done[kFaultyWriters] = {};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kFaultyWriters; ++writer) {
    threads.emplace_back([&, writer] {
      done[writer] = writer == 0 ? committed_ : 0;
      while (store_->Commit(WriterBatch(writer, done[writer] + 1)).ok()) {
        ++done[writer];
      }
      failed = true;
    });
  }
  threads.emplace_back([&] {
    WriterCheck check(kFaultyWriters);
    while (!failed && !HasFatalFailure()) check.Check(*store_->NewReader());
  });
  for (std::thread& thread : threads) thread.join();
  WriterCheck check(kFaultyWriters);
  ASSERT_NO_FATAL_FAILURE(check.Check(*store_->NewReader()));
  for (int writer = 0; writer < kFaultyWriters; ++writer) {
    EXPECT_EQ(check.last(writer), done[writer]);
  }
  MoveTo(disk_->AfterPowerCut(FaultDisk::Loss::kAll));
  ASSERT_NO_FATAL_FAILURE(Open());
  WriterCheck after(kFaultyWriters);
  ASSERT_NO_FATAL_FAILURE(after.Check(*store_->NewReader()));
  for (int writer = 0; writer < kFaultyWriters; ++writer) {
    EXPECT_EQ(after.last(writer), done[writer]);
  }
}

struct BackgroundFault {
  const char* name;
  Operation operation;
  const char* path_part;
  rocksdb::IOStatus error;
  bool flip_bit = false;
};

class BackgroundFaultTest
    : public FaultTest,
      public testing::WithParamInterface<BackgroundFault> {};

// Whichever of writing and merging tables, and of entering them into the
// manifest, it is that fails.
TEST_P(BackgroundFaultTest, IsReportedAndLosesNothing) {
  Open(kTinyBuffer);
  Commit(100);
  FaultDisk::Fault fault;
  fault.operation = GetParam().operation;
  fault.path_part = GetParam().path_part;
  fault.error = GetParam().error;
  fault.flip_bit = GetParam().flip_bit;
  disk_->Inject(fault);
  const absl::Status status = CommitUntilItFails();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(FaultDisk::kDirectory));
  EXPECT_GT(disk_->faults_hit(), 0);
  disk_->Heal();
  ASSERT_NO_FATAL_FAILURE(CheckAll());
  std::unique_ptr<FaultDisk> after = disk_->AfterPowerCut(RandomLoss());
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll(committed_, committed_ + 1));
  Commit(5);
  MoveTo(std::move(after));
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll(committed_ - 6, committed_));
}

INSTANTIATE_TEST_SUITE_P(
    Of, BackgroundFaultTest,
    testing::Values(
        BackgroundFault{"TableAppend", Operation::kAppend, ".sst",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"TableNoSpace", Operation::kAppend, ".sst",
                        rocksdb::IOStatus::NoSpace("injected")},
        BackgroundFault{"TableSync", Operation::kSync, ".sst",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"TableCreation", Operation::kCreate, ".sst",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"LogCreation", Operation::kCreate, ".log",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"ManifestAppend", Operation::kAppend, "MANIFEST",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"ManifestSync", Operation::kSync, "MANIFEST",
                        rocksdb::IOStatus::IOError("injected")},
        BackgroundFault{"DirectorySync", Operation::kSyncDirectory, "/store",
                        rocksdb::IOStatus::IOError("injected")}),
    [](const auto& info) { return info.param.name; });

// Of all that fails in the background, only this leaves nothing in doubt.
TEST_F(FaultTest, TablesWithoutRoomHoldCommitsUpUntilThereIsSome) {
  bool told = false;
  options_.on_final_error = [&](const absl::Status&) { told = true; };
  Open(kTinyBuffer);
  for (int round = 0; round < 3; ++round) {
    Commit(100);
    EXPECT_FALSE(store_->write_error().has_value());
    FaultDisk::Fault fault;
    fault.path_part = ".sst";
    fault.error = rocksdb::IOStatus::NoSpace("injected");
    disk_->Inject(fault);
    ASSERT_NO_FATAL_FAILURE(CommitUntilNoneFits());
    const absl::Time failed_at = clock_.Now();
    clock_.Advance(absl::Minutes(1));
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(CommitNext().code(), StatusCode::kResourceExhausted);
    }
    const std::optional<WriteError> error = store_->write_error();
    ASSERT_TRUE(error.has_value());
    EXPECT_FALSE(error->is_final);
    EXPECT_EQ(error->since, failed_at);
    ASSERT_NO_FATAL_FAILURE(CheckAll());
    disk_->Heal();
  }
  Commit(100);
  EXPECT_FALSE(store_->write_error().has_value());
  EXPECT_FALSE(told);
  ASSERT_NO_FATAL_FAILURE(CheckAll());
  MoveTo(disk_->AfterPowerCut(RandomLoss()));
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll());
}

// What the log holds of it is not known.
TEST_F(FaultTest, ALogWithoutRoomIsFinalUntilTheStoreIsReopened) {
  Open();
  Commit(10);
  FaultDisk::Fault fault;
  fault.path_part = ".log";
  fault.error = rocksdb::IOStatus::NoSpace("injected");
  disk_->Inject(fault);
  EXPECT_EQ(CommitNext().code(), StatusCode::kResourceExhausted);
  disk_->Heal();
  EXPECT_THAT(std::string(CommitNext().message()),
              HasSubstr("until the daemon is restarted"));
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(CheckAll(10, 11));
  Commit(5);
}

TEST_F(FaultTest, AReadThatFailsIsAnErrorAndTheNextOneIsWell) {
  Open();
  Commit(30);
  // Reopening moves the log into tables; nothing of them is in memory then.
  Open();
  FaultDisk::Fault fault;
  fault.operation = Operation::kRead;
  fault.path_part = ".sst";
  disk_->Inject(fault);
  const absl::Status status =
      store_->NewReader()->SelectSeries(series::Selector()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  disk_->Heal();
  ASSERT_NO_FATAL_FAILURE(CheckAll());
}

TEST_F(FaultTest, ABitFlippedInReadingIsNeverTakenForAValue) {
  Open();
  Commit(30);
  int errors = 0;
  for (int i = 0; i < 50; ++i) {
    Open();
    FaultDisk::Fault fault;
    fault.operation = Operation::kRead;
    fault.path_part = ".sst";
    fault.after = static_cast<int>(random_() % 20);
    fault.flip_bit = true;
    disk_->Inject(fault);
    const auto reader = store_->NewReader();
    for (int index = 0; index < kWriterSeries; ++index) {
      auto entry = reader->FindSeries(WriterSeries(0, 0, index).key);
      if (!entry.ok()) {
        EXPECT_EQ(entry.status().code(), absl::StatusCode::kDataLoss);
        ++errors;
        continue;
      }
      EXPECT_EQ(entry->id, static_cast<SeriesId>(index + 1));
      auto vintages = reader->ListVintages(entry->id);
      disk_->Heal();
      const auto expected = reader->ListVintages(entry->id);
      ASSERT_TRUE(expected.ok()) << expected.status();
      disk_->Inject(fault);
      if (!vintages.ok()) {
        EXPECT_EQ(vintages.status().code(), absl::StatusCode::kDataLoss);
        ++errors;
        continue;
      }
      ASSERT_EQ(vintages->size(), expected->size());
      for (size_t v = 0; v < vintages->size(); ++v) {
        EXPECT_EQ((*vintages)[v].values, (*expected)[v].values);
        EXPECT_EQ((*vintages)[v].ordinals, (*expected)[v].ordinals);
      }
    }
    disk_->Heal();
  }
  EXPECT_GT(errors, 0);
}

// Opening fails at each of its steps in turn, and then goes well.
class FailedOpenTest : public FaultTest,
                       public testing::WithParamInterface<Operation> {};

TEST_P(FailedOpenTest, IsAnErrorAndTheNextOneIsWell) {
  Open();
  Commit(20);
  store_.reset();
  const std::unique_ptr<FaultDisk> closed = disk_->Copy();
  int failed = 0;
  for (int step = 0;; ++step) {
    SCOPED_TRACE(absl::StrCat("step ", step));
    disk_ = closed->Copy();
    FaultDisk::Fault fault;
    fault.operation = GetParam();
    fault.after = step;
    fault.for_good = false;
    disk_->Inject(fault);
    const absl::Status status = TryToOpen();
    if (disk_->faults_hit() == 0) break;
    if (!status.ok()) ++failed;
    if (status.ok()) {
      ASSERT_NO_FATAL_FAILURE(CheckAll());
    }
    disk_->Heal();
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_NO_FATAL_FAILURE(CheckAll());
    store_.reset();
  }
  EXPECT_GT(failed, 0);
}

INSTANTIATE_TEST_SUITE_P(Of, FailedOpenTest,
                         testing::Values(Operation::kCreate, Operation::kAppend,
                                         Operation::kSync,
                                         Operation::kSyncDirectory,
                                         Operation::kRename, Operation::kRead),
                         [](const auto& info) { return NameOf(info.param); });

TEST_F(FaultTest, AFullDiskIsSaidAndCommitsGoOnWhenThereIsRoom) {
  Open();
  Commit(10);
  disk_->SetFreeBytes(uint64_t{1} << 20);
  const absl::Status status = CommitNext();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("disk is full"));
  ASSERT_TRUE(store_->write_error().has_value());
  EXPECT_FALSE(store_->write_error()->is_final);
  disk_->Heal();
  Commit(10);
  EXPECT_FALSE(store_->write_error().has_value());
  ASSERT_NO_FATAL_FAILURE(CheckAll());
}

// Several commits may be in the log and not yet synced when it goes on in a new
// file.
TEST_F(FaultTest, APowerCutBetweenTwoLogFilesLeavesNoGap) {
  constexpr TestEngineOptions options{.write_buffer_bytes = kTinyBuffer};
  constexpr int kWrites = 60;
  auto key = [](int i) { return absl::StrCat("key", i); };
  int cut_short = 0;
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE(absl::StrCat("power cut ", i));
    FaultDisk disk(random_());
    auto engine = OpenTestEngine(&disk, options);
    ASSERT_TRUE(engine.ok()) << engine.status();
    disk.CutPowerAfter(static_cast<int>(random_() % 150),
                       FaultDisk::Loss::kTail);
    for (int w = 0; w < kWrites; ++w) {
      WriteBatch batch;
      batch.Put(w % 2 == 0 ? Family::kRuns : Family::kState, key(w),
                std::string(2000, 'x'));
      ASSERT_TRUE((*engine)->Append(batch).ok());
    }
    std::unique_ptr<FaultDisk> after = disk.TakeDiskAfterPowerCut();
    if (after == nullptr) after = disk.AfterPowerCut(FaultDisk::Loss::kTail);
    engine->reset();
    engine = OpenTestEngine(after.get(), options);
    ASSERT_TRUE(engine.ok()) << engine.status();
    int there = 0;
    for (int w = 0; w < kWrites; ++w) {
      auto value = (*engine)->LatestView()->Get(
          w % 2 == 0 ? Family::kRuns : Family::kState, key(w));
      ASSERT_TRUE(value.ok()) << value.status();
      if (!value->has_value()) continue;
      ASSERT_EQ(there, w) << "an earlier write is lost";
      ++there;
    }
    if (there < kWrites) ++cut_short;
    engine->reset();
  }
  EXPECT_GT(cut_short, 0);
}

}  // namespace
}  // namespace headway::store
