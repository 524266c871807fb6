// A daemon killed in the middle of a pull: nothing acknowledged is missing,
// nothing is doubled, the next pull goes on, and the plugin does not outlive
// it.
#include <gtest/gtest.h>

#include <climits>
#include <filesystem>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/support/child_process.h"
#include "tests/support/plugin_fixture.h"

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

  // The helper prints a line for each commit that was acknowledged.
  ChildProcess StartHelper() {
    return ChildProcess(HEADWAY_PULL_HELPER,
                        {directory_.Join("store"), directory_.Join("plugins"),
                         directory_.Join("marks")});
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

  TempDirectory directory_{TempDirectory::Place::kDisk};
};

TEST_P(KillTest, LosesNothingAndGoesOn) {
  ChildProcess helper = StartHelper();
  int acknowledged = helper.AwaitLines(GetParam());
  ASSERT_EQ(acknowledged, GetParam());
  ASSERT_TRUE(helper.Runs());
  helper.Kill();
  acknowledged += helper.AwaitLines(INT_MAX);
  EXPECT_TRUE(AwaitEnd(ReadMark("pid"))) << "the plugin outlived its daemon";

  const int stored = CheckStore();
  EXPECT_GE(stored, acknowledged);
  EXPECT_LE(stored, 41);

  WriteFile(directory_.Join("marks/go"), "");
  ChildProcess second = StartHelper();
  second.AwaitLines(INT_MAX);
  EXPECT_EQ(second.AwaitEnd(), 0);
  EXPECT_EQ(ReadMark("start"), stored);
  EXPECT_EQ(CheckStore(), 60);
}

INSTANTIATE_TEST_SUITE_P(AfterCommits, KillTest, ::testing::Values(1, 7, 30));

}  // namespace
}  // namespace headway::ingest
