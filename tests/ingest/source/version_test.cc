#include "daemon/ingest/source/version.h"

#include <gtest/gtest.h>

namespace headway::ingest {
namespace {

TEST(VersionTest, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(IsOlderVersion("1.9", "1.10"));
  EXPECT_FALSE(IsOlderVersion("1.10", "1.9"));
  EXPECT_FALSE(IsOlderVersion("2", "1.9.9"));
}

TEST(VersionTest, OneVersionIsNotOlderThanItself) {
  EXPECT_FALSE(IsOlderVersion("1.2", "1.2"));
  EXPECT_FALSE(IsOlderVersion("1.02", "1.2"));
}

TEST(VersionTest, TheLongerOfTwoIsTheLater) {
  EXPECT_TRUE(IsOlderVersion("1.2", "1.2.1"));
  EXPECT_FALSE(IsOlderVersion("1.2.1", "1.2"));
}

TEST(VersionTest, WordsAreComparedByTheirLetters) {
  EXPECT_TRUE(IsOlderVersion("1-alpha", "1-beta"));
}

}  // namespace
}  // namespace headway::ingest
