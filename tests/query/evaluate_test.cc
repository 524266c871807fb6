// Expressions over a real store.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"

namespace headway::query {
namespace {

using ::testing::HasSubstr;

TEST(EvaluateTest, ReadsSeriesBySelectorWithoutTheMetric) {
  TestStore store;
  store.Add("exports", {{"to", "CHN"}}, "USD", From("2024-01", {1, 2}));
  store.Add("exports", {{"to", "KOR"}}, "USD", From("2024-01", {3}));
  EXPECT_EQ(store.Show("exports"),
            "USD: {to=\"CHN\"} 2024-01=1 2024-02=2\n{to=\"KOR\"} 2024-01=3");
  EXPECT_EQ(store.Show("exports{to=~\"K.*\"}"), "USD: {to=\"KOR\"} 2024-01=3");
}

TEST(EvaluateTest, IsEmptyWhereNoSeriesMatches) {
  TestStore store;
  EXPECT_EQ(store.Show("yoy(sum(nothing))"), "percent: ");
}

TEST(EvaluateTest, WorksOutAShareOfATotal) {
  TestStore store;
  store.Add("billings", {{"region", "China"}}, "USD", From("2024-01", {1, 3}));
  store.Add("billings", {{"region", "Japan"}}, "USD", From("2024-01", {3, 1}));
  EXPECT_EQ(store.Show("100 * billings{region=\"China\"} / ignoring(region) "
                       "sum(billings)"),
            "1: {} 2024-01=25 2024-02=75");
  EXPECT_EQ(store.Show("100 * billings / ignoring(region) sum(billings)"),
            "1: {region=\"China\"} 2024-01=25 2024-02=75\n"
            "{region=\"Japan\"} 2024-01=75 2024-02=25");
  EXPECT_EQ(store.Show("share(billings)"),
            "percent: {region=\"China\"} 2024-01=25 2024-02=75\n"
            "{region=\"Japan\"} 2024-01=75 2024-02=25");
}

TEST(EvaluateTest, WorksOutAYearOnYearChangeOfASum) {
  TestStore store;
  store.Add("exports", {{"to", "CHN"}, {"hs", "8541"}}, "USD",
            From("2023-01", std::vector<double>(13, 10.0)));
  store.Add("exports", {{"to", "CHN"}, {"hs", "8542"}}, "USD",
            At({{"2023-01", 10}, {"2024-01", 20}}));
  EXPECT_EQ(store.Show("yoy(sum by (to) (exports))"),
            "percent: {to=\"CHN\"} 2024-01=50");
}

TEST(EvaluateTest, ResamplesWithinAnAggregation) {
  TestStore store;
  store.Add("exports", {{"hs", "1"}}, "EUR", From("2024-01", {1, 2, 3, 4}));
  store.Add("exports", {{"hs", "2"}}, "EUR", From("2024-01", {10, 20, 30}));
  EXPECT_EQ(store.Show("sum(resample(exports, \"Q\", \"sum\"))"),
            "EUR: {} 2024-Q1=66");
}

TEST(EvaluateTest, NegatesAndRaises) {
  TestStore store;
  store.Add("ratio", {}, "1", From("2024", {2, 3}));
  EXPECT_EQ(store.Show("-ratio^2 + 1"), "1: {} 2024=-3 2025=-8");
  EXPECT_EQ(store.Show("2^ratio"), "1: {} 2024=4 2025=8");
}

TEST(EvaluateTest, JoinsWithOr) {
  TestStore store;
  store.Add("a", {{"x", "1"}}, "USD", From("2024", {1}));
  store.Add("b", {{"x", "1"}}, "USD", From("2024", {8}));
  store.Add("b", {{"x", "2"}}, "USD", From("2024", {9}));
  EXPECT_EQ(store.Show("a or b"), "USD: {x=\"1\"} 2024=1\n{x=\"2\"} 2024=9");
}

TEST(EvaluateTest, UsesIndicatorsInTheirDeclaredUnit) {
  TestStore store;
  store.Add("part", {}, "USD", From("2024", {1}));
  store.Add("whole", {}, "USD", From("2024", {4}));
  store.Define("percentage", "100 * part / whole", "percent");
  EXPECT_EQ(store.Show("percentage - 5"), "percent: {} 2024=20");
}

TEST(EvaluateTest, PrefersTheIndicatorToTheMetricOfItsName) {
  TestStore store;
  store.Add("x", {}, "USD", From("2024", {1}));
  store.Define("x", "2 * x{}", "USD");
  EXPECT_EQ(store.Show("x"), "USD: {} 2024=2");
  EXPECT_EQ(store.Show("x{}"), "USD: {} 2024=1");
}

TEST(EvaluateTest, EvaluatesAnIndicatorOnceHoweverOftenItIsUsed) {
  // Without a memory of what was evaluated this would take 2^40 reads.
  TestStore store;
  store.Add("x", {}, "1", From("2024", {1}));
  store.Define("i0", "x", "1");
  for (int i = 1; i <= 40; ++i) {
    store.Define(absl::StrCat("i", i), absl::StrCat("i", i - 1, " + i", i - 1),
                 "1");
  }
  EXPECT_EQ(store.Evaluate("i40")->columns.at(0).observations.values.at(0),
            std::exp2(40));
}

TEST(EvaluateTest, AnswersAsOfAnInstant) {
  TestStore store;
  store.Add("x", {}, "USD", From("2024-01", {10, 20}, Midnight(2024, 3, 9)));
  store.Add("x", {}, "USD",
            At({{"2024-02", 30}, {"2024-03", 60}}, Midnight(2024, 4, 9)));
  EXPECT_EQ(store.Show("pct_change(x)"), "percent: {} 2024-02=200 2024-03=100");
  EXPECT_EQ(store.Show("pct_change(x)", Midnight(2024, 4, 8)),
            "percent: {} 2024-02=100");
  EXPECT_EQ(store.Show("pct_change(x)", Midnight(2024, 3, 8)), "percent: ");
}

TEST(EvaluateTest, AnswersByWhatWasRecorded) {
  TestStore store;
  store.Add("x", {}, "USD", From("2024-01", {10}, Midnight(2024, 3, 9)));
  const absl::Time before = store.clock().Now();
  store.clock().Advance(absl::Hours(1));
  store.Add("x", {}, "USD", From("2024-01", {11}, Midnight(2024, 3, 8)));
  store.Define("twice", "2 * x", "USD");
  EXPECT_EQ(store.Show("twice", Midnight(2024, 3, 8)), "USD: {} 2024-01=22");
  EXPECT_EQ(store.Show("twice", Midnight(2024, 3, 8), before), "USD: ");
}

TEST(EvaluateTest, CountsOnlyPeriodsThatWereOverAsOfTheInstant) {
  TestStore store;
  store.Add("release", {{"model", "a"}}, "1",
            At({{"2024-02-10", 1}}, Midnight(2024, 2, 11)));
  store.Add("release", {{"model", "b"}}, "1",
            At({{"2024-05-02", 1}}, Midnight(2024, 5, 3)));
  store.Add("release", {{"model", "c"}}, "1",
            At({{"2024-07-02", 1}}, Midnight(2024, 7, 3)));
  EXPECT_EQ(store.Show("count_releases(release, \"Q\")"),
            "1: {} 2024-Q1=1 2024-Q2=1");
  EXPECT_EQ(store.Show("count_releases(release, \"Q\")", Midnight(2024, 6, 1)),
            "1: {} 2024-Q1=1");
}

TEST(EvaluateTest, PairsTheTwoColumnsOfAFrontierLagWhateverTheirLabels) {
  TestStore store;
  store.Add("score", {{"country", "USA"}, {"model", "a"}}, "index",
            At({{"2024-01-01", 10}}, Midnight(2024, 3, 1)));
  store.Add("score", {{"country", "CHN"}, {"model", "b"}}, "index",
            At({{"2024-03-01", 10}}, Midnight(2024, 3, 2)));
  const std::string one_day = absl::StrCat("2024-03-01=", 60 / 30.4375);
  EXPECT_EQ(store.Show("frontier_lag(max by (country) (score{country=\"USA\"}),"
                       " max by (country) (score{country=\"CHN\"}))"),
            "month: {} " + one_day);
}

TEST(EvaluateTest, RefusesToFillTooManyPeriods) {
  TestStore store;
  for (int i = 0; i < 100; ++i) {
    store.Add("x", {{"i", absl::StrCat(i)}}, "USD",
              At({{"1700-01-01", 1}, {"2390-01-01", 1}}));
  }
  EXPECT_EQ(store.Evaluate("fill(x)").status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(store.Evaluate("fill(x{i=\"7\"})").ok());
}

TEST(EvaluateTest, RefusesANumberAlone) {
  TestStore store;
  EXPECT_EQ(store.Show("1 + 2"),
            "column 1: the expression is the number 3 and holds no series");
}

TEST(EvaluateTest, RefusesAmbiguousMatchingWithTheColumn) {
  TestStore store;
  store.Add("a", {{"x", "1"}, {"y", "1"}}, "USD", From("2024", {1}));
  store.Add("a", {{"x", "1"}, {"y", "2"}}, "USD", From("2024", {1}));
  EXPECT_THAT(store.Show("a + on(x) a"),
              HasSubstr("column 3: many-to-many matching: for the group "
                        "{x=\"1\"}"));
}

TEST(EvaluateTest, RefusesSeriesThatShareTheirLabels) {
  TestStore store;
  store.Add("a", {{"x", "1"}}, "USD", From("2024", {1}));
  store.Add("b", {{"x", "1"}}, "USD", From("2024", {1}));
  EXPECT_EQ(store.Show("sum({x=\"1\"})"),
            "column 5: a{x=\"1\"} and b{x=\"1\"} have the same labels; name "
            "the metric in the selector");
}

}  // namespace
}  // namespace headway::query
