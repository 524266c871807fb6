#include "daemon/forecast/models/long_season.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Hours with a day's wave, lower on the last two days of seven.
std::vector<double> Hours(int n, double weekend) {
  NormalGenerator normal(5);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) {
    const bool is_weekend = (t / 24) % 7 >= 5;
    values[t] = 100 + 20 * std::sin(t * M_PI / 12) -
                (is_weekend ? weekend : 0) + normal.Next();
  }
  return values;
}

std::vector<double> RandomWalk(int n, uint64_t seed) {
  NormalGenerator normal(seed);
  std::vector<double> values(n);
  for (int t = 1; t < n; ++t) values[t] = values[t - 1] + normal.Next();
  return values;
}

TEST(FindLongSeasonTest, FindsTheWeekOfHours) {
  EXPECT_EQ(FindLongSeason(Hours(700, 15), 24), 168);
}

TEST(FindLongSeasonTest, FindsNoWeekWhereDaysAreAlike) {
  EXPECT_EQ(FindLongSeason(Hours(700, 0), 24), 0);
}

TEST(FindLongSeasonTest, FindsNoneWithinThreeCycles) {
  EXPECT_EQ(FindLongSeason(Hours(500, 15), 24), 0);
}

TEST(FindLongSeasonTest, FindsTheYearOfWeeksBesideASeasonOfOne) {
  std::vector<double> values = RandomWalk(300, 3);
  for (int t = 0; t < 300; ++t) values[t] += 10 * std::sin(t * M_PI / 26);
  EXPECT_EQ(FindLongSeason(values, 1), 52);
}

TEST(FindLongSeasonTest, IsRarelyWrongAboutRandomWalks) {
  int wrong = 0;
  for (int seed = 1; seed <= 100; ++seed) {
    if (FindLongSeason(RandomWalk(300, seed), 1) != 0) ++wrong;
  }
  EXPECT_LE(wrong, 5);
}

TEST(FindLongSeasonTest, KnowsNoLongCycleBesideMonths) {
  EXPECT_EQ(FindLongSeason(Hours(700, 15), 12), 0);
}

ModelInput Input(int season, absl::Span<const int> long_seasons) {
  ModelInput input;
  input.season = season;
  input.long_seasons = long_seasons;
  return input;
}

TEST(CyclesTest, AreTheSeasonAndTheOneThatIsFound) {
  EXPECT_THAT(Cycles(Input(24, {}), Hours(700, 15), 2), ElementsAre(24, 168));
}

TEST(CyclesTest, AreTheOnesGivenWhetherTheyShowOrNot) {
  EXPECT_THAT(Cycles(Input(24, {48}), Hours(700, 15), 2), ElementsAre(24, 48));
}

TEST(CyclesTest, LeaveOutWhatDoesNotFitOftenEnough) {
  EXPECT_THAT(Cycles(Input(24, {168, 365}), Hours(700, 15), 2),
              ElementsAre(24, 168));
  EXPECT_THAT(Cycles(Input(24, {168}), Hours(30, 15), 2), IsEmpty());
}

TEST(CyclesTest, AreNoneForASeasonOfOneWithoutALongSeason) {
  EXPECT_THAT(Cycles(Input(1, {}), RandomWalk(300, 3), 2), IsEmpty());
}

TEST(CyclesSuffixTest, NamesTheCycles) {
  EXPECT_EQ(CyclesSuffix({}), "");
  EXPECT_EQ(CyclesSuffix({12}), " with a cycle of 12");
  EXPECT_EQ(CyclesSuffix({24, 168}), " with cycles of 24, 168");
}

}  // namespace
}  // namespace headway::forecast
