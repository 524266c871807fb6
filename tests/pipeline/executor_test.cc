// What is derived and forecast, and what a run says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/pipeline/executor_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ExecutorTest, PullsDerivesAndForecasts) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SUCCEEDED",
                          "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(run.steps(0).items_in(), 36);
  EXPECT_EQ(run.steps(0).items_out(), 36);
  EXPECT_EQ(run.steps(0).attempts(), 1);
  EXPECT_EQ(run.steps(0).plugin_version(), "1.2");
  EXPECT_EQ(run.steps(1).items_out(), 1);
  EXPECT_EQ(run.steps(2).items_out(), 1);
}

TEST_F(ExecutorTest, AnIssueSaysWhatItWasMadeFrom) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  const v1::Run run = Execute();
  const std::vector<v1::Forecast> issue = Issue("exports");
  ASSERT_THAT(issue, SizeIs(1));
  EXPECT_EQ(issue[0].indicator(), "indicators/exports");
  EXPECT_EQ(issue[0].run(), run.name());
  EXPECT_EQ(issue[0].last().period(), "2022-12");
  EXPECT_EQ(issue[0].last().value(), 135);
  EXPECT_EQ(issue[0].unit(), "USD");
  EXPECT_EQ(issue[0].steps_size(), 12);
  EXPECT_EQ(issue[0].steps(0).period(), "2023-01");
  EXPECT_EQ(issue[0].error(), "");
}

TEST_F(ExecutorTest, UnchangedDataDeriveAndIssueNothing) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Execute();
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SKIPPED",
                          "FORECAST exports SKIPPED"));
  EXPECT_EQ(CountForecasts("exports"), 1);
}

TEST_F(ExecutorTest, ARevisionIssuesAgainAndKeepsTheOldIssue) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Execute();
  const absl::Time between = clock_.Now();
  Say("one", "exports_usd", Rising(37));
  Execute();
  EXPECT_EQ(CountForecasts("exports"), 2);
  EXPECT_EQ(Issue("exports")[0].last().period(), "2023-01");
  EXPECT_EQ(Issue("exports", between)[0].last().period(), "2022-12");
}

TEST_F(ExecutorTest, DerivesOnlyWhatDependsOnWhatChanged) {
  Load(R"(pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator { name: "a" expression: "exports_usd" unit: "USD" }
  indicator { name: "b" expression: "2 * a" unit: "USD" }
  indicator { name: "c" expression: "imports_usd" unit: "USD" }
})");
  Push("imports_usd", Rising(24));
  Say("one", "exports_usd", Rising(24));
  Execute();
  Say("one", "exports_usd", Rising(25));
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE a SUCCEEDED",
                          "DERIVE b SUCCEEDED", "DERIVE c SKIPPED",
                          "FORECAST a SUCCEEDED", "FORECAST b SUCCEEDED",
                          "FORECAST c SKIPPED"));
}

TEST_F(ExecutorTest, AChangeThatAnIndicatorDoesNotShowIssuesNothing) {
  Load(R"txt(pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator { name: "largest" expression: "cummax(exports_usd)" unit: "USD" }
})txt");
  Say("one", "exports_usd", {5, 9, 3, 4});
  Execute();
  Say("one", "exports_usd", {5, 9, 2, 4});
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run),
              ElementsAre("PULL one SUCCEEDED", "DERIVE largest SUCCEEDED",
                          "FORECAST largest SKIPPED"));
  EXPECT_EQ(run.steps(1).items_out(), 0);
}

TEST_F(ExecutorTest, AChangedDefinitionDerivesAndIssuesAgain) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Execute();
  Load(R"(pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "2 * exports_usd" unit: "USD" }
})");
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SUCCEEDED",
                          "FORECAST exports SUCCEEDED"));
}

TEST_F(ExecutorTest, AnotherMethodIssuesAgainWithoutDeriving) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Execute();
  Load(R"(pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator {
    name: "exports"
    expression: "exports_usd"
    unit: "USD"
    forecast { method: "naive" }
  }
})");
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SKIPPED",
                          "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(Issue("exports")[0].method(), "naive");
}

TEST_F(ExecutorTest, AForecastThroughItsInputsIsIssuedAnewAndSaysSo) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Execute();
  Load(R"(pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator {
    name: "exports"
    expression: "exports_usd"
    unit: "USD"
    forecast { through: INDICATORS }
  }
})");
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SKIPPED",
                          "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(Issue("exports")[0].model(), "paths of exports_usd{}");
}

TEST_F(ExecutorTest, ARunOnChangePullsNothing) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Push("exports_usd", Rising(24));
  EXPECT_THAT(
      Steps(Execute(v1::Run::ON_CHANGE)),
      ElementsAre("DERIVE exports SUCCEEDED", "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(Issue("exports")[0].last().period(), "2021-12");
}

TEST_F(ExecutorTest, AFailureStaysUntilWhatFailedSucceeds) {
  const std::string mended = directory_.Join("mended");
  Install(
      "broken",
      ShellPlugin("broken",
                  absl::StrCat("[ -e ", mended,
                               " ] && { echo '{\"checkpoint\":{}}'; exit; }",
                               R"(
echo '{"error":{"class":"CONFIG","message":"no such harbour"}}'
exit 1)")));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "broken" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  Push("exports_usd", Rising(24));
  Execute();
  const auto first = Failures();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].kind(), v1::RunStep::PULL);
  EXPECT_EQ(first[0].subject(), "s");
  EXPECT_THAT(first[0].error(), HasSubstr("no such harbour"));
  // A run that does not pull mends no pull.
  Push("exports_usd", Rising(25));
  Execute(v1::Run::ON_CHANGE);
  EXPECT_THAT(Failures(), SizeIs(1));
  Execute();
  EXPECT_EQ(Failures()[0].since().seconds(), first[0].since().seconds());
  EXPECT_GT(Failures()[0].last().seconds(), first[0].last().seconds());
  EXPECT_EQ(*LastPullOf(*store_->NewReader(), "s"), std::nullopt);
  WriteFile(mended, "");
  Execute();
  EXPECT_THAT(Failures(), IsEmpty());
  EXPECT_EQ(*LastPullOf(*store_->NewReader(), "s"), clock_.Now());
}

TEST_F(ExecutorTest, AForecastThatFailedIsTriedAgainByTheNextRunThatPulls) {
  Load(R"(pipeline {
  name: "chips"
  indicator {
    name: "share"
    expression: "exports_usd"
    unit: "USD"
    forecast { bounds: BOUNDS_PERCENT }
  }
})");
  Push("exports_usd", Rising(24, 99));
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("DERIVE share SUCCEEDED", "FORECAST share FAILED"));
  ASSERT_THAT(Failures(), SizeIs(1));
  // Nothing changed: not at every change of something else.
  EXPECT_THAT(Steps(Execute(v1::Run::ON_CHANGE)),
              ElementsAre("DERIVE share SKIPPED", "FORECAST share SKIPPED"));
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("DERIVE share SKIPPED", "FORECAST share FAILED"));
  // Once in the archive is enough.
  EXPECT_EQ(CountForecasts("share"), 1);
  EXPECT_THAT(Failures(), SizeIs(1));
  Push("exports_usd", Rising(24, 9));
  EXPECT_THAT(
      Steps(Execute(v1::Run::ON_CHANGE)),
      ElementsAre("DERIVE share SUCCEEDED", "FORECAST share SUCCEEDED"));
  EXPECT_THAT(Failures(), IsEmpty());
}

TEST_F(ExecutorTest, AnIndicatorThatFailsDoesNotStopTheRestAndIsTriedAgain) {
  Load(R"(pipeline {
  name: "chips"
  indicator { name: "clash" expression: "exports_usd" unit: "month" }
  indicator { name: "fine" expression: "exports_usd" unit: "USD" }
})");
  Push("exports_usd", Rising(24));
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run),
              ElementsAre("DERIVE clash FAILED", "DERIVE fine SUCCEEDED",
                          "FORECAST clash SKIPPED", "FORECAST fine SUCCEEDED"));
  EXPECT_EQ(run.steps(0).error(),
            "indicator \"clash\": the expression has the unit \"USD\" and the "
            "indicator declares \"month\"; correct one of them");
  EXPECT_THAT(Steps(Execute()),
              ElementsAre("DERIVE clash FAILED", "DERIVE fine SKIPPED",
                          "FORECAST clash SKIPPED", "FORECAST fine SKIPPED"));
}

TEST_F(ExecutorTest, AnIndicatorWithoutDataHasNoForecast) {
  Load(R"(pipeline {
  name: "chips"
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("DERIVE exports SUCCEEDED",
                                      "FORECAST exports SKIPPED"));
  EXPECT_EQ(run.steps(0).message(),
            "no values yet: none of its series has any");
}

TEST_F(ExecutorTest, ASeriesTooShortYieldsAForecastThatSaysSo) {
  Load(R"(pipeline {
  name: "chips"
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  Push("exports_usd", {1}, {{"partner", "CHN"}});
  Push("exports_usd", Rising(24), {{"partner", "TWN"}});
  const v1::Run run = Execute();
  EXPECT_EQ(run.steps(1).state(), v1::RunStep::SUCCEEDED);
  EXPECT_EQ(run.steps(1).message(), "1 of 2 series too short");
  const std::vector<v1::Forecast> issue = Issue("exports");
  ASSERT_THAT(issue, SizeIs(2));
  EXPECT_NE(issue[0].error(), "");
  EXPECT_EQ(issue[0].steps_size(), 0);
  EXPECT_EQ(issue[1].error(), "");
}

TEST_F(ExecutorTest, AValueOutsideTheBoundsFailsTheForecastWithTheReason) {
  Load(R"(pipeline {
  name: "chips"
  indicator {
    name: "share"
    expression: "exports_usd"
    unit: "USD"
    forecast { bounds: BOUNDS_PERCENT }
  }
})");
  Push("exports_usd", Rising(24, 99));
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run),
              ElementsAre("DERIVE share SUCCEEDED", "FORECAST share FAILED"));
  EXPECT_EQ(run.steps(1).error(), Issue("share")[0].error());
}

TEST_F(ExecutorTest, StepsCarryTheTimesOfTheClock) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  const v1::Run run = Execute();
  for (const v1::RunStep& step : run.steps()) {
    EXPECT_EQ(step.start_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
    EXPECT_EQ(step.end_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  }
}

TEST_F(ExecutorTest, WhatChangedBeforeADerivationThatWasGivenUpIsDerivedNext) {
  Load(R"(pipeline {
  name: "chips"
  indicator {
    name: "exports"
    expression: "exports_usd"
    unit: "USD"
    forecast { disabled: true }
  }
})");
  PushMany("exports_usd", 1);
  Execute();
  PushMany("exports_usd", 2);
  NotedRun run = MakeRun();
  run.on_publish = [&](const v1::Run& shown) {
    run.stop = shown.steps(0).state() == v1::RunStep::RUNNING;
  };
  Execute(run);
  ASSERT_THAT(Steps(run.run()), ElementsAre("DERIVE exports PENDING"));
  EXPECT_THAT(Steps(Execute()), ElementsAre("DERIVE exports SUCCEEDED"));
}

}  // namespace
}  // namespace headway::pipeline
