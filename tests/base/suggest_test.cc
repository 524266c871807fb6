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

TEST(DescribeTypographyTest, SaysWhatToWriteForACurlyQuote) {
  EXPECT_EQ(DescribeTypography("\u201CUSD\u201D"),
            "\"\u201C\" is a curly quote; write a straight one, \"");
}

TEST(DescribeTypographyTest, SaysWhatToWriteForAMinusSign) {
  EXPECT_EQ(DescribeTypography("\u22121"),
            "\"\u2212\" is a minus sign of print; write a hyphen, -");
}

TEST(DescribeTypographyTest, HasNothingToSayOfAsciiAndOfLetters) {
  EXPECT_EQ(DescribeTypography("\"USD\""), "");
  EXPECT_EQ(DescribeTypography("\u00E9"), "");
  EXPECT_EQ(DescribeTypography(""), "");
}

}  // namespace
}  // namespace headway
