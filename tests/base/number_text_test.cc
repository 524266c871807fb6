#include "daemon/base/number_text.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace headway {
namespace {

TEST(FormatNumberTest, ShowsThreeSignificantDigits) {
  EXPECT_EQ(FormatNumber(123.45), "123");
  EXPECT_EQ(FormatNumber(81.234), "81.2");
  EXPECT_EQ(FormatNumber(8.1234), "8.12");
  EXPECT_EQ(FormatNumber(1.5), "1.50");
  EXPECT_EQ(FormatNumber(0.12345), "0.123");
  EXPECT_EQ(FormatNumber(0.05123), "0.0512");
  EXPECT_EQ(FormatNumber(0.0051234), "0.00512");
  EXPECT_EQ(FormatNumber(-812.34), "-812");
}

TEST(FormatNumberTest, SeparatesThousands) {
  EXPECT_EQ(FormatNumber(1234.5), "1,234");
  EXPECT_EQ(FormatNumber(-123456.7), "-123,457");
}

TEST(FormatNumberTest, ScalesMillionsBillionsAndTrillions) {
  EXPECT_EQ(FormatNumber(1e6), "1.00 M");
  EXPECT_EQ(FormatNumber(999.4e6), "999 M");
  EXPECT_EQ(FormatNumber(1.2e9), "1.20 B");
  EXPECT_EQ(FormatNumber(-34.56e9), "-34.6 B");
  EXPECT_EQ(FormatNumber(1.234e12), "1.23 T");
}

TEST(FormatNumberTest, RoundsIntoTheNextScaleInsteadOfShowingAThousand) {
  EXPECT_EQ(FormatNumber(9.999), "10.0");
  EXPECT_EQ(FormatNumber(999.96), "1,000");
  EXPECT_EQ(FormatNumber(999999.7), "1.00 M");
  EXPECT_EQ(FormatNumber(999.7e6), "1.00 B");
  EXPECT_EQ(FormatNumber(999.7e9), "1.00 T");
}

TEST(FormatNumberTest, WritesWholeNumbersBelowAMillionOut) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(-0.0), "0");
  EXPECT_EQ(FormatNumber(7), "7");
  EXPECT_EQ(FormatNumber(-12345), "-12,345");
  EXPECT_EQ(FormatNumber(999999), "999,999");
}

TEST(FormatNumberTest, TurnsToPowersOfTenBeyondTrillionsAndBelowThousandths) {
  EXPECT_EQ(FormatNumber(2.1e25), "2.10e+25");
  EXPECT_EQ(FormatNumber(0.00012345), "1.23e-04");
  EXPECT_EQ(FormatNumber(-1.5e-7), "-1.50e-07");
}

TEST(FormatNumberTest, ShowsADashForAMissingValue) {
  EXPECT_EQ(FormatNumber(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(FormatSignedTest, HasASignUnlessItIsZero) {
  EXPECT_EQ(FormatSigned(2), "+2");
  EXPECT_EQ(FormatSigned(-1234567), "-1.23 M");
  EXPECT_EQ(FormatSigned(0), "0");
}

TEST(FormatFixedTest, KeepsItsDecimalsAndSeparatesThousands) {
  EXPECT_EQ(FormatFixed(-1234.56, 1), "-1,234.6");
  EXPECT_EQ(FormatFixed(0, 2), "0.00");
}

TEST(FormatCountTest, SeparatesThousands) {
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
}

TEST(FormatExactTest, ReadsBackAsTheSameDouble) {
  for (double value : {0.1, 1.0 / 3, 2.1e25, -1e-300, 5172.1}) {
    EXPECT_EQ(std::stod(FormatExact(value)), value);
  }
  EXPECT_EQ(FormatExact(0.1), "0.1");
}

}  // namespace
}  // namespace headway
