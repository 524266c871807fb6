// When the wall clock is believed.
#include "daemon/base/clock_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headway {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kToday =
    absl::FromCivil(absl::CivilDay(2026, 3, 5), absl::UTCTimeZone());
const absl::Time kWrong =
    absl::FromCivil(absl::CivilDay(2030, 1, 1), absl::UTCTimeZone());

class ClockGuardTest : public testing::Test {
 protected:
  ClockGuardTest() { clock_.SetSynchronised(false); }

  ClockGuard Guard(absl::Time last_commit, ClockGuard::Options options = {}) {
    return ClockGuard(&clock_, options, last_commit);
  }

  SimulatedClock clock_{kToday};
};

TEST_F(ClockGuardTest, BelievesAClockThatRunsOn) {
  ClockGuard guard = Guard(kToday - absl::Hours(1));
  for (int day = 0; day < 400; ++day) {
    EXPECT_TRUE(guard.Check().ok());
    clock_.Advance(kDay);
  }
}

TEST_F(ClockGuardTest, BelievesAnyClockOfAStoreWithoutCommits) {
  ClockGuard guard = Guard(absl::InfinitePast());
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AStepOfAMinuteIntoAnotherYearIsDoubtedUntilItIsOver) {
  ClockGuard guard = Guard(kToday);
  ASSERT_TRUE(guard.Check().ok());
  clock_.SetWallClock(kWrong);
  const absl::Status doubted = guard.Check();
  EXPECT_EQ(doubted.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(doubted.message()),
              HasSubstr("the clock shows 2030-01-01T00:00:00Z"));
  EXPECT_THAT(std::string(doubted.message()),
              HasSubstr("since it showed 2026-03-05T00:00:00Z"));
  EXPECT_THAT(std::string(doubted.message()), HasSubstr("--accept-clock"));
  // It stays doubted, however long it lasts.
  clock_.Advance(kDay);
  EXPECT_FALSE(guard.Check().ok());
  clock_.SetWallClock(kToday + kDay);
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, ASmallStepIsNoMatter) {
  ClockGuard guard = Guard(kToday);
  ASSERT_TRUE(guard.Check().ok());
  clock_.SetWallClock(kToday + absl::Minutes(9));
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AStepOfDaysIsBelievedWhenTheClockHasKeptToIt) {
  ClockGuard guard = Guard(kToday);
  ASSERT_TRUE(guard.Check().ok());
  clock_.SetWallClock(kToday + 3 * kDay);
  EXPECT_FALSE(guard.Check().ok());
  clock_.Advance(ClockGuard::kSettled - absl::Seconds(1));
  EXPECT_FALSE(guard.Check().ok());
  // Another step begins the wait anew.
  clock_.SetWallClock(kToday + 4 * kDay);
  EXPECT_FALSE(guard.Check().ok());
  clock_.Advance(ClockGuard::kSettled - absl::Seconds(1));
  EXPECT_FALSE(guard.Check().ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AStepIsBelievedOnceTheClockIsSynchronised) {
  ClockGuard guard = Guard(kToday);
  ASSERT_TRUE(guard.Check().ok());
  clock_.SetWallClock(kWrong);
  EXPECT_FALSE(guard.Check().ok());
  clock_.SetSynchronised(true);
  EXPECT_TRUE(guard.Check().ok());
  clock_.SetSynchronised(false);
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AClockThatIsSetBackIsBelieved) {
  ClockGuard guard = Guard(kToday);
  ASSERT_TRUE(guard.Check().ok());
  clock_.SetWallClock(kToday - 5 * kDay);
  EXPECT_TRUE(guard.Check().ok());
  // From there on, that is the clock.
  clock_.SetWallClock(kToday);
  EXPECT_FALSE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AStartLongAfterTheLastCommitNeedsASynchronisedClock) {
  ClockGuard guard = Guard(kToday - 31 * kDay);
  const absl::Status doubted = guard.Check();
  EXPECT_EQ(doubted.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(doubted.message()),
              HasSubstr("the clock shows 2026-03-05T00:00:00Z, 31 days after "
                        "the last commit (2026-02-02T00:00:00Z)"));
  clock_.SetSynchronised(true);
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AStartWithinTheGapIsBelieved) {
  ClockGuard guard = Guard(kToday - 30 * kDay);
  EXPECT_TRUE(guard.Check().ok());
  ClockGuard narrow = Guard(kToday - 30 * kDay, {.max_gap = kDay});
  EXPECT_FALSE(narrow.Check().ok());
}

TEST_F(ClockGuardTest, AClockOfBeforeTheLastCommitIsBelieved) {
  ClockGuard guard = Guard(kWrong);
  EXPECT_TRUE(guard.Check().ok());
}

TEST_F(ClockGuardTest, AnOperatorMaySayThatTheClockIsRight) {
  ClockGuard guard = Guard(kToday - 400 * kDay, {.accept_clock = true});
  EXPECT_TRUE(guard.Check().ok());
  // As it was then: a later step is another matter.
  clock_.SetWallClock(kWrong);
  EXPECT_FALSE(guard.Check().ok());
}

}  // namespace
}  // namespace headway
