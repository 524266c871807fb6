#include "daemon/series/unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headway::series {
namespace {

using testing::HasSubstr;

Unit U(absl::string_view text) { return Unit::Parse(text).value(); }

TEST(UnitTest, PrintsItsCanonicalText) {
  EXPECT_EQ(U("1").ToString(), "1");
  EXPECT_EQ(U("USD").ToString(), "USD");
  EXPECT_EQ(U("USD/FLOP").ToString(), "USD/FLOP");
  EXPECT_EQ(U("USD*month^-1").ToString(), "USD/month");
  EXPECT_EQ(U("1/month").ToString(), "1/month");
  EXPECT_EQ(U("b*a/d/c^2").ToString(), "a*b/c^2/d");
  EXPECT_EQ(U("USD/USD").ToString(), "1");
}

TEST(UnitTest, TheCanonicalTextParsesToTheSame) {
  for (absl::string_view text : {"1", "USD", "USD/FLOP", "1/month^2",
                                 "a*b^3/c/d^9", "percent", "index"}) {
    EXPECT_EQ(U(U(text).ToString()), U(text)) << text;
  }
}

TEST(UnitTest, MultipliesAndDivides) {
  EXPECT_EQ(U("USD") / U("FLOP"), U("USD/FLOP"));
  EXPECT_EQ(U("USD/FLOP") * U("FLOP"), U("USD"));
  EXPECT_EQ(U("USD") / U("USD"), Unit());
  EXPECT_EQ(U("month") * U("month"), U("month^2"));
}

TEST(UnitTest, PercentAndIndexActAsNumbersInProducts) {
  EXPECT_EQ(U("percent") * U("USD"), U("USD"));
  EXPECT_EQ(U("USD") / U("index"), U("USD"));
}

TEST(UnitTest, DimensionlessUnitsMayBeRelabelledAsOneAnother) {
  EXPECT_TRUE(U("1").CanBeLabelled(U("percent")));
  EXPECT_TRUE(U("index").CanBeLabelled(U("1")));
  EXPECT_FALSE(U("USD").CanBeLabelled(U("percent")));
  EXPECT_FALSE(U("USD").CanBeLabelled(U("EUR")));
  EXPECT_TRUE(U("USD").CanBeLabelled(U("USD")));
  EXPECT_NE(U("1"), U("percent"));
}

TEST(UnitTest, NamesTheTextAtFault) {
  for (absl::string_view text :
       {"", "*", "USD*", "/USD", "USD//FLOP", "2", "USD^", "USD^0", "USD^10",
        "USD^x", "US D", "USD^1^2", "\xE2\x82\xAC"}) {
    auto unit = Unit::Parse(text);
    EXPECT_FALSE(unit.ok()) << text;
    EXPECT_THAT(std::string(unit.status().message()), HasSubstr("unit \""));
  }
  EXPECT_FALSE(Unit::Parse(std::string(65, 'a')).ok());
}

// An exponent that adds up beyond what Parse takes could not be read back.
TEST(UnitTest, ExponentsThatAddUpBeyondTheLimitAreRefused) {
  EXPECT_FALSE(Unit::Parse("a^9*a").ok());
  EXPECT_TRUE(Unit::Parse("a^9*a/a").ok());
}

}  // namespace
}  // namespace headway::series
