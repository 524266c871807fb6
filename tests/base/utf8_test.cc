#include "daemon/base/utf8.h"

#include "gtest/gtest.h"

namespace headway {
namespace {

TEST(Utf8Test, TakesSequencesOfEveryLength) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("a\n\x7F"));
  EXPECT_TRUE(IsUtf8("\u00FC\u20AC\U0001F980"));
  EXPECT_EQ(Utf8Length("\u20ACa"), 3u);
}

TEST(Utf8Test, RefusesWhatIsCutShort) {
  EXPECT_FALSE(IsUtf8("\xC3"));
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_FALSE(IsUtf8("\xF0\x9F\xA6"));
  EXPECT_FALSE(IsUtf8("\xE2\x82z"));
}

TEST(Utf8Test, RefusesOverlongSurrogatesAndWhatIsBeyondUnicode) {
  EXPECT_FALSE(IsUtf8("\xC0\x80"));
  EXPECT_FALSE(IsUtf8("\xE0\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("\x80"));
  EXPECT_EQ(Utf8Length(""), 0u);
}

}  // namespace
}  // namespace headway
