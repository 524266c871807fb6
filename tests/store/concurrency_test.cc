// Several writers and readers at once; the thread sanitizer looks on.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/thread_pool.h"
#include "daemon/store/upkeep/backup.h"
#include "tests/store/faults/store_writer.h"
#include "tests/store/faults/writer_check.h"

namespace headway::store {
namespace {

constexpr int64_t kCommits = 100;
constexpr int kCommitters = 3;
constexpr int kReaders = 2;

class ConcurrencyTest : public StoreTest {
 protected:
  // A scan says what reads of the same view say.
  static void CheckScan(const Reader& reader, ThreadPool* pool) {
    ScanOptions options;
    options.threads = 2;
    options.pool = pool;
    auto selected = reader.SelectSeries(series::Selector());
    ASSERT_TRUE(selected.ok()) << selected.status();
    size_t scanned = 0;
    const absl::Status status =
        reader.Scan(series::Selector(), options, [&](const ScanBatch& batch) {
          for (size_t i = 0; i < batch.series.size(); ++i) {
            ++scanned;
            auto column = reader.Read(batch.series[i]);
            if (!column.ok()) return column.status();
            const auto begin = batch.values.begin();
            const std::vector<double> values(begin + batch.begins[i],
                                             begin + batch.begins[i + 1]);
            EXPECT_EQ(values, column->values);
          }
          return absl::OkStatus();
        });
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(scanned, selected->size());
  }
};

TEST_F(ConcurrencyTest, ReadersSeeWholeCommitsWhileOtherThreadsWrite) {
  std::atomic<int> writing = kCommitters;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      WriterCheck check(kCommitters);
      while (writing > 0 && !HasFatalFailure()) {
        check.Check(*store_->NewReader());
      }
    });
  }
  for (int writer = 0; writer < kCommitters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t n = 1; n <= kCommits; ++n) Commit(WriterBatch(writer, n));
      --writing;
    });
  }
  for (std::thread& thread : threads) thread.join();
  WriterCheck check(kCommitters);
  check.Check(*store_->NewReader());
  for (int writer = 0; writer < kCommitters; ++writer) {
    EXPECT_EQ(check.last(writer), kCommits);
  }
}

// Scans by several threads, and backups, of a store that is written.
TEST_F(ConcurrencyTest, ScansAndBackupsAreOfOneInstantWhileOtherThreadsWrite) {
  TempDirectory backups;
  ThreadPool pool({.threads = 2});
  std::atomic<int> writing = kCommitters;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      while (writing > 0) CheckScan(*store_->NewReader(), &pool);
    });
  }
  threads.emplace_back([&] {
    CommitNumber last = 0;
    while (writing > 0) {
      BackupOptions options;
      options.directory = backups.path() + "/backups";
      auto backup = CreateBackup(*store_, options);
      ASSERT_TRUE(backup.ok()) << backup.status();
      EXPECT_GE(backup->commit, last);
      last = backup->commit;
    }
  });
  for (int writer = 0; writer < kCommitters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t n = 1; n <= kCommits; ++n) Commit(WriterBatch(writer, n));
      --writing;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CheckScan(*store_->NewReader(), &pool);
  EXPECT_EQ(store_->last_commit(),
            static_cast<CommitNumber>(kCommitters * kCommits));
}

TEST_F(ConcurrencyTest,
       CommitsFromSeveralThreadsAreEachGivenANumberOfTheirOwn) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this, i] {
      for (int n = 0; n < 25; ++n) {
        Batch batch;
        batch.records = {{RecordKind::kRuns, absl::StrCat(i, "/", n), "x"}};
        EXPECT_TRUE(store_->Commit(batch).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(store_->last_commit(), 100u);
  EXPECT_EQ(store_->NewReader()->ListCommits(0, SIZE_MAX)->size(), 100u);
  EXPECT_EQ(store_->NewReader()->ScanRecords(RecordKind::kRuns, "")->size(),
            100u);
}

TEST_F(ConcurrencyTest, OfManyThatClaimARecordAtOnceOneGetsIt) {
  std::atomic<int> claimed = 0;
  std::atomic<int> aborted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Batch batch;
      batch.records = {{RecordKind::kState, "lease", absl::StrCat(i)}};
      batch.preconditions = {{RecordKind::kState, "lease", std::nullopt}};
      const absl::Status status = store_->Commit(batch).status();
      ++(status.ok() ? claimed : aborted);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(claimed, 1);
  EXPECT_EQ(aborted, 7);
}

TEST_F(ConcurrencyTest, EndingASubscriptionWaitsForTheCallUnderWay) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    Batch batch;
    batch.checkpoints = {{"source", "", "state"}};
    while (!stop) Commit(batch);
  });
  for (int i = 0; i < 50; ++i) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    std::atomic<int> calls = 0;
    auto subscription =
        store_->Subscribe([&calls, alive = alive.get()](const CommitNotice&) {
          EXPECT_TRUE(*alive);
          ++calls;
        });
    while (calls == 0) std::this_thread::yield();
    subscription.reset();
    // Under a sanitizer, a call from now on would read what was freed.
    alive.reset();
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace headway::store
