// Pulls: how often they are tried, when, and what stays of those that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/pipeline/executor_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::UnorderedElementsAre;

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
  EXPECT_THAT(run.waited, IsEmpty());
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
  EXPECT_THAT(run.waited,
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
  EXPECT_THAT(run.waited, ElementsAre(absl::Seconds(90)));
}

TEST_F(ExecutorTest, LeavesAPublisherThatAsksForADayToTheNextRun) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"busy","retryAfter":"86400s"}}'
exit 1)"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "busy" } })");
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(run.waited, IsEmpty());
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s FAILED"));
}

TEST_F(ExecutorTest, TheOtherSourcesArePulledWhileOneWaits) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"busy","retryAfter":"3000s"}}'
exit 1)"));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "busy" retry { max_attempts: 2 } }
  source { name: "one" plugin: "one" }
})");
  NotedRun run = MakeRun();
  std::vector<std::string> waiting;
  run.on_save = [&](const v1::Run& saved) {
    if (saved.steps(1).state() == v1::RunStep::SUCCEEDED && waiting.empty()) {
      waiting = Steps(saved);
    }
  };
  Execute(run);
  EXPECT_THAT(waiting, ElementsAre("PULL s WAITING", "PULL one SUCCEEDED"));
  EXPECT_THAT(run.waited, ElementsAre(absl::Seconds(3000)));
}

TEST_F(ExecutorTest, AWaitingPullSaysWhyAndUntilWhen) {
  Install("busy", ShellPlugin("busy", R"(
echo '{"error":{"class":"TRANSIENT","message":"busy","retryAfter":"90s"}}'
exit 1)"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "busy" } })");
  NotedRun run = MakeRun();
  run.on_save = [&](const v1::Run&) { run.stop = true; };
  Execute(run);
  const v1::RunStep& step = run.run().steps(0);
  EXPECT_EQ(step.state(), v1::RunStep::WAITING);
  EXPECT_EQ(absl::FromUnixSeconds(step.next_attempt_time().seconds()),
            clock_.Now() + absl::Seconds(90));
  EXPECT_THAT(step.message(),
              AllOf(HasSubstr("attempt 1 of 3 failed"), HasSubstr("busy"),
                    HasSubstr("the next is at 2025-06-15 13:01:30 UTC")));
}

TEST_F(ExecutorTest, TheCountOfAttemptsOutlivesTheDaemon) {
  const std::string tries = directory_.Join("tries");
  Install("busy", ShellPlugin("busy", absl::StrCat("echo x >> ", tries, R"(
echo '{"error":{"class":"TRANSIENT","message":"publisher is busy"}}'
exit 1)")));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "busy" retry { max_attempts: 3 } }
})");
  NotedRun killed = MakeRun();
  killed.on_save = [&](const v1::Run&) { killed.stop = true; };
  Execute(killed);
  NotedRun again = MakeRun();
  again.run() = killed.run();
  Execute(again);
  EXPECT_THAT(Steps(again.run()), ElementsAre("PULL s FAILED"));
  EXPECT_EQ(again.run().steps(0).attempts(), 3);
  EXPECT_EQ(ReadFile(tries), "x\nx\nx\n");
}

TEST_F(ExecutorTest, APluginThatCrashesIsTriedTwice) {
  Install("crashes", ShellPlugin("crashes", "kill -SEGV $$"));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "crashes" retry { max_attempts: 5 } }
})");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("PULL s FAILED"));
  EXPECT_EQ(run.steps(0).attempts(), 2);
}

TEST_F(ExecutorTest, APluginThatSomebodyElseEndedCostsNoAttempt) {
  const std::string tries = directory_.Join("tries");
  Install(
      "stopped",
      ShellPlugin("stopped",
                  absl::StrCat("echo x >> ", tries, "\nif [ $(wc -l < ", tries,
                               ") -lt 4 ]; then kill -TERM $$; sleep 60; fi\n",
                               "echo '{\"checkpoint\":{}}'")));
  Load(R"(pipeline {
  name: "chips"
  source { name: "s" plugin: "stopped" retry { max_attempts: 1 } }
})");
  NotedRun run = MakeRun();
  Execute(run);
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s SUCCEEDED"));
  EXPECT_EQ(run.run().steps(0).attempts(), 1);
  EXPECT_EQ(run.run().steps(0).interruptions(), 3);
  EXPECT_THAT(run.waited, ElementsAre(absl::Seconds(5), absl::Seconds(5),
                                      absl::Seconds(5)));
}

TEST_F(ExecutorTest, APluginThatIsAlwaysEndedBySomebodyElseFailsInTheEnd) {
  Install("stopped", ShellPlugin("stopped", "kill -KILL $$; sleep 60"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "stopped" } })");
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), ElementsAre("PULL s FAILED"));
  EXPECT_EQ(run.steps(0).interruptions(), 6);
  EXPECT_THAT(run.steps(0).error(), HasSubstr("ended by signal 9 (Killed)"));
}

TEST_F(ExecutorTest, AFailedPullKeepsWhatItsPluginLogged) {
  Install("broken", ShellPlugin("broken", R"(
echo 'opening the harbour' >&2
echo '{"log":{"level":"WARNING","message":"the tide is low"}}'
echo '{"error":{"class":"CONFIG","message":"no such harbour"}}'
exit 1)"));
  Load(R"(pipeline { name: "chips" source { name: "s" plugin: "broken" } })");
  const v1::Run run = Execute();
  EXPECT_THAT(
      run.steps(0).log(),
      UnorderedElementsAre("opening the harbour", "warning: the tide is low"));
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
  run.on_publish = [&](const v1::Run& shown) {
    run.stop = shown.steps(0).state() == v1::RunStep::RUNNING;
  };
  Execute(run);
  EXPECT_THAT(Steps(run.run()), ElementsAre("PULL s PENDING"));

  Install("slow", ShellPlugin("slow", "echo '{\"checkpoint\":{}}'"));
  NotedRun again = MakeRun();
  again.run() = run.run();
  Execute(again);
  EXPECT_THAT(Steps(again.run()), ElementsAre("PULL s SUCCEEDED"));
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
