#include "daemon/query/columns/aggregate.h"

#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using series::Frequency;

TEST(AggregateTest, IsKnownWhenItsNewestColumnIs) {
  const auto result =
      Aggregate({{L({{"a", "1"}}), From("2024", {1}, Midnight(2025, 2, 1))},
                 {L({{"a", "2"}}), From("2024", {1}, Midnight(2025, 3, 1))},
                 {L({{"a", "3"}}), From("2024", {1}, Midnight(2025, 1, 1))}},
                std::nullopt, Aggregation::kSum, Unbounded());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->at(0).observations.known_at, Midnight(2025, 3, 1));
}

TEST(AggregateTest, RefusesGroupsThatSpanTooManyPeriods) {
  std::vector<LabelledColumn> columns;
  for (int i = 10000; i < 12000; ++i) {
    columns.push_back({L({{"model", absl::StrCat(i)}}),
                       At({{"1700-01-01", 1}, {"2390-01-01", 1}})});
  }
  const LabelList by_model{.keep = true, .names = {"model"}};
  EXPECT_TRUE(
      Aggregate(columns, std::nullopt, Aggregation::kSum, Unbounded()).ok());
  EXPECT_EQ(Aggregate(columns, by_model, Aggregation::kSum, Unbounded())
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Share(columns, by_model, Unbounded()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

std::vector<LabelledColumn> Releases(absl::Time known_at) {
  return {{L({{"country", "CHN"}, {"model", "a"}}),
           At({{"2024-05-01", 1}}, known_at)},
          {L({{"country", "USA"}, {"model", "b"}}),
           At({{"2023-12-31", 1}}, Midnight(2024, 1, 1))},
          {L({{"country", "USA"}, {"model", "c"}}),
           At({{"2024-06-30", 1}}, known_at)},
          {L({{"country", "USA"}, {"model", "d"}}),
           At({{"2024-04-01", 1}}, known_at)}};
}

TEST(CountReleasesTest, LeavesOutAPeriodThatIsNotOver) {
  auto counts = CountReleases(Releases(Midnight(2024, 6, 30) + absl::Hours(12)),
                              std::nullopt, Frequency::kQuarterly,
                              absl::ZeroDuration(), Unbounded());
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(Text(*counts), "{} 2023-Q4=1 2024-Q1=0");
}

TEST(CountReleasesTest, RefusesToFillTooManyPeriods) {
  std::vector<LabelledColumn> columns;
  for (int i = 1000; i < 1100; ++i) {
    columns.push_back({L({{"model", absl::StrCat(i)}}),
                       At({{"1700-01-01", 1}}, Midnight(2399, 1, 1))});
  }
  auto counts =
      CountReleases(columns, LabelList{.keep = true, .names = {"model"}},
                    Frequency::kDaily, absl::ZeroDuration(), Unbounded());
  EXPECT_EQ(counts.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace headway::query
