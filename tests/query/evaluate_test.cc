// Expressions over a real store: what cases/*.test cannot say.
#include <cmath>

#include "gmock/gmock.h"
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

TEST(EvaluateTest, WhatIsComputedHasTheStatusOfItsLeastFirmValue) {
  using enum series::ObservationStatus;
  TestStore store;
  store::VintageUpdate update;
  update.info.key = {"x", {}, series::Frequency::kMonthly};
  update.info.unit = series::Unit::Parse("USD").value();
  update.known_at = Midnight(2024, 6, 1);
  for (int month = 0; month < 4; ++month) {
    update.ordinals.push_back(54 * 12 + month);
    update.values.push_back(month + 1);
  }
  update.statuses = {kFinal, kProvisional, kFinal, kPartial};
  store.Commit({{update}});
  const auto statuses = [&](const std::string& expression) {
    return store.Evaluate(expression)->columns.at(0).observations.statuses;
  };
  using Statuses = series::Statuses;
  EXPECT_EQ(statuses("x"), update.statuses);
  EXPECT_EQ(statuses("2 * x + x"), update.statuses);
  EXPECT_EQ(statuses("sum(x)"), update.statuses);
  EXPECT_EQ(statuses("diff(x)"),
            (Statuses{kProvisional, kProvisional, kPartial}));
  EXPECT_EQ(statuses("rolling_sum(x, 3)"), (Statuses{kProvisional, kPartial}));
  EXPECT_EQ(statuses("cumsum(x)"),
            (Statuses{kFinal, kProvisional, kProvisional, kPartial}));
  EXPECT_EQ(statuses("lag(x, 1)"), (Statuses{kFinal, kProvisional, kFinal}));
  EXPECT_EQ(statuses("resample(x, \"Q\", \"sum\")"), Statuses{kProvisional});
  EXPECT_EQ(statuses("count(x)"), update.statuses);
}

TEST(EvaluateTest, WhereTheMembersAreAllThereASumIsNotSaidToChange) {
  TestStore store;
  store.Add("x", {{"from", "CHN"}}, "USD", From("2024-01", {1, 2, 3}));
  store.Add("x", {{"from", "JPN"}}, "USD", From("2024-02", {10, 20}));
  store.Define("total", "sum(x)", "USD", {{"from", {"CHN", "JPN"}}});
  const auto panel = store.Evaluate("total");
  ASSERT_TRUE(panel.ok()) << panel.status();
  EXPECT_THAT(panel->notes, testing::ElementsAre(testing::HasSubstr(
                                "\"JPN\" is missing before 2024-02")));
}

TEST(EvaluateTest, ACountIsPartialUntilItsDaysHavePassed) {
  using enum series::ObservationStatus;
  TestStore store;
  store.Add("release", {}, "1",
            At({{"2024-01-15", 1}, {"2024-06-30", 1}}, Midnight(2024, 7, 1)));
  const auto statuses = [&](const std::string& expression) {
    return store.Evaluate(expression)->columns.at(0).observations.statuses;
  };
  EXPECT_EQ(
      statuses("count_releases(release, \"M\", 60)"),
      (series::Statuses{kFinal, kFinal, kFinal, kFinal, kPartial, kPartial}));
  EXPECT_EQ(statuses("count_releases(release, \"M\")"), series::Statuses{});
  EXPECT_FALSE(store.Evaluate("count_releases(release, \"M\", 0.5)").ok());
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

// A thousand series of a hundred months.
void AddMany(TestStore& store) {
  const series::Observations x =
      From("2010-01", std::vector<double>(100, 1), Midnight(2025, 1, 1));
  store::Batch batch;
  for (int i = 0; i < 1000; ++i) {
    store::VintageUpdate& update = batch.updates.emplace_back();
    update.info.key = {"x", L({{"i", absl::StrCat(i)}}), x.frequency};
    update.info.unit = series::Unit::Parse("USD").value();
    update.known_at = x.known_at;
    update.ordinals = x.ordinals;
    update.values = x.values;
  }
  store.Commit(batch);
}

TEST(EvaluateTest, EndsWhenNobodyWaitsAnyMore) {
  TestStore store;
  AddMany(store);
  int asked = 0;
  const auto evaluated = store.Evaluate(
      "sum(rolling_mean(x, 3))", {.check_alive = [&asked] {
        return ++asked < 3 ? absl::OkStatus() : absl::CancelledError("gone");
      }});
  EXPECT_EQ(evaluated.status(), absl::CancelledError("gone"));
  EXPECT_EQ(asked, 3);
}

TEST(EvaluateTest, RefusesByEstimateWhatWouldReadTooMuch) {
  TestStore store;
  AddMany(store);
  const auto refused = store.Evaluate("x", {.max_observations = 50'000});
  EXPECT_EQ(refused.status(),
            absl::ResourceExhaustedError(
                "column 1: the 1000 series selected bring the expression to "
                "some 100000 observations, and at most 50000 are read; name a "
                "metric or more labels in the selector"));
}

TEST(EvaluateTest, HoldsNoMoreThanItsShareOfTheMemory) {
  TestStore store;
  AddMany(store);
  MemoryBudget budget("evaluations", 1 << 20);
  EXPECT_EQ(store.Evaluate("x", {.budget = &budget}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(budget.used(), 0);
  EXPECT_TRUE(store.Evaluate("x{i=~\"1.\"}", {.budget = &budget}).ok());
}

}  // namespace
}  // namespace headway::query
