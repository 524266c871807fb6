#include "daemon/tables/formulas.h"

#include <gtest/gtest.h>

#include <string>

namespace headway::tables {
namespace {

TEST(FormulasTest, KnowsWhatASpreadsheetWouldRun) {
  for (const char* text : {"=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "'=1"}) {
    EXPECT_TRUE(NeedsApostrophe(text)) << text;
  }
  for (const char* text : {"", "-1.5", "+3", "-1e9", "a=b", "'tis", "'"}) {
    EXPECT_FALSE(NeedsApostrophe(text)) << text;
  }
}

TEST(FormulasTest, EveryTextIsReadBack) {
  for (const char* text :
       {"=1", "'=1", "''=1", "'tis", "-1.5", "-x", "'", ""}) {
    const std::string cell =
        (NeedsApostrophe(text) ? "'" : "") + std::string(text);
    EXPECT_EQ(WithoutApostrophe(cell), text);
  }
}

}  // namespace
}  // namespace headway::tables
