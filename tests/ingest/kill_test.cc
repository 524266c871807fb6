// A daemon killed in the middle of a pull: nothing acknowledged is missing,
// nothing is doubled, the next pull goes on, and the plugin does not outlive
// it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/ingest/plugin_fixture.h"

extern char** environ;

namespace headway::ingest {
namespace {

// Delivers one month and a checkpoint at a time. Writes its process id and the
// state it was given to files, and waits for the file `go` in the middle, so
// that the kill always falls into the pull.
constexpr char kSlowPlugin[] = R"(
marks = request['config']['marks']
start = int(request.get('checkpoints', {}).get('', '0'))
open(marks + '/pid', 'w').write(str(os.getpid()))
open(marks + '/start', 'w').write(str(start))
define()
for i in range(start, 60):
    observe({'%d-%02d' % (2000 + i // 12, i % 12 + 1): i})
    checkpoint(str(i + 1))
    while i == 40 and not os.path.exists(marks + '/go'):
        time.sleep(0.01)
)";

class KillTest : public ::testing::TestWithParam<int> {
 protected:
  KillTest() {
    std::filesystem::create_directory(directory_.Join("plugins"));
    std::filesystem::create_directory(directory_.Join("marks"));
    WriteExecutable(
        directory_.Join("plugins/slow"),
        PythonPlugin("slow", kSlowPlugin, R"(,"config":[{"name":"marks"}])"));
  }

  // Starts the helper; its acknowledgements can be read from output_.
  pid_t StartHelper() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    std::string arguments[] = {HEADWAY_PULL_HELPER, directory_.Join("store"),
                               directory_.Join("plugins"),
                               directory_.Join("marks")};
    char* argv[] = {arguments[0].data(), arguments[1].data(),
                    arguments[2].data(), arguments[3].data(), nullptr};
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawn(&pid, argv[0], &actions, nullptr, argv, environ),
              0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(fds[1]);
    output_ = fds[0];
    return pid;
  }

  // Reads acknowledgements until there are `count`, or all there are; returns
  // how many there were.
  int AwaitCommits(int count) {
    int seen = 0;
    char c;
    while (seen < count && ::read(output_, &c, 1) == 1) seen += c == '\n';
    return seen;
  }

  static bool AwaitEnd(pid_t pid) {
    for (int i = 0; i < 2000; ++i) {
      const std::string stat = ReadFile(absl::StrCat("/proc/", pid, "/stat"));
      if (stat.empty() || stat.find(") Z") != std::string::npos) return true;
      ::usleep(5000);
    }
    return false;
  }

  // How many months the store holds; checks that they are the first ones, each
  // in one vintage, and that the checkpoint speaks of them.
  int CheckStore() {
    RealClock clock;
    auto store = store::Store::Open(directory_.Join("store"), &clock, {});
    if (!store.ok()) {
      ADD_FAILURE() << store.status();
      return -1;
    }
    auto reader = (*store)->NewReader();
    auto checkpoints = reader->GetCheckpoints("src");
    int state = -1;
    EXPECT_EQ(checkpoints->size(), 1u);
    EXPECT_TRUE(absl::SimpleAtoi(checkpoints->front().state, &state));
    auto entries = reader->SelectSeries({});
    EXPECT_EQ(entries->size(), 1u);
    auto values = reader->Read(entries->front().id);
    EXPECT_EQ(static_cast<int>(values->size()), state);
    for (size_t i = 0; i < values->size(); ++i) {
      EXPECT_EQ(values->ordinals[i], 30 * 12 + static_cast<int>(i));
      EXPECT_EQ(values->values[i], static_cast<double>(i));
    }
    auto vintages = reader->ListVintages(entries->front().id);
    EXPECT_EQ(static_cast<int>(vintages->size()), state);
    for (const store::Vintage& vintage : *vintages) {
      EXPECT_EQ(vintage.ordinals.size(), 1u);
    }
    return state;
  }

  int ReadMark(absl::string_view name) {
    int number = -1;
    EXPECT_TRUE(absl::SimpleAtoi(
        ReadFile(absl::StrCat(directory_.Join("marks"), "/", name)), &number));
    return number;
  }

  TempDirectory directory_;
  int output_ = -1;
};

TEST_P(KillTest, LosesNothingAndGoesOn) {
  const pid_t helper = StartHelper();
  int acknowledged = AwaitCommits(GetParam());
  ASSERT_EQ(acknowledged, GetParam());
  ASSERT_EQ(::kill(helper, SIGKILL), 0);
  acknowledged += AwaitCommits(INT_MAX);
  ::close(output_);
  int status = 0;
  ASSERT_EQ(::waitpid(helper, &status, 0), helper);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(AwaitEnd(ReadMark("pid"))) << "the plugin outlived its daemon";

  const int stored = CheckStore();
  EXPECT_GE(stored, acknowledged);
  EXPECT_LE(stored, 41);

  WriteFile(directory_.Join("marks/go"), "");
  const pid_t second = StartHelper();
  AwaitCommits(INT_MAX);
  ::close(output_);
  ASSERT_EQ(::waitpid(second, &status, 0), second);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ReadMark("start"), stored);
  EXPECT_EQ(CheckStore(), 60);
}

INSTANTIATE_TEST_SUITE_P(AfterCommits, KillTest, ::testing::Values(1, 7, 30));

}  // namespace
}  // namespace headway::ingest
