// What is there after kill -9 at any instant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/store/store_writer.h"

extern char** environ;

namespace headway::store {
namespace {

using testing::SizeIs;

constexpr int kKills = 20;
constexpr int kMostCommitsBeforeAKill = 60;

// The writer, in a process of its own.
class Writer {
 public:
  explicit Writer(const std::string& directory) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    std::string program = HEADWAY_STORE_WRITER;
    std::string argument = directory;
    char* argv[] = {program.data(), argument.data(), nullptr};
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv, environ) !=
        0) {
      std::abort();
    }
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
  }
  ~Writer() {
    if (pid_ > 0) Kill();
    close(output_);
  }

  // Reads until `commits` more were acknowledged; false if the writer ended.
  bool AwaitCommits(int commits) {
    while (commits > 0) {
      char c;
      if (read(output_, &c, 1) != 1) return false;
      text_.push_back(c);
      if (c == '\n') --commits;
    }
    return true;
  }

  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    char c;
    while (read(output_, &c, 1) == 1) text_.push_back(c);
  }

  // The last commit acknowledged, 0 if none was.
  CommitNumber last_acknowledged() const {
    // A line cut short was not acknowledged.
    const std::vector<std::string> lines = absl::StrSplit(text_, '\n');
    CommitNumber number = 0;
    if (lines.size() >= 2 &&
        !absl::SimpleAtoi(lines[lines.size() - 2], &number)) {
      ADD_FAILURE() << "the writer wrote " << text_;
    }
    return number;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
};

class CrashTest : public testing::Test {
 protected:
  // Checks that the store holds exactly the batches 1 to some n of at least
  // `acknowledged`, and returns n.
  CommitNumber CheckStore(CommitNumber acknowledged) {
    RealClock clock;
    auto store = Store::Open(directory_.path(), &clock, Store::Options());
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return 0;
    const auto reader = (*store)->NewReader();
    const CommitNumber last = reader->commit();
    EXPECT_GE(last, acknowledged);
    CheckLog(*reader, last);
    CheckBesideSeries(*reader, last);
    for (int i = 0; i < kWriterSeries; ++i) CheckSeries(*reader, i, last);
    return last;
  }

  void CheckLog(const Reader& reader, CommitNumber last) {
    auto log = reader.ListCommits(0, SIZE_MAX);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_THAT(*log, SizeIs(last));
    for (CommitNumber n = 1; n <= last; ++n) {
      EXPECT_EQ((*log)[n - 1].run, absl::StrCat("run-", n));
      EXPECT_THAT((*log)[n - 1].changed_series, SizeIs(kWriterSeries));
    }
  }

  void CheckBesideSeries(const Reader& reader, CommitNumber last) {
    auto records = reader.ScanRecords(Table::kRuns, "");
    ASSERT_TRUE(records.ok()) << records.status();
    EXPECT_THAT(*records, SizeIs(last));
    auto checkpoints = reader.GetCheckpoints("writer");
    ASSERT_TRUE(checkpoints.ok()) << checkpoints.status();
    if (last == 0) return;
    ASSERT_THAT(*checkpoints, SizeIs(1));
    EXPECT_EQ(checkpoints->front().state, absl::StrCat(last));
  }

  void CheckSeries(const Reader& reader, int index, CommitNumber last) {
    auto entry = reader.FindSeries(WriterSeries(index).key);
    if (last == 0) return;
    ASSERT_TRUE(entry.ok()) << entry.status();
    auto vintages = reader.ListVintages(entry->id);
    ASSERT_TRUE(vintages.ok()) << vintages.status();
    ASSERT_THAT(*vintages, SizeIs(last));
    for (CommitNumber n = 1; n <= last; ++n) {
      const Vintage& vintage = (*vintages)[n - 1];
      ASSERT_THAT(vintage.values, testing::ElementsAre(n));
      ASSERT_THAT(vintage.ordinals, testing::ElementsAre(WriterPeriod(n)));
    }
  }

  TempDirectory directory_;
};

TEST_F(CrashTest, NothingAcknowledgedIsLostHalfWrittenOrDoubled) {
  const char* given = std::getenv("HEADWAY_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10)
                                         : std::random_device()();
  std::cout << "HEADWAY_TEST_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  CommitNumber last = 0;
  for (int i = 0; i < kKills; ++i) {
    SCOPED_TRACE(absl::StrCat("kill ", i, ", HEADWAY_TEST_SEED=", seed));
    Writer writer(directory_.path());
    ASSERT_TRUE(writer.AwaitCommits(
        static_cast<int>(random() % kMostCommitsBeforeAKill)))
        << "the writer ended by itself";
    // So that the kill falls anywhere within the commit under way.
    usleep(static_cast<useconds_t>(random() % 2000));
    writer.Kill();
    const CommitNumber before = last;
    last = CheckStore(std::max(before, writer.last_acknowledged()));
    // At most the one under way was stored without being acknowledged.
    EXPECT_LE(last, std::max(before, writer.last_acknowledged()) + 1);
  }
  EXPECT_GT(last, 0u);
}

}  // namespace
}  // namespace headway::store
