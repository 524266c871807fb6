// Sources whose plugin keeps ending without a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A source is parked after three crashes: see the fixture.
class ParkingTest : public PluginTest {
 protected:
  ParkingTest() { Install("p", Plugin()); }

  // Crashes for "src" while there is the file `bad`, and notes each read.
  std::string Plugin() const {
    return PythonPlugin("p", absl::StrCat("open('", mark_,
                                          "', 'a').write('.')\n"
                                          "if request['source'] == 'src' and "
                                          "os.path.exists('",
                                          bad_,
                                          "'): sys.exit('9 lives')\n"
                                          "if verb == 'check': "
                                          "say({'check': {'ok': True}})\n"
                                          "else: checkpoint()\n"));
  }

  absl::Status PullOf(const std::string& name) {
    Source source = MakeSource("p");
    source.name = name;
    return host_->Pull(source, "runs/1", {}).status();
  }
  void Crash(int times) {
    WriteFile(bad_, "");
    for (int i = 0; i < times; ++i) {
      const absl::Status status = PullOf("src");
      EXPECT_TRUE(absl::IsInternal(status)) << status;
    }
  }
  bool IsParked() {
    const size_t reads = Reads();
    const absl::Status status = PullOf("src");
    return absl::IsFailedPrecondition(status) && Reads() == reads;
  }
  size_t Reads() const { return ReadFile(mark_).size(); }

  const std::string mark_ = directory_.Join("mark");
  const std::string bad_ = directory_.Join("bad");
};

TEST_F(ParkingTest, ParksASourceAndSaysUntilWhenAndWhatToDo) {
  Crash(3);
  EXPECT_TRUE(IsParked());
  EXPECT_THAT(
      std::string(PullOf("src").message()),
      AllOf(HasSubstr("source src is parked until 2025-06-15T13:00:00"),
            HasSubstr("3 times in a row"), HasSubstr("9 lives"),
            HasSubstr("headway source unpark src"), HasSubstr(PathOf("p"))));
  EXPECT_FALSE(host_->CheckNotParked(MakeSource("p")).ok());
}

TEST_F(ParkingTest, LetsOtherSourcesOfThePluginBe) {
  Crash(3);
  EXPECT_TRUE(PullOf("other").ok());
  EXPECT_TRUE(host_->GetPlugin("p")->status.ok());
  Source other = MakeSource("p");
  other.name = "other";
  EXPECT_TRUE(host_->CheckNotParked(other).ok());
  EXPECT_TRUE(IsParked());
}

TEST_F(ParkingTest, OutlivesARestart) {
  Crash(3);
  OpenStore();
  EXPECT_TRUE(IsParked());
}

TEST_F(ParkingTest, TriesAgainAfterAPauseThatDoubles) {
  Crash(3);
  for (int hours : {1, 2, 4, 8, 16, 24, 24}) {
    clock_.Advance(absl::Hours(hours) - absl::Seconds(1));
    EXPECT_TRUE(IsParked()) << hours;
    clock_.Advance(absl::Seconds(1));
    Crash(1);
    EXPECT_TRUE(IsParked()) << hours;
  }
  clock_.Advance(absl::Hours(24));
  std::filesystem::remove(bad_);
  EXPECT_TRUE(PullOf("src").ok());
  // From the start again.
  Crash(2);
  EXPECT_FALSE(IsParked());
}

TEST_F(ParkingTest, TriesAnotherExecutableAtOnce) {
  Crash(3);
  Install("p", Plugin() + "\n");
  EXPECT_FALSE(IsParked());
}

TEST_F(ParkingTest, TriesAtOnceWhenItIsUnparked) {
  Crash(3);
  const auto first = host_->Unpark("src");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(*first);
  Crash(1);
  EXPECT_FALSE(IsParked());
  EXPECT_FALSE(*host_->Unpark("never-seen"));
}

TEST_F(ParkingTest, ChecksAParkedSource) {
  Crash(3);
  std::filesystem::remove(bad_);
  EXPECT_TRUE(host_->Check(MakeSource("p")).ok());
  // Which says nothing of the next pull.
  EXPECT_TRUE(IsParked());
}

TEST_F(ParkingTest, CountsCrashesInARowAlone) {
  for (int i = 0; i < 4; ++i) {
    Crash(2);
    std::filesystem::remove(bad_);
    EXPECT_TRUE(PullOf("src").ok());
  }
  Install("p", ShellPlugin("p", "echo '{\"error\":{}}'; exit 1"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(absl::IsInternal(PullOf("src")));
  }
}

}  // namespace
}  // namespace headway::ingest
