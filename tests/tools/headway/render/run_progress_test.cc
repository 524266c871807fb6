#include "tools/headway/render/run_progress.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace headway::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Run RunOf(const std::string& text) {
  v1::Run run;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &run));
  return run;
}

const char kPulling[] = R"(
  steps { kind: PULL subject: "census" state: RUNNING progress: 0.5
          message: "page 3" }
  steps { kind: DERIVE subject: "exports" state: PENDING })";
const char kPulled[] = R"(
  steps { kind: PULL subject: "census" state: SUCCEEDED items_in: 1200
          items_out: 7 start_time { seconds: 100 } end_time { seconds: 102 } }
  steps { kind: DERIVE subject: "exports" state: RUNNING })";
const char kFailed[] = R"(
  steps { kind: PULL subject: "census" state: SUCCEEDED }
  steps { kind: DERIVE subject: "exports" state: FAILED error: "no series" })";

TEST(RunProgressTest,
     WritesALineForEachPullThatStartsAndStepThatEndsWhenPiped) {
  RunProgress progress({});
  EXPECT_EQ(progress.Update(RunOf(kPulling)), "running  pull      census\n");
  EXPECT_EQ(progress.Update(RunOf(kPulling)), "");
  EXPECT_EQ(progress.Update(RunOf(kPulled)),
            "done     pull      census                                "
            "1,200 observations read, 7 changed, 2.0 s\n");
}

TEST(RunProgressTest, SaysThatAPullWaitsAndUntilWhen) {
  v1::Run run;
  v1::RunStep& step = *run.add_steps();
  step.set_kind(v1::RunStep::PULL);
  step.set_subject("sample");
  step.set_state(v1::RunStep::WAITING);
  step.set_message("attempt 1 of 3 failed (busy); the next is at 13:01:30 UTC");
  for (bool terminal : {false, true}) {
    RunProgress progress({.terminal = terminal});
    EXPECT_THAT(progress.Update(run),
                AllOf(HasSubstr("waiting"), HasSubstr("sample"),
                      HasSubstr("the next is at 13:01:30 UTC")));
    EXPECT_EQ(progress.Update(run), "");
  }
}

TEST(RunProgressTest, ShowsWhyAStepFailed) {
  RunProgress progress({});
  progress.Update(RunOf(kPulled));
  EXPECT_EQ(progress.Update(RunOf(kFailed)),
            "FAILED   derive    exports                               "
            "no series\n");
}

TEST(RunProgressTest, CountsSeriesOfDerivationsAndIssuedForecasts) {
  RunProgress progress({});
  EXPECT_EQ(progress.Update(RunOf(R"(
              steps { kind: DERIVE subject: "exports" state: SUCCEEDED
                      items_in: 3 items_out: 1 }
              steps { kind: FORECAST subject: "exports" state: SUCCEEDED
                      items_in: 3 items_out: 2
                      message: "1 of 3 series too short" })")),
            "done     derive    exports                               "
            "3 series, 1 changed\n"
            "done     forecast  exports                               "
            "3 series, 2 issued; 1 of 3 series too short\n");
}

TEST(RunProgressTest, DrawsABarForStepsThatRunOnATerminal) {
  RunProgress progress({.terminal = true});
  EXPECT_EQ(progress.Update(RunOf(kPulling)),
            "running  pull      census                                "
            "██████████            50 %  page 3\n");
}

TEST(RunProgressTest, DrawsOverTheBarsOfTheUpdateBefore) {
  RunProgress progress({.terminal = true});
  progress.Update(RunOf(kPulling));
  const std::string second = progress.Update(RunOf(kPulled));
  EXPECT_THAT(second, ::testing::StartsWith("\x1b[1F\x1b[Jdone "));
  EXPECT_THAT(second, HasSubstr("running  derive    exports"));
}

TEST(RunProgressTest, CutsBarsToTheWidthSoThatTheyDoNotWrap) {
  RunProgress progress({.terminal = true, .width = 30});
  EXPECT_EQ(progress.Update(RunOf(kPulling)),
            "running  pull      census   …\n");
}

TEST(RunProgressTest, WritesNoEscapesWhenPiped) {
  RunProgress progress({});
  std::string all = progress.Update(RunOf(kPulling));
  all += progress.Update(RunOf(kFailed));
  EXPECT_THAT(all, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace headway::cli
