#include "daemon/query/math/chain_ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headway::query {
namespace {

using ::testing::ElementsAre;

// Taylor and Ashe 1983, as printed by Mack 1993 in his table 1.
const std::vector<std::vector<double>>& TaylorAshe() {
  static const auto& triangle = *new std::vector<std::vector<double>>{
      {357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286,
       3833515, 3901463},
      {352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039,
       5339085},
      {290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315},
      {310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268},
      {443160, 1136350, 2128333, 2897821, 3402672, 3873311},
      {396132, 1333217, 2180715, 2985752, 3691712},
      {440832, 1288463, 2419861, 3483130},
      {359480, 1421128, 2864498},
      {376686, 1363294},
      {344014}};
  return triangle;
}

std::vector<DevelopmentRow> Rows(
    const std::vector<std::vector<double>>& triangle) {
  std::vector<DevelopmentRow> rows;
  for (const std::vector<double>& values : triangle)
    rows.push_back({0, values});
  return rows;
}

TEST(ChainLadderTest, GivesTheReservesThatMackPublished) {
  const ChainLadder ladder = FitChainLadder(Rows(TaylorAshe()), 9, 1);
  // In thousands: his table 3.
  const std::vector<double> reserves = {0,    95,   470,  710,  985,
                                        1419, 2178, 3920, 4279, 4626};
  for (size_t i = 0; i < reserves.size(); ++i) {
    ASSERT_TRUE(ladder.rows[i].has_value());
    EXPECT_EQ(
        std::round((ladder.rows[i]->value - TaylorAshe()[i].back()) / 1000),
        reserves[i]);
  }
  EXPECT_EQ(std::round(ladder.reserve.value), 18680856);
}

TEST(ChainLadderTest, GivesTheStandardErrorsThatMackPublished) {
  const ChainLadder ladder = FitChainLadder(Rows(TaylorAshe()), 9, 1);
  const std::vector<double> errors = {0,      75535,  121699, 133549, 261406,
                                      411010, 558317, 875328, 971258, 1363155};
  for (size_t i = 0; i < errors.size(); ++i) {
    EXPECT_EQ(std::round(ladder.rows[i]->standard_error), errors[i]);
  }
  EXPECT_EQ(std::round(ladder.reserve.standard_error), 2447095);
}

TEST(ChainLadderTest, TakesRowsWhoseBeginningWasNotSeen) {
  const ChainLadder ladder = FitChainLadder(
      {{1, {20, 40}}, {0, {10, 20}}, {1, {30, 60}}, {0, {7}}}, 2, 1);
  ASSERT_TRUE(ladder.rows[3].has_value());
  EXPECT_DOUBLE_EQ(ladder.rows[3]->value, 28);
  EXPECT_DOUBLE_EQ(ladder.steps[0].factor, 2);
  EXPECT_EQ(ladder.steps[0].rows, 1u);
  EXPECT_EQ(ladder.steps[1].rows, 2u);
}

TEST(ChainLadderTest, CompletesNoRowByAStepThatTooFewHaveTaken) {
  const std::vector<DevelopmentRow> rows = {
      {0, {10, 20, 30}}, {0, {10, 20, 30}}, {0, {10, 20}}, {0, {10}}};
  EXPECT_TRUE(FitChainLadder(rows, 2, 2).rows[3].has_value());
  const ChainLadder ladder = FitChainLadder(rows, 2, 3);
  EXPECT_FALSE(ladder.rows[2].has_value());
  EXPECT_FALSE(ladder.rows[3].has_value());
  EXPECT_TRUE(ladder.rows[0].has_value());
}

TEST(ChainLadderTest, CompletesNothingFromZero) {
  const ChainLadder ladder =
      FitChainLadder({{0, {1, 2}}, {0, {0, 5}}, {0, {0}}, {0, {4}}}, 1, 1);
  EXPECT_FALSE(ladder.rows[2].has_value());
  // Nor does a row that began at 0 say how others grow.
  EXPECT_DOUBLE_EQ(ladder.rows[3]->value, 8);
  EXPECT_EQ(ladder.steps[0].rows, 1u);
}

TEST(ChainLadderTest, ARowThatHasGrownUpIsCertain) {
  const ChainLadder ladder = FitChainLadder({{0, {1, 2}}, {1, {9}}}, 1, 1);
  EXPECT_DOUBLE_EQ(ladder.rows[1]->value, 9);
  EXPECT_DOUBLE_EQ(ladder.rows[1]->standard_error, 0);
  EXPECT_DOUBLE_EQ(ladder.reserve.value, 0);
}

TEST(ChainLadderTest, OfNothingIsNothing) {
  const ChainLadder ladder = FitChainLadder({}, 3, 1);
  EXPECT_THAT(ladder.rows, ElementsAre());
  EXPECT_EQ(ladder.reserve.value, 0);
  EXPECT_EQ(ladder.reserve.standard_error, 0);
}

}  // namespace
}  // namespace headway::query
