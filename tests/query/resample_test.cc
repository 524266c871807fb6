#include "daemon/query/resample.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using series::Frequency;

constexpr auto kSum = ResampleMethod::kSum;

TEST(ResampleTest, ReducesEachPeriodByTheMethod) {
  const auto x = From("2024-01", {3, 1, 2, 10, 30, 20});
  auto with = [&](absl::string_view method) {
    return Text(Resample(x, Frequency::kQuarterly,
                         ParseResampleMethod(method).value()));
  };
  EXPECT_EQ(with("sum"), "2024-Q1=6 2024-Q2=60");
  EXPECT_EQ(with("mean"), "2024-Q1=2 2024-Q2=20");
  EXPECT_EQ(with("last"), "2024-Q1=2 2024-Q2=20");
  EXPECT_EQ(with("first"), "2024-Q1=3 2024-Q2=10");
  EXPECT_EQ(with("max"), "2024-Q1=3 2024-Q2=30");
  EXPECT_EQ(with("min"), "2024-Q1=1 2024-Q2=10");
}

TEST(ResampleTest, LeavesOutAQuarterWhoseMonthsAreNotAllThere) {
  EXPECT_EQ(Text(Resample(From("2023-12", {9, 1, 1, 1, 5, 5}),
                          Frequency::kQuarterly, kSum)),
            "2024-Q1=3");
  EXPECT_EQ(Text(Resample(At({{"2024-01", 1},
                              {"2024-03", 1},
                              {"2024-04", 1},
                              {"2024-05", 1},
                              {"2024-06", 1}}),
                          Frequency::kQuarterly, ResampleMethod::kLast)),
            "2024-Q2=1");
}

TEST(ResampleTest, LeavesTheSameFrequencyAlone) {
  const auto x = From("2024-01", {1, 2});
  EXPECT_EQ(Resample(x, Frequency::kMonthly, kSum), x);
}

TEST(ResampleTest, AWeekBelongsToTheMonthOfItsThursday) {
  // Thursdays 2024-02-01 (W05) to 2024-02-29 (W09) lie in February.
  EXPECT_EQ(Text(Resample(From("2024-W04", {100, 1, 1, 1, 1, 1, 100}),
                          Frequency::kMonthly, kSum)),
            "2024-02=5");
}

TEST(ResampleTest, AnIsoYearHasItsWeeks) {
  EXPECT_EQ(Text(Resample(From("2020-W01", std::vector<double>(53, 1.0)),
                          Frequency::kAnnual, kSum)),
            "2020=53");
}

TEST(ResampleTest, DaysNeedNotAllBeThere) {
  // Business days only, known after the month was over.
  EXPECT_EQ(Text(Resample(
                At({{"2024-02-01", 1}, {"2024-02-14", 2}, {"2024-02-29", 6}},
                   Midnight(2024, 3, 1)),
                Frequency::kMonthly, ResampleMethod::kMean)),
            "2024-02=3");
}

TEST(ResampleTest, AMonthOfDaysIsAbsentUntilItsEndIsKnown) {
  const auto known = [](absl::Time known_at) {
    return Text(Resample(At({{"2024-01-30", 5}, {"2024-02-10", 9}}, known_at),
                         Frequency::kMonthly, ResampleMethod::kMax));
  };
  EXPECT_EQ(known(Midnight(2024, 3, 1) - absl::Microseconds(1)), "2024-01=5");
  EXPECT_EQ(known(Midnight(2024, 3, 1)), "2024-01=5 2024-02=9");
}

TEST(ResampleTest, ASumOfDaysNeedsDataInTheFirstAndTheLastWeek) {
  // January begins late, March ends early; both were over long ago.
  const auto x = At({{"2024-01-20", 1}, {"2024-02-15", 2}, {"2024-03-20", 4}});
  EXPECT_EQ(Text(Resample(x, Frequency::kMonthly, kSum)), "2024-02=2");
  EXPECT_EQ(Text(Resample(x, Frequency::kMonthly, ResampleMethod::kLast)),
            "2024-01=1 2024-02=2 2024-03=4");
}

TEST(ResampleTest, GathersDaysIntoIsoWeeks) {
  EXPECT_EQ(Text(Resample(From("2024-12-30", std::vector<double>(14, 1.0)),
                          Frequency::kWeekly, kSum)),
            "2025-W01=7 2025-W02=7");
}

TEST(ResampleTest, SuggestsTheMethodThatWasMeant) {
  EXPECT_THAT(ParseResampleMethod("avg").status().message(),
              ::testing::HasSubstr("method \"avg\" is unknown"));
  EXPECT_THAT(ParseResampleMethod("frist").status().message(),
              ::testing::HasSubstr("did you mean \"first\"?"));
}

TEST(LastPeriodOverTest, IsTheOneBeforeTheInstant) {
  auto over = [](Frequency frequency, absl::Time instant) {
    return series::FormatPeriod(
        {frequency, LastPeriodOver(frequency, instant)});
  };
  EXPECT_EQ(over(Frequency::kMonthly, Midnight(2024, 3, 1)), "2024-02");
  EXPECT_EQ(
      over(Frequency::kMonthly, Midnight(2024, 3, 1) - absl::Microseconds(1)),
      "2024-01");
  EXPECT_EQ(over(Frequency::kDaily, Midnight(2024, 3, 1)), "2024-02-29");
  EXPECT_EQ(over(Frequency::kAnnual, absl::InfiniteFuture()), "2399");
  EXPECT_EQ(over(Frequency::kAnnual, absl::InfinitePast()), "1599");
}

}  // namespace
}  // namespace headway::query
