#include "daemon/forecast/auto/backtest.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::IsEmpty;

Prediction Constant(double point, double lower, double upper, int horizon) {
  Prediction prediction;
  prediction.point.assign(horizon, point);
  prediction.quantiles.assign(horizon, {lower, upper});
  return prediction;
}

TEST(PlanBacktestTest, LeavesTwoCyclesToFitOn) {
  const BacktestPlan plan = PlanBacktest(60, 12, 12, 3);
  EXPECT_EQ(plan.origins.size(), 3u);
  EXPECT_EQ(plan.origins[0], 48);
  EXPECT_THAT(plan.origins, Each(Ge(25)));
}

TEST(PlanBacktestTest, HoldsNothingBackFromAShortSeries) {
  EXPECT_THAT(PlanBacktest(8, 1, 12, 3).origins, IsEmpty());
  EXPECT_THAT(PlanBacktest(26, 12, 12, 3).origins, IsEmpty());
}

// From (1, 2, 4) the mean absolute change is 1.5; the forecast is 5 and comes
// out as 5 and 8: errors 0 and 3, scaled 0 and 2; 200 * 3 / 13 percent.
TEST(BacktestTest, ScoresAsWorkedByHand) {
  const std::vector<double> values = {1, 2, 4, 5, 8};
  Backtest backtest(values, 1, 2);
  backtest.Add(3, Constant(5, 4, 6, 2));
  const BacktestScore score = backtest.Score().value();
  EXPECT_EQ(score.origins, 1);
  EXPECT_DOUBLE_EQ(score.mase, 1);
  EXPECT_DOUBLE_EQ(score.smape, 300.0 / 13);
  EXPECT_DOUBLE_EQ(score.coverage80, 0.5);
}

TEST(BacktestTest, LeavesMissingActualsOut) {
  const std::vector<double> values = {1, 2, 4, 5, kMissing};
  Backtest backtest(values, 1, 2);
  backtest.Add(3, Constant(5, 4, 6, 2));
  EXPECT_DOUBLE_EQ(backtest.Score()->coverage80, 1);
}

// Each value is that of a season before: there is no scale.
TEST(BacktestTest, HasNoScoreWhereNothingChangesOverASeason) {
  const std::vector<double> values = {1, 2, 1, 2, 1, 3};
  Backtest backtest(values, 2, 2);
  backtest.Add(4, Constant(1, 0, 3, 2));
  EXPECT_FALSE(backtest.Score().has_value());
}

TEST(BacktestTest, WeighsOriginsByTheirActuals) {
  // The mean absolute changes before the origins are 1.5 and 4 / 3; the errors
  // are 0, 3 and 1.
  const std::vector<double> values = {1, 2, 4, 5, 8, kMissing};
  Backtest backtest(values, 1, 2);
  backtest.Add(3, Constant(5, 4, 6, 2));
  backtest.Add(4, Constant(7, 6, 9, 2));
  const BacktestScore score = backtest.Score().value();
  EXPECT_EQ(score.origins, 2);
  EXPECT_DOUBLE_EQ(score.mase, (0 + 3 / 1.5 + 1 / (4.0 / 3)) / 3);
  EXPECT_DOUBLE_EQ(score.coverage80, 2.0 / 3);
}

TEST(BacktestTest, HasNoScoreWithoutActuals) {
  const std::vector<double> values = {1, 2, 4, kMissing, kMissing};
  Backtest backtest(values, 1, 2);
  backtest.Add(3, Constant(5, 4, 6, 2));
  EXPECT_FALSE(backtest.Score().has_value());
}

}  // namespace
}  // namespace headway::forecast
