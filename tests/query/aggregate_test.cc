#include "daemon/query/aggregate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using series::Frequency;

const LabelList kByCountry{.keep = true, .names = {"country"}};

std::vector<LabelledColumn> Exports() {
  return {{L({{"country", "DEU"}, {"hs", "8486"}}), From("2024-01", {1, 2})},
          {L({{"country", "DEU"}, {"hs", "8542"}}), From("2024-02", {4, 8})},
          {L({{"country", "NLD"}, {"hs", "8486"}}), From("2024-01", {16})}};
}

TEST(AggregateTest, GroupsByTheLabelsNamed) {
  EXPECT_EQ(Text(*Aggregate(Exports(), kByCountry, Aggregation::kSum)),
            "{country=\"DEU\"} 2024-01=1 2024-02=6 2024-03=8\n"
            "{country=\"NLD\"} 2024-01=16");
}

TEST(AggregateTest, GroupsByAllButTheLabelsNamed) {
  EXPECT_EQ(
      Text(*Aggregate(Exports(), LabelList{.keep = false, .names = {"country"}},
                      Aggregation::kSum)),
      "{hs=\"8486\"} 2024-01=17 2024-02=2\n{hs=\"8542\"} 2024-02=4 2024-03=8");
}

TEST(AggregateTest, TakesAllColumnsAsOneGroupWithoutAList) {
  auto with = [](Aggregation aggregation) {
    return Text(*Aggregate(Exports(), std::nullopt, aggregation));
  };
  EXPECT_EQ(with(Aggregation::kSum), "{} 2024-01=17 2024-02=6 2024-03=8");
  EXPECT_EQ(with(Aggregation::kMean), "{} 2024-01=8.5 2024-02=3 2024-03=8");
  EXPECT_EQ(with(Aggregation::kMax), "{} 2024-01=16 2024-02=4 2024-03=8");
  EXPECT_EQ(with(Aggregation::kMin), "{} 2024-01=1 2024-02=2 2024-03=8");
  EXPECT_EQ(with(Aggregation::kCount), "{} 2024-01=2 2024-02=2 2024-03=1");
}

TEST(AggregateTest, TakesTheGreatestOfNegativeNumbers) {
  EXPECT_EQ(Text(*Aggregate({{L({{"a", "1"}}), From("2024", {-3})},
                             {L({{"a", "2"}}), From("2024", {-5})}},
                            std::nullopt, Aggregation::kMax)),
            "{} 2024=-3");
}

TEST(AggregateTest, IsKnownWhenItsNewestColumnIs) {
  const auto result =
      Aggregate({{L({{"a", "1"}}), From("2024", {1}, Midnight(2025, 2, 1))},
                 {L({{"a", "2"}}), From("2024", {1}, Midnight(2025, 3, 1))},
                 {L({{"a", "3"}}), From("2024", {1}, Midnight(2025, 1, 1))}},
                std::nullopt, Aggregation::kSum);
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
  EXPECT_TRUE(Aggregate(columns, std::nullopt, Aggregation::kSum).ok());
  EXPECT_EQ(Aggregate(columns, by_model, Aggregation::kSum).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Share(columns, by_model).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ShareTest, IsInPercentOfTheGroup) {
  EXPECT_EQ(Text(*Share({{L({{"a", "1"}}), From("2024", {1, 3})},
                         {L({{"a", "2"}}), From("2024", {3, 1})}},
                        std::nullopt)),
            "{a=\"1\"} 2024=25 2025=75\n{a=\"2\"} 2024=75 2025=25");
  EXPECT_EQ(Text(*Share(Exports(), kByCountry)),
            "{country=\"DEU\",hs=\"8486\"} 2024-01=100 "
            "2024-02=33.3333\n"
            "{country=\"DEU\",hs=\"8542\"} 2024-02=66.6667\n"
            "{country=\"NLD\",hs=\"8486\"} 2024-01=100");
}

TEST(ShareTest, IsAbsentWhereAColumnThatHasBegunIsMissing) {
  EXPECT_EQ(Text(*Share({{L({{"a", "1"}}), From("2024-01", {1, 1, 1})},
                         {L({{"a", "2"}}), From("2024-02", {1})}},
                        std::nullopt)),
            "{a=\"1\"} 2024-01=100 2024-02=50\n{a=\"2\"} 2024-02=50");
}

TEST(ShareTest, IsAbsentWhereTheTotalIsZero) {
  EXPECT_EQ(Text(*Share({{L({{"a", "1"}}), From("2024", {1, 2})},
                         {L({{"a", "2"}}), From("2024", {-1, 2})}},
                        std::nullopt)),
            "{a=\"1\"} 2025=50\n{a=\"2\"} 2025=50");
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

TEST(CountReleasesTest, CountsByPeriodFromTheFirstOfAllGroups) {
  auto counts = CountReleases(Releases(Midnight(2024, 10, 1)), kByCountry,
                              Frequency::kQuarterly);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(Text(*counts),
            "{country=\"CHN\"} 2023-Q4=0 2024-Q1=0 2024-Q2=1 2024-Q3=0\n"
            "{country=\"USA\"} 2023-Q4=1 2024-Q1=0 2024-Q2=2 2024-Q3=0");
}

TEST(CountReleasesTest, LeavesOutAPeriodThatIsNotOver) {
  auto counts = CountReleases(Releases(Midnight(2024, 6, 30) + absl::Hours(12)),
                              std::nullopt, Frequency::kQuarterly);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(Text(*counts), "{} 2023-Q4=1 2024-Q1=0");
}

TEST(CountReleasesTest, RefusesToFillTooManyPeriods) {
  std::vector<LabelledColumn> columns;
  for (int i = 1000; i < 1100; ++i) {
    columns.push_back({L({{"model", absl::StrCat(i)}}),
                       At({{"1700-01-01", 1}}, Midnight(2399, 1, 1))});
  }
  auto counts = CountReleases(
      columns, LabelList{.keep = true, .names = {"model"}}, Frequency::kDaily);
  EXPECT_EQ(counts.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace headway::query
