// One writer and several readers at once; the thread sanitizer looks on.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/store/store_writer.h"

namespace headway::store {
namespace {

constexpr CommitNumber kCommits = 150;
constexpr int kReaders = 3;

class ConcurrencyTest : public StoreTest {
 protected:
  // Everything in a view belongs to its commit, and to no later one.
  void CheckView(const Reader& reader) {
    const CommitNumber commit = reader.commit();
    auto log = reader.ListCommits(0, SIZE_MAX);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_EQ(log->size(), commit);
    auto entries = reader.SelectSeries(series::Selector());
    ASSERT_TRUE(entries.ok()) << entries.status();
    for (const SeriesEntry& entry : *entries) {
      auto column = reader.Read(entry.id);
      ASSERT_TRUE(column.ok()) << column.status();
      ASSERT_EQ(column->size(), commit);
      ASSERT_EQ(column->values.back(), static_cast<double>(commit));
    }
    auto checkpoints = reader.GetCheckpoints("writer");
    ASSERT_TRUE(checkpoints.ok()) << checkpoints.status();
    if (commit > 0) {
      ASSERT_EQ(checkpoints->front().state, absl::StrCat(commit));
    }
  }
};

TEST_F(ConcurrencyTest, ReadersSeeWholeCommitsWhileAnotherThreadWrites) {
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      CommitNumber seen = 0;
      while (!done && !HasFatalFailure()) {
        auto reader = store_->NewReader();
        EXPECT_GE(reader->commit(), seen);
        seen = reader->commit();
        CheckView(*reader);
      }
    });
  }
  for (CommitNumber n = 1; n <= kCommits; ++n) Commit(WriterBatch(n));
  done = true;
  for (std::thread& reader : readers) reader.join();
  CheckView(*store_->NewReader());
}

TEST_F(ConcurrencyTest,
       CommitsFromSeveralThreadsAreEachGivenANumberOfTheirOwn) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this, i] {
      for (int n = 0; n < 25; ++n) {
        Batch batch;
        batch.records = {{Table::kRuns, absl::StrCat(i, "/", n), "x"}};
        EXPECT_TRUE(store_->Commit(batch).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(store_->last_commit(), 100u);
  EXPECT_EQ(store_->NewReader()->ListCommits(0, SIZE_MAX)->size(), 100u);
  EXPECT_EQ(store_->NewReader()->ScanRecords(Table::kRuns, "")->size(), 100u);
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
        store_->Subscribe([&calls, alive = alive.get()](CommitNumber) {
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
