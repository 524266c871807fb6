#include "daemon/base/typography.h"

#include "gtest/gtest.h"

namespace headway {
namespace {

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
