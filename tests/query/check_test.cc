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

TEST(CheckTest, SuggestsTheFunctionThatWasMeant) {
  EXPECT_EQ(ErrorOf("1 + roling_mean(x, 3)"),
            "column 5: unknown function \"roling_mean\"; did you mean "
            "\"rolling_mean\"?");
  EXPECT_EQ(ErrorOf("sqrt(x)"), "column 1: unknown function \"sqrt\"");
}

TEST(CheckTest, CountsArguments) {
  EXPECT_EQ(ErrorOf("lag(x)"),
            "column 1: lag does not take 1 arguments; write lag(x, n)");
  EXPECT_EQ(ErrorOf("yoy(x, 1)"),
            "column 1: yoy does not take 2 arguments; write yoy(x)");
  EXPECT_EQ(ErrorOf("sum()"),
            "column 1: sum does not take 0 arguments; write "
            "sum by (labels) (x)");
}

TEST(CheckTest, TellsArgumentsOfTheWrongKind) {
  EXPECT_EQ(ErrorOf("lag(x, \"3\")"),
            "column 8: lag: argument 2 is a string in double quotes, and must "
            "be a number; write lag(x, n)");
  EXPECT_EQ(ErrorOf("sum(3)"),
            "column 5: sum: argument 1 is a number, and must be series; write "
            "sum by (labels) (x)");
  EXPECT_EQ(ErrorOf("lag(x, y)"),
            "column 8: lag: argument 2 is series, and must be a number; write "
            "lag(x, n)");
}

TEST(CheckTest, BoundsNumbersOfPeriods) {
  EXPECT_EQ(ErrorOf("lag(x, 1.5)"),
            "column 8: lag: the number of periods is 1.5; write a whole number "
            "from 1 to 4000");
  EXPECT_THAT(ErrorOf("diff(x, 0)"), HasSubstr("the number of periods is 0"));
  EXPECT_THAT(ErrorOf("rolling_mean(x, 1e18)"),
              HasSubstr("the number of periods is 1e+18"));
  EXPECT_EQ(ErrorOf("lag(x, 2 * 6)"), "no error");
}

TEST(CheckTest, RefusesGroupingWhereThereIsNone) {
  EXPECT_EQ(ErrorOf("yoy by (a) (x)"),
            "column 1: yoy takes no by or without; write yoy(x)");
}

TEST(CheckTest, NamesUnknownFrequenciesMethodsAndPeriods) {
  EXPECT_THAT(ErrorOf("resample(x, \"Y\", \"sum\")"),
              HasSubstr("column 13: resample: frequency \"Y\" is unknown"));
  EXPECT_THAT(ErrorOf("resample(x, \"Q\", \"summ\")"),
              HasSubstr("column 18: resample: method \"summ\" is unknown"));
  EXPECT_THAT(ErrorOf("rebase(x, \"2024-13\")"),
              HasSubstr("column 11: rebase: period \"2024-13\""));
}

TEST(CheckTest, RefusesMatchingWithANumber) {
  EXPECT_EQ(ErrorOf("x * on(a) 2"),
            "column 3: on(...) matches series, but one side is a number");
  EXPECT_EQ(ErrorOf("x or 2"),
            "column 3: or joins series, but one side is a number");
}

TEST(CheckTest, RefusesConstantsThatAreNoNumbers) {
  EXPECT_EQ(ErrorOf("x * (1 / 0)"), "column 8: 1 / 0 is no number");
}

TEST(CheckTest, KnowsNeitherUnitNorFrequencyWithoutSeries) {
  TestStore store;
  auto type = store.Check("nothing * 2");
  ASSERT_TRUE(type.ok());
  EXPECT_FALSE(type->unit.has_value());
  EXPECT_FALSE(type->frequency.has_value());
  EXPECT_FALSE(type->is_number);
}

TEST(CheckTest, KnowsANumber) {
  TestStore store;
  EXPECT_TRUE(store.Check("1 + 2")->is_number);
}

// Units and frequencies, over series that are there.
class TypeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_.Add("usd", {{"a", "1"}}, "USD", From("2024-01", {1}));
    store_.Add("eur", {{"a", "1"}}, "EUR", From("2024-01", {1}));
    store_.Add("ratio", {{"a", "1"}}, "1", From("2024-01", {1}));
    store_.Add("percentage", {{"a", "1"}}, "percent", From("2024-01", {1}));
    store_.Add("annual", {{"a", "1"}}, "USD", From("2024", {1}));
    store_.Add("score", {{"a", "1"}}, "index", From("2024-01-01", {1}));
    store_.Add("mixed", {{"a", "1"}}, "USD", From("2024-01", {1}));
    store_.Add("mixed", {{"a", "2"}}, "EUR", From("2024-01", {1}));
    store_.Add("uneven", {{"a", "1"}}, "USD", From("2024-01", {1}));
    store_.Add("uneven", {{"a", "2"}}, "USD", From("2024", {1}));
  }

  // "USD monthly", or the error.
  std::string Type(absl::string_view text) {
    auto type = store_.Check(text);
    if (!type.ok()) return absl::StrCat(type.status().message());
    if (!type->unit.has_value() || !type->frequency.has_value()) {
      return "unknown";
    }
    return absl::StrCat(type->unit->ToString(), " ",
                        series::FrequencyName(*type->frequency));
  }

  TestStore store_;
};

TEST_F(TypeTest, FollowsUnitsThroughArithmetic) {
  EXPECT_EQ(Type("usd + usd"), "USD monthly");
  EXPECT_EQ(Type("usd / eur"), "USD/EUR monthly");
  EXPECT_EQ(Type("usd / usd"), "1 monthly");
  EXPECT_EQ(Type("usd * percentage"), "USD monthly");
  EXPECT_EQ(Type("usd ^ 2"), "USD^2 monthly");
  EXPECT_EQ(Type("1 / usd"), "1/USD monthly");
  EXPECT_EQ(Type("ratio ^ 0.5"), "1 monthly");
}

TEST_F(TypeTest, ANumberKeepsTheUnit) {
  EXPECT_EQ(Type("100 * ratio"), "1 monthly");
  EXPECT_EQ(Type("percentage / 2"), "percent monthly");
  EXPECT_EQ(Type("-usd * 2"), "USD monthly");
  EXPECT_EQ(Type("percentage + 5"), "percent monthly");
}

TEST_F(TypeTest, FollowsUnitsAndFrequenciesThroughFunctions) {
  EXPECT_EQ(Type("resample(usd, \"Q\", \"sum\")"), "USD quarterly");
  EXPECT_EQ(Type("lag(usd, 1)"), "USD monthly");
  EXPECT_EQ(Type("diff(usd)"), "USD monthly");
  EXPECT_EQ(Type("pct_change(usd)"), "percent monthly");
  EXPECT_EQ(Type("yoy(usd)"), "percent monthly");
  EXPECT_EQ(Type("rolling_mean(usd, 3)"), "USD monthly");
  EXPECT_EQ(Type("cumsum(usd)"), "USD monthly");
  EXPECT_EQ(Type("cummax(usd)"), "USD monthly");
  EXPECT_EQ(Type("fill(usd)"), "USD monthly");
  EXPECT_EQ(Type("rebase(usd, \"2024-01\")"), "index monthly");
  EXPECT_EQ(Type("share(usd)"), "percent monthly");
  EXPECT_EQ(Type("max(usd)"), "USD monthly");
  EXPECT_EQ(Type("count(usd)"), "1 monthly");
  EXPECT_EQ(Type("frontier_lag(score, score)"), "month daily");
  EXPECT_EQ(Type("count_releases(score, \"M\")"), "1 monthly");
}

TEST_F(TypeTest, RefusesUnitsThatClash) {
  EXPECT_EQ(Type("usd + eur"),
            "column 5: unit clash: + between USD and EUR; convert one of them "
            "first");
  EXPECT_EQ(Type("yoy(ratio - percentage)"),
            "column 11: unit clash: - between 1 and percent; name one of them "
            "as an indicator declared in the other's unit");
  EXPECT_EQ(Type("usd + 1"),
            "column 5: unit clash: + between USD and the number 1, which has "
            "no unit");
  EXPECT_EQ(Type("usd or eur"),
            "column 5: unit clash: or between USD and EUR; convert one of them "
            "first");
  EXPECT_EQ(Type("frontier_lag(score, resample(usd, \"M\", \"sum\"))"),
            "column 1: unit clash: frontier_lag between index and USD; convert "
            "one of them first");
  EXPECT_EQ(Type("usd ^ 0.5"),
            "column 5: unit clash: USD to the power 0.5; the exponent of a "
            "unit is a whole number from -9 to 9");
  EXPECT_EQ(Type("2 ^ usd"),
            "column 3: unit clash: the exponent of ^ is in USD; it must have "
            "no unit");
  EXPECT_EQ(Type("sum(mixed)"),
            "column 5: unit clash: mixed{a=\"1\"} is in USD and mixed{a=\"2\"} "
            "in EUR; narrow the selector to one");
}

TEST_F(TypeTest, RefusesUnitsBeyondAllMeasure) {
  EXPECT_THAT(Type("usd ^ 9 * usd"), HasSubstr("column 9: unit \"USD^10\""));
}

TEST_F(TypeTest, RefusesFrequenciesThatClash) {
  EXPECT_EQ(Type("usd - annual"),
            "column 5: frequency clash: - between monthly and annual; bring "
            "the finer one to annual with resample(x, \"annual\", \"sum\"), or "
            "\"mean\", \"last\"");
  EXPECT_EQ(Type("resample(annual, \"M\", \"mean\")"),
            "column 18: resample: frequency clash: the series is annual, and "
            "monthly is finer; values can be gathered, not made up");
  EXPECT_EQ(Type("frontier_lag(ratio, ratio)"),
            "column 14: frontier_lag: frequency clash: the scores are monthly; "
            "a lag needs daily ones, each on the day of its release");
  EXPECT_EQ(Type("rebase(usd, \"2024\")"),
            "column 13: rebase: period \"2024\" is annual, but the series is "
            "monthly");
  EXPECT_EQ(Type("uneven"),
            "column 1: frequency clash: uneven{a=\"1\"} is monthly and "
            "uneven{a=\"2\"} is annual; narrow the selector to one, and "
            "resample");
}

TEST_F(TypeTest, EvaluateRefusesWhatCheckRefuses) {
  for (const char* text : {"usd + eur", "usd - annual", "mixed", "lag(usd)"}) {
    EXPECT_EQ(store_.Evaluate(text).status(), store_.Check(text).status());
    EXPECT_FALSE(store_.Check(text).ok());
  }
}

TEST_F(TypeTest, ReadsTheDeclaredUnitOfIndicators) {
  store_.Define("part", "100 * usd / usd", "percent");
  EXPECT_EQ(Type("part + percentage"), "percent monthly");
}

TEST_F(TypeTest, RefusesAnIndicatorWhoseDeclaredUnitIsAnother) {
  store_.Define("wrong", "usd + usd", "EUR");
  EXPECT_EQ(Type("2 * wrong"),
            "indicator wrong: unit clash: it is declared in EUR, but comes in "
            "USD");
}

TEST_F(TypeTest, NamesTheIndicatorInWhichTheErrorLies) {
  store_.Define("wrong", "usd + eur", "EUR");
  store_.Define("user", "2 * wrong", "EUR");
  EXPECT_THAT(
      Type("user"),
      HasSubstr("indicator user: indicator wrong: column 5: unit clash"));
}

TEST_F(TypeTest, TakesBracesForSeriesEvenWhereThereAreNoneYet) {
  store_.Define("new_metric", "2 * new_metric{}", "USD");
  EXPECT_EQ(Type("new_metric{}"), "unknown");
  EXPECT_TRUE(store_.Check("new_metric").ok());
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

TEST(IndicatorOrderTest, CheckRefusesACycleToo) {
  EXPECT_THAT(ErrorOf("a", Indicators({{"a", "b"}, {"b", "a"}})),
              HasSubstr("cycle: a -> b -> a"));
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
