// What is there after kill -9 at any instant: while the store is opened and
// mends itself, while several threads commit, while tables are written and
// merged. HEADWAY_TEST_KILLS says how often; 0 is without end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/faults/store_writer.h"
#include "tests/store/faults/writer_check.h"
#include "tests/support/child_process.h"
#include "tests/support/random_seed.h"
#include "tests/support/temp_directory.h"

namespace headway::store {
namespace {

#ifdef HEADWAY_SANITIZED
constexpr uint64_t kKills = 25;
#else
constexpr uint64_t kKills = 200;
#endif
// Then a new store is begun, so that a run without end needs no end of room.
constexpr int kKillsOfOneStore = 50;
constexpr int kWriters = 3;

// The file that the writers tell what they are about to do.
class ExpectedState {
 public:
  explicit ExpectedState(std::string path)
      : path_(std::move(path)), begun_(kWriters), done_(kWriters) {}

  const std::string& path() const { return path_; }

  // Takes in the lines added since the last call, and says how many. A line cut
  // short was not said.
  int Update() {
    std::ifstream file(path_);
    file.seekg(read_);
    std::stringstream text;
    text << file.rdbuf();
    int lines = 0;
    for (std::string line; std::getline(text, line);) {
      if (text.eof()) break;
      read_ += static_cast<std::streamoff>(line.size()) + 1;
      ++lines;
      std::istringstream words(line);
      std::string what;
      int writer = 0;
      int64_t number = 0;
      words >> what >> writer >> number;
      (what == "begin" ? begun_ : done_).at(writer) = number;
    }
    return lines;
  }

  int64_t begun(int writer) const { return begun_[writer]; }
  int64_t done(int writer) const { return done_[writer]; }

 private:
  const std::string path_;
  std::streamoff read_ = 0;
  std::vector<int64_t> begun_, done_;
};

class CrashTest : public testing::Test {
 protected:
  // Lets the writers get as far as chance has it.
  void LetRun(ChildProcess* process, ExpectedState* expected) {
    // Often they are still opening the store then.
    int lines = random_() % 4 == 0 ? 0 : static_cast<int>(random_() % 60);
    while (lines > 0 && process->Runs()) {
      lines -= expected->Update();
      usleep(100);
    }
    // So that the kill falls anywhere between two steps.
    usleep(static_cast<useconds_t>(random_() % (lines == 0 ? 20000 : 2000)));
    ASSERT_TRUE(process->Runs()) << "the writers ended by themselves";
  }

  void CheckStore(const std::string& directory, const ExpectedState& expected,
                  WriterCheck* check) {
    RealClock clock;
    auto store = Store::Open(directory, &clock, Store::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_NO_FATAL_FAILURE(check->Check(*(*store)->NewReader()));
    for (int writer = 0; writer < kWriters; ++writer) {
      ASSERT_GE(check->last(writer), expected.done(writer))
          << "what writer " << writer << " was told is stored, is lost";
      ASSERT_LE(check->last(writer), expected.begun(writer));
    }
  }

  void KillOneStore(uint64_t kills) {
    TempDirectory directory;
    const std::string store = directory.path() + "/store";
    ExpectedState expected(directory.path() + "/expected");
    WriterCheck check(kWriters);
    constexpr size_t kWriteBuffers[] = {size_t{64} << 10, size_t{256} << 10,
                                        size_t{64} << 20};
    for (uint64_t i = 0; i < kills; ++i) {
      SCOPED_TRACE(absl::StrCat("kill ", i));
      ChildProcess process(HEADWAY_STORE_WRITER,
                           {store, expected.path(), absl::StrCat(kWriters),
                            absl::StrCat(kWriteBuffers[random_() % 3])});
      ASSERT_NO_FATAL_FAILURE(LetRun(&process, &expected));
      process.Kill();
      expected.Update();
      // At times the next writers are the first to open what is left.
      if (random_() % 2 == 0) continue;
      ASSERT_NO_FATAL_FAILURE(CheckStore(store, expected, &check));
    }
    // Everything once more, from the beginning.
    WriterCheck check_all(kWriters);
    ASSERT_NO_FATAL_FAILURE(CheckStore(store, expected, &check_all));
    for (int writer = 0; writer < kWriters; ++writer) {
      EXPECT_GT(check_all.last(writer), 0);
      commits_ += check_all.last(writer);
    }
  }

  std::mt19937_64 random_;
  int64_t commits_ = 0;
};

TEST_F(CrashTest, NothingAcknowledgedIsLostHalfWrittenOrDoubled) {
  random_.seed(TestSeed());
  const uint64_t kills = FromEnvironment("HEADWAY_TEST_KILLS", kKills);
  for (uint64_t i = 0; kills == 0 || i < kills; i += kKillsOfOneStore) {
    SCOPED_TRACE(absl::StrCat("after ", i, " kills"));
    ASSERT_NO_FATAL_FAILURE(KillOneStore(
        kills == 0 ? kKillsOfOneStore
                   : std::min<uint64_t>(kKillsOfOneStore, kills - i)));
  }
  std::cout << commits_ << " commits\n";
}

}  // namespace
}  // namespace headway::store
