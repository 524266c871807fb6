#include "daemon/ingest/protocol/recording.h"

#include <gtest/gtest.h>

namespace headway::ingest {
namespace {

TEST(RecordingTest, ComesBackAsItWasFormatted) {
  const Recording recording = {
      "https://a.test/x", 200, {{"etag", "1"}}, "b\xFF"};
  EXPECT_EQ(ParseRecording(FormatRecording(recording)), recording);
}

TEST(RecordingTest, PassesOverWhatWasPosted) {
  const auto recording = ParseRecording(
      R"({"url":"u","status":200,"headers":{},"request":"{}","body":"b"})");
  ASSERT_TRUE(recording.has_value());
  EXPECT_EQ(recording->body, "b");
}

TEST(RecordingTest, IsNoOtherObject) {
  EXPECT_FALSE(
      ParseRecording(R"({"url":"u","status":200,"headers":{},"request":"{}"})")
          .has_value());
  EXPECT_FALSE(
      ParseRecording(
          R"({"url":"u","status":200,"headers":{},"other":"","body":"b"})")
          .has_value());
}

}  // namespace
}  // namespace headway::ingest
