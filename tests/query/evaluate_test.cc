// Expressions over a real store: what cases/*.test cannot say.
#include <cmath>

#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"

namespace headway::query {
namespace {

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

}  // namespace
}  // namespace headway::query
