#include "tools/headway/render/format.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::cli {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST(FormatValueTest, GivesPercentOneDigit) {
  EXPECT_EQ(FormatValue(12.345, "percent"), "12.3 %");
  EXPECT_EQ(FormatValue(-1234.56, "percent"), "-1,234.6 %");
  EXPECT_EQ(FormatValue(12.345, "USD"), "12.3");
}

TEST(FormatChangeTest, ShowsTheSignAndPointsForPercent) {
  EXPECT_EQ(FormatChange(0.44, "percent"), "+0.4 pp");
  EXPECT_EQ(FormatChange(-0.44, "percent"), "-0.4 pp");
  EXPECT_EQ(FormatChange(1.2e9, "USD"), "+1.20 B");
  EXPECT_EQ(FormatChange(0, "USD"), "0");
}

TEST(FormatElapsedTest, ChoosesTheUnitByLength) {
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(412)), "0.4 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(12.3)), "12 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(59.7)), "1 min 0 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(200)), "3 min 20 s");
  EXPECT_EQ(FormatElapsed(absl::Minutes(125)), "2 h 5 min");
}

TEST(ParseDateOrInstantTest, TakesADateAsTheEndOfThatDay) {
  google::protobuf::Timestamp instant;
  ASSERT_TRUE(ParseDateOrInstant("2025-04-03", &instant));
  EXPECT_EQ(FormatExactInstant(instant), "2025-04-03T23:59:59.999999Z");
}

TEST(ParseDateOrInstantTest, TakesInstantsWithZones) {
  google::protobuf::Timestamp instant;
  ASSERT_TRUE(ParseDateOrInstant("2025-04-03T14:30:00.5+02:00", &instant));
  EXPECT_EQ(FormatExactInstant(instant), "2025-04-03T12:30:00.5Z");
}

TEST(ParseDateOrInstantTest, RefusesWhatIsNeither) {
  google::protobuf::Timestamp instant;
  for (const char* text :
       {"", "yesterday", "2025-13-01", "2025-02-30", "2025-04-03T12:30:00",
        "2025-04", "2025-04-03 ", "infinite-future"}) {
    EXPECT_FALSE(ParseDateOrInstant(text, &instant)) << text;
  }
}

TEST(FormatMinuteTest, ShowsNothingForAnInstantThatWasNeverSet) {
  EXPECT_EQ(FormatMinute(google::protobuf::Timestamp()), "");
}

TEST(LabelsTest, AreShownInTheOrderOfTheirNames) {
  LabelMap labels;
  labels["partner"] = "CHN";
  labels["flow"] = "ex\"port";
  EXPECT_EQ(LabelPairs(labels), "flow=\"ex\\\"port\",partner=\"CHN\"");
}

TEST(SparklineTest, SpansTheHeightsFromTheLeastToTheLargestValue) {
  EXPECT_EQ(Sparkline({1, 2, 3, 4, 5, 6, 7, 8}, 20), "▁▂▃▄▅▆▇█");
}

TEST(SparklineTest, AveragesSeriesThatAreLongerThanItsWidth) {
  EXPECT_EQ(Sparkline({0, 0, 4, 4, 8, 8}, 3), "▁▅█");
}

TEST(SparklineTest, LeavesMissingValuesBlank) {
  EXPECT_EQ(Sparkline({0, kMissing, 1}, 3), "▁ █");
}

TEST(SparklineTest, PutsAConstantLineInTheMiddle) {
  EXPECT_EQ(Sparkline({5, 5}, 9), "▅▅");
}

TEST(SparklineTest, SurvivesTheWholeRangeOfDoubles) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(Sparkline({-most, most}, 9), "▁█");
}

TEST(SparklineTest, IsEmptyForNoValues) { EXPECT_EQ(Sparkline({}, 9), ""); }

TEST(BarTest, FillsInEighthsAndKeepsItsWidth) {
  EXPECT_EQ(Bar(0, 4), "    ");
  EXPECT_EQ(Bar(0.5, 4), "██  ");
  EXPECT_EQ(Bar(0.28125, 4), "█▏  ");
  EXPECT_EQ(Bar(1.7, 4), "████");
}

TEST(TruncateTest, CutsAtCodePointsAndSaysSo) {
  EXPECT_EQ(Truncate("émigré", 6), "émigré");
  EXPECT_EQ(Truncate("émigrés", 4), "émi…");
  EXPECT_EQ(DisplayWidth(Truncate("émigrés", 4)), 4);
}

TEST(ResourceNameTest, TakesShortAndFullNames) {
  EXPECT_EQ(ResourceName("indicators", "gdp"), "indicators/gdp");
  EXPECT_EQ(ResourceName("indicators", "indicators/gdp"), "indicators/gdp");
  EXPECT_EQ(LastSegment("indicators/gdp"), "gdp");
  EXPECT_EQ(LastSegment("gdp"), "gdp");
}

}  // namespace
}  // namespace headway::cli
