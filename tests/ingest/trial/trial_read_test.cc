#include "daemon/ingest/trial/trial_read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class TrialReadTest : public ::testing::Test {
 protected:
  TrialResult Read(absl::string_view body,
                   std::map<std::string, std::string> checkpoints = {}) {
    TrialRequest request;
    request.path = directory_.Join("p");
    request.checkpoints = std::move(checkpoints);
    WriteExecutable(request.path, PythonPlugin("p", body));
    return ReadOnTrial(request, nullptr, &clock_, {});
  }

  TempDirectory directory_{TempDirectory::Place::kDisk};
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
};

TEST_F(TrialReadTest, SaysWhatItDeliversAndWhereItGoesOn) {
  const TrialResult result = Read(R"(
define()
observe({'2024-01': 1, '2024-02': 2})
checkpoint('feb')
)");
  EXPECT_TRUE(result.status.ok()) << result.status;
  ASSERT_THAT(result.series, SizeIs(1));
  EXPECT_THAT(result.series[0].state.values, ElementsAre(1, 2));
  EXPECT_THAT(result.series[0].vintages, SizeIs(1));
  EXPECT_THAT(result.checkpoints, ElementsAre(Pair("", "feb")));
}

TEST_F(TrialReadTest, GoesOnFromACheckpoint) {
  const TrialResult result = Read(R"(
define()
observe({request['checkpoints']['x']: 1})
checkpoint('on', stream='x')
)",
                                  {{"x", "2024-03"}});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.checkpoints, ElementsAre(Pair("x", "on")));
}

TEST_F(TrialReadTest, KeepsWhatCameBeforeAnErrorThatNamesTheMessage) {
  const TrialResult result = Read(R"(
print('half way', file=sys.stderr)
define()
observe({'2024-01': 1})
checkpoint('1')
observe({'2024-13': 2})
)");
  EXPECT_THAT(std::string(result.status.message()),
              ::testing::AllOf(HasSubstr("line 4"), HasSubstr("2024-13")));
  EXPECT_THAT(result.series, SizeIs(1));
  EXPECT_THAT(result.log, ElementsAre("half way"));
}

TEST_F(TrialReadTest, SaysWhatFollowsTheLastCheckpoint) {
  const TrialResult result = Read(R"(
define()
observe({'2024-01': 1})
checkpoint('1')
observe({'2024-02': 2})
)");
  EXPECT_THAT(
      result.log,
      ElementsAre(HasSubstr("1 observations after the last checkpoint")));
}

TEST_F(TrialReadTest, AReadWithNothingNewIsNoError) {
  const TrialResult result = Read("checkpoint('1')");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.series, IsEmpty());
}

}  // namespace
}  // namespace headway::ingest
