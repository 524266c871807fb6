#include "daemon/forecast/auto/combination.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Prediction OneStep(const char* model, double point, double half_width) {
  Prediction prediction;
  prediction.model = model;
  prediction.point = {point};
  prediction.mean = {point + 1};
  prediction.quantiles = {{point - half_width, point, point + half_width}};
  prediction.notes = {"of all"};
  return prediction;
}

TEST(AverageTest, WeighsPointsMeansAndQuantiles) {
  const Prediction average =
      AveragePredictions({OneStep("a", 10, 2), OneStep("b", 40, 8)}, {2, 1});
  EXPECT_EQ(average.model, "Mean of a, b");
  EXPECT_THAT(average.point, ElementsAre(DoubleNear(20, 1e-12)));
  EXPECT_THAT(average.mean, ElementsAre(DoubleNear(21, 1e-12)));
  EXPECT_THAT(average.quantiles[0],
              ElementsAre(DoubleNear(16, 1e-12), DoubleNear(20, 1e-12),
                          DoubleNear(24, 1e-12)));
}

TEST(AverageTest, NamesAModelAndANoteOfSeveralMembersOnce) {
  const Prediction average =
      AveragePredictions({OneStep("a", 1, 1), OneStep("a", 1, 1)}, {1, 1});
  EXPECT_EQ(average.model, "a");
  EXPECT_THAT(average.notes, ElementsAre("of all"));
}

TEST(AverageTest, NamesItsMembersWithTheirShares) {
  const Prediction average =
      AveragePredictions({OneStep("a", 10, 2), OneStep("b", 40, 8)}, {3, 1});
  ASSERT_EQ(average.members.size(), 2);
  EXPECT_EQ(average.members[0].model, "a");
  EXPECT_EQ(average.members[0].weight, 0.75);
  EXPECT_EQ(average.members[1].weight, 0.25);
}

TEST(CombinationsTest, ConsistOfSingleMethods) {
  for (const Combination& combination : Combinations()) {
    for (const auto& members :
         {combination.members, combination.long_season_members}) {
      ASSERT_FALSE(members.empty());
      for (const Member& member : members) {
        EXPECT_NE(FindMethod(member.method), nullptr) << member.method;
      }
    }
  }
}

// Ten years of months with a season and a trend.
std::vector<double> Months() {
  std::vector<double> values(120);
  for (int t = 0; t < 120; ++t) {
    values[t] = 50 + 0.3 * t + 10 * std::sin(t * M_PI / 6) + t * 7 % 5;
  }
  return values;
}

Options Monthly() {
  Options options;
  options.horizon = 6;
  options.season = 12;
  return options;
}

absl::StatusOr<Prediction> PredictAuto(const std::vector<double>& values,
                                       const Options& options) {
  return PredictCombination(*FindCombination("auto"), values, options,
                            {0.025, 0.5, 0.975});
}

TEST(PredictCombinationTest, LiesAmongItsMembers) {
  const Prediction prediction = PredictAuto(Months(), Monthly()).value();
  EXPECT_THAT(prediction.model, HasSubstr("CES("));
  EXPECT_THAT(prediction.model, HasSubstr("ETS("));
  EXPECT_THAT(prediction.model, HasSubstr("ARIMA("));
  for (int h = 0; h < 6; ++h) {
    EXPECT_NEAR(prediction.point[h],
                52 + 0.3 * (120 + h) + 10 * std::sin((120 + h) * M_PI / 6), 5);
  }
}

TEST(PredictCombinationTest, MembersThatASeriesIsTooShortForAreLeftOut) {
  const Prediction prediction =
      PredictAuto({5, 7, 6, 9, 8, 11}, Options{}).value();
  EXPECT_THAT(prediction.model, Not(HasSubstr("idge")));
  EXPECT_GT(prediction.quantiles[0][2], prediction.quantiles[0][0]);
}

TEST(PredictCombinationTest, NoMemberAtAllIsAnErrorThatSaysWhatIsNeeded) {
  const absl::Status status = PredictAuto({5, 7}, Options{}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.ToString(), HasSubstr("needs at least"));
}

TEST(PredictCombinationTest, IntervalsStayWithinBounds) {
  std::vector<double> values = Months();
  for (double& value : values) value = 100 * value / (100 + value);
  Options options = Monthly();
  options.bounds = Bounds::kPercent;
  const Prediction prediction = PredictAuto(values, options).value();
  for (const std::vector<double>& quantiles : prediction.quantiles) {
    EXPECT_GT(quantiles.front(), 0);
    EXPECT_LT(quantiles.back(), 100);
  }
}

TEST(PredictCombinationTest, ALongSeasonThatDoesNotFitTwiceIsLeftToAllMembers) {
  std::vector<double> values;
  for (int t = 0; t < 60; ++t) values.push_back(50 + t + (t * 7 % 5));
  Options options;
  options.season = 52;
  const Prediction prediction = PredictAuto(values, options).value();
  EXPECT_THAT(prediction.model, HasSubstr("CES"));
  EXPECT_THAT(prediction.model, HasSubstr("ETS("));
}

TEST(PredictCombinationTest, AWeekOfHoursIsFoundBesideTheDay) {
  std::vector<double> values(24 * 28);
  for (int t = 0; t < static_cast<int>(values.size()); ++t) {
    const bool weekend = t / 24 % 7 >= 5;
    values[t] = 100 + 20 * std::sin(t * M_PI / 12) - (weekend ? 40 : 0) +
                (t * 7 % 5) * 0.1;
  }
  Options options;
  options.season = 24;
  options.horizon = 48;
  // The series ends with a Sunday.
  const Prediction prediction = PredictAuto(values, options).value();
  EXPECT_THAT(prediction.model, HasSubstr("168"));
  EXPECT_NEAR(prediction.point[12], 100, 3);
}

std::vector<double> Growth() {
  NormalGenerator noise(1);
  std::vector<double> values;
  for (int t = 0; t < 20; ++t) {
    values.push_back(100 * std::exp(0.26 * t + 0.1 * noise.Next()));
  }
  return values;
}

TEST(PredictCombinationTest, SteadyGrowthGoesOn) {
  Options options;
  options.horizon = 8;
  const Prediction prediction = PredictAuto(Growth(), options).value();
  const double actual = 100 * std::exp(0.26 * 27);
  EXPECT_NEAR(prediction.point[7] / actual, 1, 0.2);
  EXPECT_GT(prediction.quantiles[7][2], actual);
}

TEST(PredictCombinationTest, WhatIsDeclaredToGrowIsForecastOnLogarithms) {
  Options options;
  options.quantity = Quantity::kGrowth;
  const Prediction prediction = PredictAuto(Months(), options).value();
  for (const ForecastMember& member : prediction.members) {
    EXPECT_THAT(member.model, HasSubstr("on logarithms"));
  }
}

TEST(PredictCombinationTest, ABalanceIsForecastOnTheStraightScale) {
  Options options;
  options.quantity = Quantity::kBalance;
  const Prediction prediction = PredictAuto(Months(), options).value();
  for (const ForecastMember& member : prediction.members) {
    EXPECT_THAT(member.model, Not(HasSubstr(" on ")));
  }
}

TEST(PredictCombinationTest, SmallWholeNumbersAreTakenForCountsAndThatIsSaid) {
  const Prediction prediction =
      PredictAuto({0, 1, 0, 0, 2, 1, 0, 0, 3, 0, 1, 0, 0, 1}, Options{})
          .value();
  EXPECT_EQ(prediction.model, "Counts");
  EXPECT_EQ(prediction.quantiles[0][0], 0);
  EXPECT_THAT(prediction.notes,
              ::testing::Contains(HasSubstr("taken for counts")));
}

TEST(PredictCombinationTest, WhatIsDeclaredIsNotNoted) {
  Options options;
  options.quantity = Quantity::kCount;
  EXPECT_THAT(PredictAuto({0, 1, 0, 0, 2, 1, 0, 0, 3, 0, 1}, options)->notes,
              ::testing::IsEmpty());
}

TEST(PredictCombinationTest, WhatIsDeclaredAndDoesNotHoldIsSaid) {
  Options options;
  options.quantity = Quantity::kCount;
  EXPECT_THAT(PredictAuto(Months(), options)->notes,
              ::testing::Contains(HasSubstr("declared to be counts")));
  options.quantity = Quantity::kGrowth;
  EXPECT_THAT(PredictAuto({0, 1.5, 2, 4, 3, 6, 8, 9}, options)->notes,
              ::testing::Contains(HasSubstr("declared to grow")));
}

TEST(PredictCombinationTest, ASeasonOfWeeksThatIsNotThereIsNotUsed) {
  std::vector<double> values;
  double level = 100;
  for (int t = 0; t < 120; ++t) values.push_back(level += t * 7 % 5 - 2);
  Options options;
  options.season = 52;
  const Prediction prediction = PredictAuto(values, options).value();
  EXPECT_THAT(prediction.model, HasSubstr("ETS("));
}

TEST(PredictCombinationTest, ValuesThatLieTogetherKeepTheirSpread) {
  std::vector<double> values;
  for (int t = 0; t < 30; ++t) values.push_back(1e9 + (t % 2) * 1e-6);
  const Prediction prediction = PredictAuto(values, Options{}).value();
  EXPECT_LT(prediction.quantiles[0][2] - prediction.quantiles[0][0], 1e-5);
}

TEST(PredictCombinationTest, TheCommonestShareLiesWithinItsInterval) {
  Options options;
  options.bounds = Bounds::kPercent;
  const Prediction prediction =
      PredictAuto({99.9, 100, 100, 99.8, 100, 100, 99.95, 100, 100, 100, 99.7,
                   100, 100, 100},
                  options)
          .value();
  EXPECT_EQ(prediction.quantiles[0][2], 100);
  EXPECT_EQ(prediction.point[0], 100);
}

}  // namespace
}  // namespace headway::forecast
