#include "daemon/query/meaning.h"

#include "gtest/gtest.h"

namespace headway::query {
namespace {

TEST(SuggestFunctionTest, GoesByMeaningBeforeLetters) {
  EXPECT_EQ(SuggestFunction("log", {"lag", "ln"}), "; did you mean \"ln\"?");
  EXPECT_EQ(SuggestFunction("LOG", {"lag", "ln"}), "; did you mean \"ln\"?");
}

TEST(SuggestFunctionTest, GoesByLettersWhereTheMeaningIsUnknown) {
  EXPECT_EQ(SuggestFunction("cumsm", {"cumsum", "cummax"}),
            "; did you mean \"cumsum\"?");
}

TEST(SuggestNameTest, GoesByLettersBeforeWords) {
  EXPECT_EQ(SuggestName("export_usd", {"usd_export", "exports_usd"}),
            "; did you mean \"exports_usd\"?");
}

TEST(SuggestNameTest, GoesByTheWordsThatNamesShare) {
  EXPECT_EQ(SuggestName("usd_trade_value", {"sales", "trade_value_usd"}),
            "; did you mean \"trade_value_usd\"?");
}

TEST(SuggestNameTest, HasNothingToSayOfAStranger) {
  EXPECT_EQ(SuggestName("weather", {"exports_usd"}), "");
}

TEST(SuggestValueTest, GoesByCaseBeforeLetters) {
  EXPECT_EQ(SuggestValue("chn", {"CHE", "CHN"}), "; did you mean \"CHN\"?");
}

TEST(SuggestValueTest, KnowsTheNamesOfCountries) {
  EXPECT_EQ(SuggestValue("taiwan", {"THA", "TWN"}), "; did you mean \"TWN\"?");
  EXPECT_EQ(SuggestValue("CHN", {"Chile", "China"}),
            "; did you mean \"China\"?");
}

}  // namespace
}  // namespace headway::query
