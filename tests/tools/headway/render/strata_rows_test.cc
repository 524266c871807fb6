#include "tools/headway/render/strata_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headway::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::protobuf::RepeatedPtrField<v1::TrackStratum> OneStratum() {
  google::protobuf::RepeatedPtrField<v1::TrackStratum> strata;
  v1::TrackStratum& stratum = *strata.Add();
  stratum.set_method("by_hand");
  stratum.set_first_step(2);
  stratum.set_last_step(3);
  stratum.set_actuals(v1::FIRST_RELEASE);
  stratum.set_outcomes(12);
  stratum.set_mean_absolute_error(4.5);
  stratum.set_skill(0.25);
  v1::IntervalCoverage& interval = *stratum.add_coverage();
  interval.set_level(0.8);
  interval.set_share(0.75);
  interval.set_low(0.47);
  interval.set_high(0.91);
  for (int i = 0; i < 10; ++i) stratum.add_pit(0.1);
  return strata;
}

TEST(StrataTableTest, APersonSeesSharesWithTheirBand) {
  const std::string text = StrataTable(OneStratum(), "USD").ToText({});
  EXPECT_THAT(text, HasSubstr("COVER80"));
  EXPECT_THAT(text, HasSubstr("75 % (47-91)"));
  EXPECT_THAT(text, HasSubstr("2-3"));
  EXPECT_THAT(text, HasSubstr("first"));
}

TEST(StrataTableTest, AProgramSeesTheNumbers) {
  const std::string csv = StrataTable(OneStratum(), "USD").ToCsv();
  EXPECT_THAT(csv, HasSubstr(",0.25,0.75,0.1 0.1 0.1"));
}

TEST(StrataTableTest, ErrorsWithoutACommonUnitAreForProgramsOnly) {
  EXPECT_THAT(StrataTable(OneStratum(), "").ToText({}), Not(HasSubstr("MAE")));
}

}  // namespace
}  // namespace headway::cli
