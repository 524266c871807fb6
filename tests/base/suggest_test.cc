#include "daemon/base/suggest.h"

#include "gtest/gtest.h"

namespace headway {
namespace {

const std::vector<std::string> kModels = {"naive", "auto_ets", "theta"};

TEST(DidYouMeanTest, NamesTheNearestCandidate) {
  EXPECT_EQ(DidYouMean("autoets", kModels), "; did you mean \"auto_ets\"?");
  EXPECT_EQ(DidYouMean("Theta", kModels), "; did you mean \"theta\"?");
}

TEST(DidYouMeanTest, CountsASwapOfNeighboursAsOneSlip) {
  EXPECT_EQ(DidYouMean("nvaie", {"naive"}), "");
  EXPECT_EQ(DidYouMean("nivae", {"naive"}), "");
  EXPECT_EQ(DidYouMean("niave", kModels), "; did you mean \"naive\"?");
}

TEST(DidYouMeanTest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(DidYouMean("prophet", kModels), "");
  EXPECT_EQ(DidYouMean("", kModels), "");
  EXPECT_EQ(DidYouMean(std::string(100000, 'a'), kModels), "");
}

}  // namespace
}  // namespace headway
