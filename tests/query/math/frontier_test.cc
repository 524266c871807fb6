#include "daemon/query/math/frontier.h"

#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

// In days, for the numbers to be read with the calendar.
std::string Days(series::Observations lag) {
  for (double& months : lag.values) months = std::round(months * 30.4375);
  return Text(lag);
}

TEST(FrontierLagTest, IsTheAgeOfTheLeadersLikeOfTheFollowersBest) {
  const auto leader = At({{"2024-01-01", 10}, {"2024-01-05", 20}});
  const auto follower =
      At({{"2024-01-03", 10}, {"2024-01-07", 15}}, Midnight(2024, 1, 9));
  EXPECT_EQ(Days(FrontierLag(At({{"2024-01-01", 10}, {"2024-01-05", 20}},
                                Midnight(2024, 1, 8)),
                             follower)),
            "2024-01-03=2 2024-01-04=3 2024-01-05=4 2024-01-06=5 "
            "2024-01-07=2 2024-01-08=3");
}

TEST(FrontierLagTest, CountsInMonths) {
  const auto lag = FrontierLag(At({{"2023-01-01", 5}}),
                               At({{"2024-01-01", 5}}, Midnight(2024, 1, 2)));
  EXPECT_DOUBLE_EQ(lag.values.at(0), 365 / 30.4375);
}

TEST(FrontierLagTest, EndsWithTheLastDayThatTheNewestVintageCovers) {
  const auto lag = FrontierLag(
      At({{"2024-01-01", 5}}, Midnight(2024, 1, 10)),
      At({{"2024-01-02", 5}}, Midnight(2024, 1, 5) + absl::Hours(13)));
  EXPECT_EQ(series::FormatPeriod({lag.frequency, lag.ordinals.back()}),
            "2024-01-09");
}

TEST(FrontierLagTest, ALowerScoreChangesNothing) {
  const auto leader = At({{"2024-01-01", 10}}, Midnight(2024, 1, 6));
  EXPECT_EQ(Days(FrontierLag(leader, At({{"2024-01-04", 8}, {"2024-01-05", 3}},
                                        Midnight(2024, 1, 6)))),
            "2024-01-04=3 2024-01-05=4");
}

TEST(FrontierLagTest, IsNegativeWhileTheFollowerIsAhead) {
  const auto leader =
      At({{"2024-01-01", 10}, {"2024-01-06", 30}}, Midnight(2024, 1, 8));
  const auto follower =
      At({{"2024-01-02", 12}, {"2024-01-04", 20}}, Midnight(2024, 1, 8));
  EXPECT_EQ(Days(FrontierLag(leader, follower)),
            "2024-01-02=0 2024-01-03=-1 2024-01-04=-2 2024-01-05=-3 "
            "2024-01-06=0 2024-01-07=1");
}

TEST(FrontierLagTest, IsAbsentBeforeTheLeaderHasAScore) {
  EXPECT_EQ(Days(FrontierLag(At({{"2024-01-03", 10}}, Midnight(2024, 1, 5)),
                             At({{"2024-01-01", 4}}, Midnight(2024, 1, 5)))),
            "2024-01-03=0 2024-01-04=1");
}

TEST(FrontierLagTest, OfADayRestsOnNothingReleasedLater) {
  const auto follower = At({{"2024-01-02", 12}}, Midnight(2024, 1, 5));
  const auto before =
      FrontierLag(At({{"2024-01-01", 10}}, Midnight(2024, 1, 5)), follower);
  const auto after = FrontierLag(
      At({{"2024-01-01", 10}, {"2024-01-05", 30}}, Midnight(2024, 1, 9)),
      At({{"2024-01-02", 12}}, Midnight(2024, 1, 9)));
  ASSERT_EQ(before.size(), 3u);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before.values[i], after.values[i]);
  }
}

TEST(FrontierLagTest, IsEmptyIfEitherSideIs) {
  EXPECT_TRUE(FrontierLag({}, At({{"2024-01-01", 4}})).empty());
  EXPECT_TRUE(FrontierLag(At({{"2024-01-01", 4}}), {}).empty());
}

}  // namespace
}  // namespace headway::query
