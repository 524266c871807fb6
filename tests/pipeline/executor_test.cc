#include "daemon/pipeline/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/pipeline/forecast_archive.h"
#include "tests/pipeline/pipeline_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr char kOnePipeline[] = R"(
pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

// Notes what the executor does; sleeping takes no time.
class NotedRun final : public schedule::ActiveRun {
 public:
  NotedRun(std::string job, v1::Run::Trigger trigger, SimulatedClock* clock)
      : job_(std::move(job)), clock_(clock) {
    run_.set_name(
        absl::StrCat("pipelines/", job_, "/runs/20250615-120000.000000"));
    run_.set_trigger(trigger);
  }

  v1::Run& run() override { return run_; }
  absl::string_view job() const override { return job_; }
  absl::Status Save() override {
    if (on_save) on_save(run_);
    return absl::OkStatus();
  }
  void Publish() override {
    if (on_publish) on_publish(run_);
  }
  bool stopping() const override { return stop || cancel; }
  bool cancelled() const override { return cancel; }
  bool Sleep(absl::Duration duration) override {
    slept.push_back(duration);
    clock_->Advance(duration);
    return !stopping();
  }

  bool stop = false;
  bool cancel = false;
  std::function<void(const v1::Run&)> on_save;
  std::function<void(const v1::Run&)> on_publish;
  std::vector<absl::Duration> slept;

 private:
  const std::string job_;
  SimulatedClock* const clock_;
  v1::Run run_;
};

class ExecutorTest : public PipelineTest {
 protected:
  ExecutorTest() { InstallSayer("one"); }

  void Load(absl::string_view text) {
    Define("p.textproto", text);
    auto loaded = LoadDirectory(Pipelines(), {});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    for (const DefinitionError& error : loaded->errors) {
      ADD_FAILURE() << error.ToString();
    }
    definitions_ = std::make_shared<const Definitions>(*std::move(loaded));
  }

  NotedRun MakeRun(v1::Run::Trigger trigger = v1::Run::MANUAL,
                   const std::string& job = "chips") {
    return NotedRun(job, trigger, &clock_);
  }

  void Execute(NotedRun& run) {
    clock_.Advance(absl::Hours(1));
    Executor executor(&clock_, store_.get(), host_.get(),
                      [this] { return definitions_; });
    executor.Execute(run);
    EXPECT_EQ(run.run().error(), "");
  }

  v1::Run Execute(v1::Run::Trigger trigger = v1::Run::MANUAL,
                  const std::string& job = "chips") {
    NotedRun run = MakeRun(trigger, job);
    Execute(run);
    return run.run();
  }

  // "PULL one SUCCEEDED"
  static std::vector<std::string> Steps(const v1::Run& run) {
    std::vector<std::string> steps;
    for (const v1::RunStep& step : run.steps()) {
      steps.push_back(absl::StrCat(v1::RunStep::Kind_Name(step.kind()), " ",
                                   step.subject(), " ",
                                   v1::RunStep::State_Name(step.state())));
    }
    return steps;
  }

  std::vector<v1::Forecast> Issue(const std::string& indicator,
                                  absl::Time as_of = absl::InfiniteFuture()) {
    return LatestIssue(*store_->NewReader(), indicator, {.as_of = as_of})
        ->forecasts;
  }
  size_t CountForecasts(const std::string& indicator) {
    return ListIssues(*store_->NewReader(), indicator, {}, "")
        ->forecasts.size();
  }

  std::shared_ptr<const Definitions> definitions_;
};

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

TEST_F(ExecutorTest, ARunOnChangePullsNothing) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  Push("exports_usd", Rising(24));
  EXPECT_THAT(
      Steps(Execute(v1::Run::ON_CHANGE)),
      ElementsAre("DERIVE exports SUCCEEDED", "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(Issue("exports")[0].last().period(), "2021-12");
}

TEST_F(ExecutorTest, ASourceThatFailsDoesNotStopTheRest) {
  Install(
      "broken",
      ShellPlugin(
          "broken",
          R"(echo '{"error":{"class":"CONFIG","message":"no such dataset \"x\"; list them"}}'
exit 1)"));
  Load(R"(pipeline {
  name: "chips"
  source { name: "bad" plugin: "broken" }
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  Say("one", "exports_usd", Rising(36));
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(
      Steps(run.run()),
      ElementsAre("PULL bad FAILED", "PULL one SUCCEEDED",
                  "DERIVE exports SUCCEEDED", "FORECAST exports SUCCEEDED"));
  EXPECT_THAT(run.run().steps(0).error(),
              HasSubstr("no such dataset \"x\"; list them"));
  // A wrong configuration does not mend itself.
  EXPECT_EQ(run.run().steps(0).attempts(), 1);
  EXPECT_THAT(run.slept, IsEmpty());
}

TEST_F(ExecutorTest, AMissingPluginFailsItsStepWithTheNearestName) {
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "onee" } })");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("PULL s FAILED"));
  EXPECT_THAT(run.steps(0).error(), HasSubstr("did you mean \"one\"?"));
}

TEST_F(ExecutorTest, ATransientFailureIsTriedAgainWithGrowingBackoff) {
  const std::string tries = directory_.Join("tries");
  Install("busy", ShellPlugin("busy", absl::StrCat("echo x >> ", tries, "\n",
                                                   "if [ $(wc -l < ", tries,
                                                   R"() -lt 3 ]; then
  echo '{"error":{"class":"TRANSIENT","message":"publisher is busy"}}'
  exit 1
fi
echo '{"checkpoint":{}}')")));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "busy" retry { initial_backoff { seconds: 8 } } }
})");
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s SUCCEEDED"));
  EXPECT_EQ(run.run().steps(0).attempts(), 3);
  EXPECT_THAT(run.slept,
              ElementsAre(AllOf(Ge(absl::Seconds(6)), Le(absl::Seconds(8))),
                          AllOf(Ge(absl::Seconds(12)), Le(absl::Seconds(16)))));
}

TEST_F(ExecutorTest, ATransientFailureThatLastsFailsAfterTheLastAttempt) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"publisher is busy"}}'
exit 1)"));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "busy" retry { max_attempts: 4 } }
})");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("PULL s FAILED"));
  EXPECT_EQ(run.steps(0).attempts(), 4);
  EXPECT_THAT(run.steps(0).error(), HasSubstr("publisher is busy"));
}

TEST_F(ExecutorTest, WaitsAsLongAsThePublisherAsks) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"busy","retryAfter":"90s"}}'
exit 1)"));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "busy" retry { max_attempts: 2 } }
})");
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(run.slept, ElementsAre(absl::Seconds(90)));
}

TEST_F(ExecutorTest, LeavesAPublisherThatAsksForADayToTheNextRun) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"busy","retryAfter":"86400s"}}'
exit 1)"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "busy" } })");
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(run.slept, IsEmpty());
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s FAILED"));
}

TEST_F(ExecutorTest, ADisabledSourceIsListedAndNotPulled) {
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "one" disabled: true }
})");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("PULL s SKIPPED"));
  EXPECT_EQ(run.steps(0).message(), "disabled by its definition");
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

TEST_F(ExecutorTest, ARunTakenUpAgainLeavesOutTheStepsThatHadEnded) {
  const std::string pulls = directory_.Join("pulls");
  Install("counted",
          ShellPlugin("counted", absl::StrCat("echo x >> ", pulls, R"(
echo '{"checkpoint":{}}')")));
  Load(R"(pipeline {
  name: "chips"
  source { name: "first" plugin: "counted" }
  source { name: "second" plugin: "counted" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  Push("exports_usd", Rising(24));
  // The daemon is killed when the first source's step is written.
  NotedRun broken = MakeRun();
  v1::Run kept;
  broken.on_save = [&](const v1::Run& run) {
    if (run.steps(0).state() != v1::RunStep::SUCCEEDED) return;
    if (kept.steps().empty()) kept = run;
    broken.stop = true;
  };
  Execute(broken);
  ASSERT_EQ(kept.steps(1).state(), v1::RunStep::PENDING);

  NotedRun again = MakeRun();
  again.run() = kept;
  Execute(again);
  EXPECT_THAT(
      Steps(again.run()),
      ElementsAre("PULL first SUCCEEDED", "PULL second SUCCEEDED",
                  "DERIVE exports SUCCEEDED", "FORECAST exports SUCCEEDED"));
  EXPECT_EQ(ReadFile(pulls), "x\nx\n");
}

TEST_F(ExecutorTest, ADaemonThatStopsLeavesTheStepToBeDoneAgain) {
  Install("slow", ShellPlugin("slow", "sleep 60"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "slow" } })");
  NotedRun run = MakeRun();
  run.on_publish = [&](const v1::Run&) { run.stop = true; };
  Execute(run);
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s RUNNING"));

  Install("slow", ShellPlugin("slow", "echo '{\"checkpoint\":{}}'"));
  NotedRun again = MakeRun();
  again.run() = run.run();
  Execute(again);
  EXPECT_THAT(Steps(again.run()), ElementsAre("PULL s SUCCEEDED"));
}

TEST_F(ExecutorTest, ACancelledRunSkipsWhatIsLeft) {
  Load(kOnePipeline);
  Say("one", "exports_usd", Rising(36));
  NotedRun run = MakeRun();
  run.on_save = [&](const v1::Run& saved) {
    run.cancel = saved.steps(0).state() == v1::RunStep::SUCCEEDED;
  };
  Execute(run);
  EXPECT_THAT(Steps(run.run()),
              ElementsAre("PULL one SUCCEEDED", "DERIVE exports SKIPPED",
                          "FORECAST exports SKIPPED"));
  EXPECT_EQ(run.run().steps(1).message(), "the run was cancelled");
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

TEST(BackoffTest, DoublesUpToTheMostLessAtMostAQuarter) {
  const RetryPolicy policy = {10, absl::Seconds(5), absl::Seconds(60)};
  const double most[] = {5, 10, 20, 40, 60, 60};
  for (int attempt = 1; attempt <= 6; ++attempt) {
    const double seconds =
        absl::ToDoubleSeconds(BackoffAfter(policy, attempt, "salt"));
    EXPECT_LE(seconds, most[attempt - 1]);
    EXPECT_GE(seconds, 0.75 * most[attempt - 1]);
  }
}

TEST(BackoffTest, SpreadsSourcesApart) {
  const RetryPolicy policy = {10, absl::Seconds(60), absl::Seconds(60)};
  EXPECT_NE(BackoffAfter(policy, 1, "a"), BackoffAfter(policy, 1, "b"));
}

}  // namespace
}  // namespace headway::pipeline
