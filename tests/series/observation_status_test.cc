#include "daemon/series/observation_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headway::series {
namespace {

using enum ObservationStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ObservationStatusNameTest, IsParsedBack) {
  for (uint8_t i = 0; i <= kLastObservationStatus; ++i) {
    const auto status = static_cast<ObservationStatus>(i);
    EXPECT_EQ(ParseObservationStatus(ObservationStatusName(status)).value(),
              status);
  }
}

TEST(ObservationStatusNameTest, AnotherIsRefusedWithThoseThereAre) {
  EXPECT_THAT(std::string(ParseObservationStatus("Final").status().message()),
              HasSubstr("\"Final\" is no status of an observation; write "
                        "final, provisional, partial, estimated, break"));
}

TEST(StatusesTest, ThereAreNoneWhereAllAreFinal) {
  Statuses statuses;
  AppendStatus(kFinal, 0, &statuses);
  AppendStatus(kFinal, 1, &statuses);
  EXPECT_THAT(statuses, IsEmpty());
}

TEST(StatusesTest, ThereIsOneForEachValueOnceOneIsNotFinal) {
  Statuses statuses;
  AppendStatus(kFinal, 0, &statuses);
  AppendStatus(kPartial, 1, &statuses);
  AppendStatus(kFinal, 2, &statuses);
  EXPECT_THAT(statuses, ElementsAre(kFinal, kPartial, kFinal));
}

TEST(StatusesTest, ASliceOfFinalOnesHasNone) {
  const Statuses statuses = {kFinal, kPartial, kFinal};
  EXPECT_THAT(SliceStatuses(statuses, 2, 3), IsEmpty());
  EXPECT_THAT(SliceStatuses(statuses, 1, 3), ElementsAre(kPartial, kFinal));
}

TEST(StatusesTest, ColumnsWithAndWithoutJoin) {
  Statuses statuses;
  AppendStatuses({}, 0, 2, 0, &statuses);
  AppendStatuses({kBreak, kFinal}, 0, 2, 2, &statuses);
  AppendStatuses({}, 0, 1, 4, &statuses);
  EXPECT_THAT(statuses, ElementsAre(kFinal, kFinal, kBreak, kFinal, kFinal));
}

}  // namespace
}  // namespace headway::series
