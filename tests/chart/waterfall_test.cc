#include "daemon/chart/waterfall.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace headway::chart {
namespace {

using ::testing::HasSubstr;

Waterfall Nowcast() {
  return {.title = "How the nowcast changed",
          .start_name = "29 June",
          .start = 2.33,
          .steps = {{"revisions", -0.07}, {"payrolls", 0.52}},
          .end_name = "29 July"};
}

TEST(Waterfall, SaysEveryStepAloud) {
  EXPECT_THAT(*ToSvg(Nowcast()),
              HasSubstr("From 29 June, 2.33: revisions -0.0700, payrolls "
                        "+0.520, to 29 July, 2.78."));
}

TEST(Waterfall, ColoursFallsUnlikeRises) {
  const std::string svg = *ToSvg(Nowcast());
  EXPECT_THAT(svg, HasSubstr("<rect class=\"hc-f3\""));
  EXPECT_THAT(svg, HasSubstr("<rect class=\"hc-f2\""));
}

TEST(Waterfall, RefusesAStepThatIsNoNumber) {
  Waterfall waterfall = Nowcast();
  waterfall.steps[0].change = std::numeric_limits<double>::infinity();
  EXPECT_THAT(std::string(ToSvg(waterfall).status().message()),
              HasSubstr("\"revisions\" is inf"));
}

}  // namespace
}  // namespace headway::chart
