#include "daemon/series/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace headway::series {
namespace {

using testing::HasSubstr;

SeriesKey Key(absl::string_view metric, std::vector<Labels::Pair> labels) {
  return {std::string(metric), Labels::Create(std::move(labels)).value(),
          Frequency::kMonthly};
}

bool Matches(absl::string_view selector, const SeriesKey& key) {
  return ParseSelector(selector).value().Matches(key);
}

std::string SelectorError(absl::string_view text) {
  auto selector = ParseSelector(text);
  EXPECT_FALSE(selector.ok()) << text;
  return std::string(selector.status().message());
}

const SeriesKey kChips = Key("trade", {{"hs", "8542"}, {"flow", "export"}});

TEST(SelectorTest, MatchesByMetricAndEachOperator) {
  EXPECT_TRUE(Matches("trade", kChips));
  EXPECT_TRUE(Matches("trade{}", kChips));
  EXPECT_FALSE(Matches("trad", kChips));
  EXPECT_TRUE(Matches("{hs=\"8542\"}", kChips));
  EXPECT_FALSE(Matches("{hs=\"8541\"}", kChips));
  EXPECT_TRUE(Matches("{hs!=\"8541\"}", kChips));
  EXPECT_TRUE(Matches("{hs=~\"8541|8542\"}", kChips));
  EXPECT_FALSE(Matches("{hs!~\"8541|8542\"}", kChips));
  EXPECT_FALSE(Matches("trade{hs=\"8542\",flow=\"import\"}", kChips));
}

TEST(SelectorTest, ARegularExpressionMatchesTheWholeValue) {
  EXPECT_FALSE(Matches("{hs=~\"854\"}", kChips));
  EXPECT_FALSE(Matches("{hs=~\"542\"}", kChips));
  EXPECT_TRUE(Matches("{hs=~\"85.*\"}", kChips));
}

TEST(SelectorTest, AnAbsentLabelIsTheEmptyString) {
  EXPECT_TRUE(Matches("{partner=\"\"}", kChips));
  EXPECT_TRUE(Matches("{partner!=\"CHN\"}", kChips));
  EXPECT_FALSE(Matches("{partner=~\".+\"}", kChips));
  EXPECT_TRUE(Matches("{partner=~\"CHN|\"}", kChips));
}

TEST(SelectorTest, TakesSpaceAndATrailingComma) {
  EXPECT_TRUE(Matches(" trade { hs = \"8542\" , } ", kChips));
}

TEST(SelectorTest, UnderstandsEscapes) {
  const SeriesKey odd = Key("m", {{"a", "x\"y\\z"}});
  EXPECT_TRUE(Matches("{a=\"x\\\"y\\\\z\"}", odd));
  EXPECT_TRUE(Matches("{a=~\"8\\.5\"}", Key("m", {{"a", "8.5"}})));
  EXPECT_FALSE(Matches("{a=~\"8\\.5\"}", Key("m", {{"a", "8x5"}})));
}

TEST(SelectorTest, NamesTheColumnAtFault) {
  EXPECT_THAT(SelectorError(""), HasSubstr("column 1: expected a metric or {"));
  EXPECT_THAT(SelectorError("trade{hs}"), HasSubstr("column 9"));
  EXPECT_THAT(SelectorError("trade{hs=8542}"), HasSubstr("column 10"));
  EXPECT_THAT(SelectorError("trade{hs=\"8542}"), HasSubstr("closing quote"));
  EXPECT_THAT(SelectorError("trade{hs=\"1\" flow=\"2\"}"),
              HasSubstr("column 14: expected , or }"));
  EXPECT_THAT(SelectorError("trade{hs=~\"(\"}"),
              HasSubstr("regular expression"));
  EXPECT_THAT(SelectorError("trade}"), HasSubstr("column 6: unexpected \"}\""));
  EXPECT_THAT(SelectorError("{,}"), HasSubstr("expected a label name"));
  EXPECT_THAT(SelectorError("trade{"), HasSubstr("column 7"));
}

TEST(SelectorTest, BoundsTheNumberOfMatchersAndTheSizeOfExpressions) {
  std::string many = "{";
  for (int i = 0; i < 65; ++i) absl::StrAppend(&many, "a=\"1\",");
  EXPECT_THAT(SelectorError(many + "}"), HasSubstr("more than 64 matchers"));
  EXPECT_THAT(SelectorError("{a=~\"" + std::string(1025, 'x') + "\"}"),
              HasSubstr("at most 1024"));
}

TEST(SelectorTest, ConsumesASelectorAndLeavesTheRest) {
  absl::string_view text = "trade{hs=\"8542\"} / 2";
  ASSERT_TRUE(ConsumeSelector(&text).ok());
  EXPECT_EQ(text, " / 2");
}

TEST(SelectorTest, PrintsSoThatItParsesToTheSame) {
  for (absl::string_view text :
       {"trade", "{a=\"1\"}", "trade{a!=\"1\",b=~\"x|y\",c!~\"z.*\"}",
        "{a=\"q\\\"b\\\\s\"}", "{a=~\"8\\\\.5\"}", "{a=\"tab\\tline\\n\"}",
        "{a=\"caf\xC3\xA9\"}", "{a=\"d'Ivoire\"}", "{a=\"\r\x1b\"}"}) {
    const Selector selector = ParseSelector(text).value();
    const std::string printed = FormatSelector(selector);
    auto again = ParseSelector(printed);
    ASSERT_TRUE(again.ok()) << printed << " " << again.status();
    EXPECT_EQ(again->metric, selector.metric);
    ASSERT_EQ(again->matchers.size(), selector.matchers.size());
    for (size_t i = 0; i < selector.matchers.size(); ++i) {
      EXPECT_EQ(again->matchers[i].name(), selector.matchers[i].name());
      EXPECT_EQ(again->matchers[i].op(), selector.matchers[i].op());
      EXPECT_EQ(again->matchers[i].value(), selector.matchers[i].value())
          << printed;
    }
  }
}

}  // namespace
}  // namespace headway::series
