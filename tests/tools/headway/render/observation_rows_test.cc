#include "tools/headway/render/observation_rows.h"

#include "daemon/messages/timestamp.h"
#include "gtest/gtest.h"

namespace headway::cli {
namespace {

v1::LabelledSeries KnownOn(absl::CivilDay day) {
  v1::LabelledSeries series;
  *series.mutable_known_at() =
      messages::ToTimestamp(absl::FromCivil(day, absl::UTCTimeZone()));
  return series;
}

TEST(DescribeVintageTest, SaysHowOldItIsInWholeDays) {
  const absl::Time noon =
      absl::FromCivil(absl::CivilHour(2026, 3, 7, 12), absl::UTCTimeZone());
  EXPECT_EQ(DescribeVintage(KnownOn(absl::CivilDay(2026, 3, 5)), noon),
            ", known 2026-03-05 00:00 UTC (2 days old)");
  EXPECT_EQ(DescribeVintage(KnownOn(absl::CivilDay(2026, 3, 6)), noon),
            ", known 2026-03-06 00:00 UTC (1 day old)");
}

TEST(DescribeVintageTest, SaysNothingWhereNothingIsKnown) {
  EXPECT_EQ(DescribeVintage(v1::LabelledSeries(), absl::Now()), "");
}

}  // namespace
}  // namespace headway::cli
