#include "daemon/forecast/path_functions.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

const std::vector<std::vector<double>>& TwoPaths() {
  static const auto* const paths =
      new std::vector<std::vector<double>>{{1, 3, 2, 4, 5}, {2, 1, 1, 0, 6}};
  return *paths;
}

TEST(SumStepsTest, SumsEachPathOverTheStepsAskedFor) {
  EXPECT_THAT(*SumSteps(TwoPaths(), 1, 4), ElementsAre(9, 2));
}

TEST(SumStepsTest, NamesStepsThatThePathsDoNotHave) {
  for (const auto& [first, end] : {std::pair(-1, 2), {3, 3}, {2, 6}}) {
    EXPECT_THAT(
        std::string(SumSteps(TwoPaths(), first, end).status().message()),
        HasSubstr("the paths have steps 0 to 4"));
  }
}

TEST(CycleTotalsTest, TheFirstYearHoldsWhatIsKnownOfIt) {
  const auto totals = CycleTotals(TwoPaths(), 3, {.steps = 1, .sum = 10});
  EXPECT_THAT(*totals, ElementsAre(ElementsAre(14, 13), ElementsAre(11, 7)));
}

TEST(CycleTotalsTest, AYearThatThePathsDoNotEndIsLeftOut) {
  EXPECT_THAT(*CycleTotals(TwoPaths(), 2),
              ElementsAre(ElementsAre(4, 3), ElementsAre(6, 1)));
}

TEST(CycleTotalsTest, RefusesACycleThatIsKnownAlready) {
  EXPECT_FALSE(CycleTotals(TwoPaths(), 3, {.steps = 3}).ok());
  EXPECT_FALSE(CycleTotals(TwoPaths(), 0).ok());
}

TEST(RunningMaximaTest, NeverFallAndStartFromTheRecordSoFar) {
  EXPECT_THAT(RunningMaxima(TwoPaths(), 2.5),
              ElementsAre(ElementsAre(2.5, 3, 3, 4, 5),
                          ElementsAre(2.5, 2.5, 2.5, 2.5, 6)));
  EXPECT_THAT(RunningMaxima(TwoPaths())[1], ElementsAre(2, 2, 2, 2, 6));
}

TEST(FirstCrossingsTest, AreAbsentWhereAPathNeverCrosses) {
  EXPECT_THAT(FirstCrossings(TwoPaths(), 3, Crossing::kAtOrAbove),
              ElementsAre(Optional(1), Optional(4)));
  EXPECT_THAT(FirstCrossings(TwoPaths(), 0, Crossing::kAtOrBelow),
              ElementsAre(Eq(std::nullopt), Optional(3)));
}

TEST(ProbabilityCrossedTest, IsThatOfHavingCrossedAtAnyTimeSoFar) {
  EXPECT_THAT(ProbabilityCrossed(TwoPaths(), 3, Crossing::kAtOrAbove),
              ElementsAre(0, 0.5, 0.5, 0.5, 1));
}

TEST(SampleQuantileTest, LiesBetweenOrderStatistics) {
  EXPECT_EQ(SampleQuantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_EQ(SampleQuantile({4, 1, 3, 2}, 0), 1);
  EXPECT_EQ(SampleQuantile({4, 1, 3, 2}, 1), 4);
}

}  // namespace
}  // namespace headway::forecast
