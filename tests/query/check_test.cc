// What is refused before anything is evaluated.

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"
#include "tests/support/files.h"

namespace headway::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What is wrong with the text itself, where no series is known.
std::string ErrorOf(absl::string_view text,
                    const IndicatorMap& indicators = {}) {
  auto expression = Parse(text);
  if (!expression.ok()) return absl::StrCat(expression.status().message());
  auto type = Check(*expression, indicators, nullptr);
  if (type.ok()) return "no error";
  EXPECT_EQ(type.status().code(), absl::StatusCode::kInvalidArgument);
  return absl::StrCat(type.status().message());
}

TEST(CheckTest, EvaluateRefusesWhatCheckRefuses) {
  TestStore store;
  store.Add("usd", {{"a", "1"}}, "USD", From("2024-01", {1}));
  store.Add("eur", {{"a", "1"}}, "EUR", From("2024-01", {1}));
  store.Add("annual", {{"a", "1"}}, "USD", From("2024", {1}));
  store.Add("mixed", {{"a", "1"}}, "USD", From("2024-01", {1}));
  store.Add("mixed", {{"a", "2"}}, "EUR", From("2024-01", {1}));
  for (const char* text : {"usd + eur", "usd - annual", "mixed", "lag(usd)"}) {
    EXPECT_EQ(store.Evaluate(text).status(), store.Check(text).status());
    EXPECT_FALSE(store.Check(text).ok());
  }
}

IndicatorMap Indicators(
    const std::vector<std::pair<std::string, std::string>>& texts) {
  IndicatorMap indicators;
  for (const auto& [name, text] : texts) {
    indicators.emplace(
        name, IndicatorDefinition{Parse(text).value(), series::Unit()});
  }
  return indicators;
}

TEST(IndicatorOrderTest, PutsEachAfterThoseItUses) {
  EXPECT_THAT(*EvaluationOrder(Indicators(
                  {{"a", "b + c"}, {"b", "c"}, {"c", "metric"}, {"d", "a"}})),
              ElementsAre("c", "b", "a", "d"));
}

TEST(IndicatorOrderTest, NamesTheCycle) {
  EXPECT_EQ(
      CheckAcyclic(Indicators({{"a", "yoy(b)"}, {"b", "2 * a"}})).message(),
      "indicators form a cycle: a -> b -> a; an indicator cannot use "
      "itself");
  EXPECT_THAT(
      CheckAcyclic(
          Indicators({{"start", "x"}, {"x", "y"}, {"y", "z"}, {"z", "x"}}))
          .message(),
      HasSubstr("cycle: x -> y -> z -> x;"));
  EXPECT_THAT(CheckAcyclic(Indicators({{"a", "a"}})).message(),
              HasSubstr("cycle: a -> a;"));
}

TEST(IndicatorOrderTest, TakesBracesForAMetric) {
  EXPECT_TRUE(CheckAcyclic(Indicators({{"a", "a{}"}})).ok());
}

TEST(IndicatorOrderTest, FollowsLongChainsAndBoundsThem) {
  std::vector<std::pair<std::string, std::string>> chain = {{"i0", "metric"}};
  for (int i = 1; i < 20000; ++i) {
    chain.emplace_back(absl::StrCat("i", i), absl::StrCat("i", i - 1));
  }
  const IndicatorMap indicators = Indicators(chain);
  EXPECT_EQ(EvaluationOrder(indicators)->size(), 20000u);
  EXPECT_EQ(ErrorOf("i900", indicators), "no error");
  EXPECT_THAT(ErrorOf("i19999", indicators),
              HasSubstr("more than 1000 operations deep"));
}

std::string MembersError(absl::string_view text,
                         const std::vector<MemberSet>& members,
                         const IndicatorMap& indicators = {}) {
  return std::string(
      CheckMembers(Parse(text).value(), members, indicators).message());
}

TEST(MembersCheckTest, TakesMembersThatASelectorTakes) {
  const std::vector<MemberSet> members = {{"to", {"CHN", "KOR"}}};
  for (const char* text :
       {"sum(x{to=~\"CHN|KOR\"})", "sum(x)", "x{to=\"CHN\"} - x{to=\"KOR\"}",
        "sum(x{to!=\"JPN\"})", "sum(x{from=\"CHN\"})"}) {
    EXPECT_EQ(MembersError(text, members), "") << text;
  }
}

TEST(MembersCheckTest, RefusesAMemberThatEverySelectorLeavesOut) {
  EXPECT_EQ(MembersError("-sum(x{to=\"CHN\"}) / sum(x{to!=\"JPN\"})",
                         {{"to", {"CHN", "JPN"}}}),
            "member \"JPN\" of label \"to\": every selector of the expression "
            "leaves it out, so that no period would ever have a value; correct "
            "one of them");
}

TEST(MembersCheckTest, LeavesOpenWhatAnotherIndicatorYields) {
  EXPECT_EQ(MembersError("sum(other)", {{"to", {"JPN"}}},
                         Indicators({{"other", "x{to=\"CHN\"}"}})),
            "");
}

TEST(MembersCheckTest, RefusesSetsThatSayNothingOrOneThingTwice) {
  EXPECT_THAT(MembersError("x", {{"", {"CHN"}}}), HasSubstr("name no label"));
  EXPECT_THAT(MembersError("x", {{"to", {}}}),
              HasSubstr("of label \"to\" name no value"));
  EXPECT_THAT(MembersError("x", {{"to", {""}}}), HasSubstr("is empty"));
  EXPECT_THAT(MembersError("x", {{"to", {"CHN", "CHN"}}}),
              HasSubstr("\"CHN\" of label \"to\" is named twice"));
  EXPECT_THAT(MembersError("x", {{"to", {"CHN"}}, {"to", {"JPN"}}}),
              HasSubstr("of label \"to\" are given twice"));
}

TEST(ReferenceTest, EveryExampleIsValid) {
  std::vector<std::string> parts = absl::StrSplit(
      ReadFile(HEADWAY_SOURCE_DIR "/docs/query.md"), "```expr\n");
  ASSERT_GT(parts.size(), 5u);
  for (size_t i = 1; i < parts.size(); ++i) {
    EXPECT_EQ(ErrorOf(parts[i].substr(0, parts[i].find("```"))), "no error");
  }
}

}  // namespace
}  // namespace headway::query
