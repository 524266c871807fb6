#include "daemon/tables/marks.h"

#include <gtest/gtest.h>

namespace headway::tables {
namespace {

TEST(MarksTest, KnowsTheUsualMarksOfMissingValues) {
  for (const char* mark : {"", "NA", "n/a", "N.A.", "NaN", "null", "None", ".",
                           "..", ":", "#N/A"}) {
    EXPECT_TRUE(IsMissingMark(mark)) << mark;
  }
}

TEST(MarksTest, TakesNoMarkForMissingThatMayBeAZero) {
  for (const char* mark : {"-", "0", "p", "x", "*", "inf"}) {
    EXPECT_FALSE(IsMissingMark(mark)) << mark;
  }
}

TEST(MarksTest, ReadsCodesAndWordsOfStatus) {
  EXPECT_EQ(StatusOfMark(""), ValueStatus::kFinal);
  EXPECT_EQ(StatusOfMark("A"), ValueStatus::kFinal);
  EXPECT_EQ(StatusOfMark("p"), ValueStatus::kProvisional);
  EXPECT_EQ(StatusOfMark("Preliminary"), ValueStatus::kProvisional);
  EXPECT_EQ(StatusOfMark("e"), ValueStatus::kEstimated);
  EXPECT_EQ(StatusOfMark("b"), ValueStatus::kBreak);
  EXPECT_EQ(StatusOfMark("partial"), ValueStatus::kPartial);
  EXPECT_EQ(StatusOfMark("r"), ValueStatus::kOther);
}

TEST(MarksTest, CountsTheLeastSureOfSeveralMarks) {
  EXPECT_EQ(StatusOfMark("bp"), ValueStatus::kProvisional);
  EXPECT_EQ(StatusOfMark("b, e"), ValueStatus::kEstimated);
}

TEST(MarksTest, TakesNoOtherTextForAMark) {
  EXPECT_EQ(StatusOfMark("planned"), std::nullopt);
  EXPECT_EQ(StatusOfMark("TWN"), std::nullopt);
}

TEST(MarksTest, KnowsColumnsOfStatusByTheirNames) {
  for (const char* name :
       {"OBS_FLAG", "Flags", "flag_codes", "OBS_STATUS", "Observation status",
        "CONF_STATUS", "Footnotes", "note", "Comments"}) {
    EXPECT_EQ(IsStatusColumn(name), StatusColumn::kYes) << name;
  }
  for (const char* name : {"status", "Symbol", "revised"}) {
    EXPECT_EQ(IsStatusColumn(name), StatusColumn::kIfMarks) << name;
  }
  for (const char* name : {"country", "notebook", "partner", "statusquo"}) {
    EXPECT_EQ(IsStatusColumn(name), StatusColumn::kNo) << name;
  }
}

}  // namespace
}  // namespace headway::tables
