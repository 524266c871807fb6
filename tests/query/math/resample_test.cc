#include "daemon/query/math/resample.h"

#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using series::Frequency;

TEST(ResampleTest, AMonthOfDaysIsAbsentUntilItsEndIsKnown) {
  const auto known = [](absl::Time known_at) {
    return Text(Resample(At({{"2024-01-30", 5}, {"2024-02-10", 9}}, known_at),
                         Frequency::kMonthly, ResampleMethod::kMax));
  };
  EXPECT_EQ(known(Midnight(2024, 3, 1) - absl::Microseconds(1)), "2024-01=5");
  EXPECT_EQ(known(Midnight(2024, 3, 1)), "2024-01=5 2024-02=9");
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
