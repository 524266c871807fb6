#include "daemon/base/instant_text.h"

#include <gtest/gtest.h>

#include <string>

namespace headway {
namespace {

const absl::Time kInstant =
    absl::FromCivil(absl::CivilSecond(2025, 4, 3, 12, 30), absl::UTCTimeZone());

TEST(FormatInstantTest, HasAsManyDigitsAsAreNeeded) {
  EXPECT_EQ(FormatInstant(kInstant), "2025-04-03T12:30:00Z");
  EXPECT_EQ(FormatInstant(kInstant + absl::Milliseconds(500)),
            "2025-04-03T12:30:00.5Z");
  EXPECT_EQ(FormatInstant(kInstant + absl::Microseconds(1)),
            "2025-04-03T12:30:00.000001Z");
}

TEST(FormatMinuteTest, NamesTheZone) {
  EXPECT_EQ(FormatMinute(kInstant + absl::Seconds(59)), "2025-04-03 12:30 UTC");
}

TEST(ParseInstantTest, ReadsBackWhatFormatInstantWrites) {
  for (absl::Time instant :
       {kInstant, kInstant + absl::Microseconds(123456), absl::UnixEpoch()}) {
    EXPECT_EQ(ParseInstant(FormatInstant(instant)).value(), instant);
  }
}

TEST(ParseInstantTest, TakesZones) {
  EXPECT_EQ(ParseInstant("2025-04-03T14:30:00+02:00").value(), kInstant);
}

TEST(ParseInstantTest, RefusesWhatIsNoInstantOfRfc3339) {
  for (const char* text :
       {"", "yesterday", "2025-04-03", "2025-13-01T00:00:00Z",
        "2025-04-03T12:30:00", " 2025-04-03T12:30:00Z", "2025-04-03T12:30:00Z ",
        "infinite-future", "-2025-04-03T12:30:00Z", "0000-01-01T00:00:00Z",
        "12025-04-03T12:30:00Z"}) {
    EXPECT_FALSE(ParseInstant(text).ok()) << text;
  }
  EXPECT_EQ(std::string(ParseInstant("yester\nday").status().message()),
            "\"yester\\nday\" is not an instant; write it as "
            "2024-03-05T12:30:00Z");
}

TEST(ParseDateOrInstantTest, TakesADateAsTheEndOfThatDay) {
  EXPECT_EQ(FormatInstant(ParseDateOrInstant("2025-04-03").value()),
            "2025-04-03T23:59:59.999999Z");
}

TEST(ParseDateOrInstantTest, TakesInstants) {
  EXPECT_EQ(ParseDateOrInstant("2025-04-03T12:30:00Z").value(), kInstant);
}

TEST(ParseDateOrInstantTest, RefusesWhatIsNeither) {
  for (const char* text :
       {"", "yesterday", "2025-13-01", "2025-02-30", "2025-04", "2025-04-03 ",
        "+2025-04-3", "infinite-past"}) {
    EXPECT_FALSE(ParseDateOrInstant(text).ok()) << text;
  }
}

}  // namespace
}  // namespace headway
