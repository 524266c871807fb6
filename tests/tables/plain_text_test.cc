#include "daemon/tables/plain_text.h"

#include <gtest/gtest.h>

namespace headway::tables {
namespace {

TEST(PlainTextTest, LeavesPlainTextAlone) {
  EXPECT_EQ(PlainText("South Korea"), "South Korea");
  EXPECT_EQ(PlainText(""), "");
  EXPECT_EQ(PlainText("Cura\u00E7ao"), "Cura\u00E7ao");
}

TEST(PlainTextTest, MakesOneSpaceOfEveryRunOfSpaces) {
  for (const char* space : {" ", "  ", "\t", "\n", "\r", "\r\n", "\u00A0",
                            "\u202F", "\u2009", "\u3000", " \u00A0 "}) {
    EXPECT_EQ(PlainText(std::string("a") + space + "b"), "a b") << space;
    EXPECT_EQ(PlainText(std::string("a") + space), "a") << space;
    EXPECT_EQ(PlainText(space), "") << space;
  }
}

TEST(PlainTextTest, DropsWhatIsNeverSeen) {
  for (const char* unseen :
       {"\u200B", "\uFEFF", "\u00AD", "\u200E", "\u2060"}) {
    EXPECT_EQ(PlainText(std::string("Chi") + unseen + "na"), "China");
  }
}

}  // namespace
}  // namespace headway::tables
