// What health says of a real manager and store.
#include "daemon/health/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/failures.h"
#include "tests/pipeline/manager_fixture.h"
#include "tests/support/files.h"

namespace headway::health {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HealthTest : public pipeline::PipelineManagerTest {
 protected:
  // "KIND SUBJECT" of each problem but those of the machine that tests run on.
  static std::vector<std::string> Kinds(const v1::Health& health) {
    std::vector<std::string> kinds;
    for (const v1::HealthProblem& problem : health.problems()) {
      if (problem.kind() == "disk") continue;
      kinds.push_back(absl::StrCat(problem.kind(), " ", problem.subject()));
    }
    return kinds;
  }
  // As the end of a pull by a run does.
  void NotePull(const std::string& source) {
    v1::RunStep step;
    step.set_kind(v1::RunStep::PULL);
    step.set_subject(source);
    step.set_state(v1::RunStep::SUCCEEDED);
    *step.mutable_end_time() = messages::ToTimestamp(clock_.Now());
    store::Batch batch;
    ASSERT_TRUE(pipeline::NoteEnd(*store_->NewReader(), "chips",
                                  "pipelines/chips/runs/1", step, batch)
                    .ok());
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  std::vector<std::string> Look() {
    return Kinds(
        *Health(&clock_, {store_.get(), manager_.get(), host_.get()}).Look());
  }
};

constexpr char kChips[] = R"(pipeline {
  name: "chips"
  schedule { cron: "@daily" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

TEST_F(HealthTest, NothingIsWrongWithFreshData) {
  Define("p.textproto", kChips);
  CreateEngine();
  const auto now = absl::ToCivilMonth(clock_.Now(), absl::UTCTimeZone());
  Push("exports_usd", Rising(now - absl::CivilMonth(2020, 1)));
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(HealthTest, ABrokenDefinitionIsNamedWithItsFile) {
  Define("p.textproto", "pipeline { name: ");
  CreateEngine();
  EXPECT_THAT(Look(), Contains(HasSubstr("broken_definition ")));
}

TEST_F(HealthTest, AnIndicatorWhosePeriodsAreOverdueIsStale) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  clock_.Advance(absl::Hours(24 * 365 * 20));
  EXPECT_THAT(Look(), Contains("stale_series indicators/exports"));
}

TEST_F(HealthTest, AnIndicatorThatCannotBeEvaluatedIsNamed) {
  Define("p.textproto", R"(pipeline {
  name: "chips"
  indicator { name: "sum" expression: "a_usd + b_usd" unit: "USD" }
})");
  CreateEngine();
  Push("a_usd", {1}, {{"hs", "1"}});
  Push("b_usd", {1}, {{"country", "2"}});
  EXPECT_THAT(Look(), Contains("broken_indicator indicators/sum"));
}

TEST_F(HealthTest, ARunThatWaitsForItsTurnIsLateAfterTenMinutes) {
  Define("p.textproto", kChips);
  CreateEngine();
  // Not started: nothing takes the run up.
  ASSERT_TRUE(manager_->StartRun("chips").ok());
  EXPECT_THAT(Look(), Not(Contains(HasSubstr("late_slot"))));
  clock_.Advance(absl::Minutes(10));
  EXPECT_THAT(Look(), Contains(HasSubstr("late_slot pipelines/chips/runs/")));
}

TEST_F(HealthTest, TheGravestStandsFirstAndMakesTheState) {
  Define("p.textproto", "pipeline { name: ");
  CreateEngine();
  Health health(&clock_, {store_.get(), manager_.get(), host_.get()});
  EXPECT_EQ(health.last()->state(), v1::Health::HEALTHY);
  EXPECT_EQ(health.Look()->state(), v1::Health::DEGRADED);
  EXPECT_EQ(health.last()->state(), v1::Health::DEGRADED);
}

TEST_F(HealthTest, WhatKeepsItFromStoringIsSaidThoughTheIndicatorsAreGivenUp) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  Health health(&clock_, {store_.get(), manager_.get(), host_.get()});
  clock_.SetSynchronised(false);
  clock_.SetWallClock(clock_.Now() + absl::Hours(24 * 365));
  const auto look =
      health.Look([] { return absl::CancelledError("nobody waits"); });
  EXPECT_TRUE(absl::IsCancelled(look.status())) << look.status();
  EXPECT_EQ(health.last()->state(), v1::Health::FAILING);
  EXPECT_THAT(Kinds(*health.last()), ElementsAre("clock "));
}

TEST_F(HealthTest, ALookThatIsGivenUpLeavesWhatWasFoundOfTheIndicators) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  clock_.Advance(absl::Hours(24 * 365 * 20));
  Health health(&clock_, {store_.get(), manager_.get(), host_.get()});
  ASSERT_TRUE(health.Look().ok());
  Define("q.textproto", "pipeline { name: ");
  ASSERT_TRUE(manager_->Reload().ok());
  const auto look =
      health.Look([] { return absl::CancelledError("nobody waits"); });
  EXPECT_TRUE(absl::IsCancelled(look.status())) << look.status();
  EXPECT_THAT(Kinds(*health.last()),
              AllOf(Contains(HasSubstr("broken_definition")),
                    Contains("stale_series indicators/exports")));
}

TEST_F(HealthTest, NamesWhatTheMachineLacksToIsolatePlugins) {
  CreateEngine();
  const auto isolation =
      ingest::Isolation::Probe({.bubblewrap = "/no/such/bwrap"});
  ingest::PluginHost host({.directories = {}, .isolation = isolation.get()},
                          &clock_, store_.get());
  Health health(&clock_, {store_.get(), manager_.get(), &host});
  const auto found = health.Look();
  EXPECT_THAT(Kinds(*found), ElementsAre("plugin_isolation "));
  EXPECT_THAT(found->problems(0).message(), HasSubstr("/no/such/bwrap"));
  EXPECT_THAT(found->problems(0).remedy(), HasSubstr("bubblewrap"));
  EXPECT_FALSE(found->problems(0).fatal());
}

TEST_F(HealthTest, NamesASourceThatIsParkedUntilItIsUnparked) {
  Install("dies", ShellPlugin("dies", "exit 9"));
  Define("p.textproto", R"(pipeline {
  name: "chips"
  source { name: "census" plugin: "dies" }
})");
  CreateEngine();
  const ingest::Source source =
      manager_->definitions()->sources.at("census").source;
  // So often, by the fixture.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Look(), IsEmpty());
    EXPECT_FALSE(host_->Pull(source, "runs/1", {}).ok());
  }
  EXPECT_THAT(Look(), ElementsAre("parked_source census"));
  ASSERT_TRUE(host_->Unpark("census").ok());
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(HealthTest, APluginThatHangsIsNamedAndNotAskedAgain) {
  Install("hangs", ShellPlugin("hangs", "true"));
  Define("p.textproto", R"(pipeline {
  name: "chips"
  source { name: "census" plugin: "hangs" }
})");
  CreateEngine();
  EXPECT_THAT(Look(), IsEmpty());
  // As it does when its definition is read; nobody asks it after that.
  Install("hangs", "#!/bin/sh\necho asked >> \"$0.asked\"\nexit 1\n");
  ASSERT_TRUE(manager_->Reload().ok());
  const std::string asked = ReadFile(PathOf("hangs.asked"));
  EXPECT_THAT(Look(), Contains("parked_plugin hangs"));
  EXPECT_EQ(ReadFile(PathOf("hangs.asked")), asked);
}

TEST_F(HealthTest, ARunThatTheDaemonGaveUpIsNamed) {
  Define("p.textproto", kChips);
  CreateEngine();
  v1::Run run = *manager_->StartRun("chips");
  run.set_state(v1::Run::FAILED);
  run.set_fruitless_resumptions(3);
  ASSERT_TRUE(manager_->ledger().Update(run).ok());
  EXPECT_THAT(Look(), Contains(absl::StrCat("parked_run ", run.name())));
}

TEST_F(HealthTest, TheListenerHearsEachLookUntilItIsTakenAway) {
  Define("p.textproto", kChips);
  CreateEngine();
  Health health(&clock_, {store_.get(), manager_.get(), host_.get()});
  int heard = 0;
  health.SetListener([&](const v1::Health&) { ++heard; });
  ASSERT_TRUE(health.Look().ok());
  EXPECT_GT(std::exchange(heard, 0), 0);
  ASSERT_TRUE(health.Look().ok());
  EXPECT_GT(std::exchange(heard, 0), 0);
  health.SetListener(nullptr);
  ASSERT_TRUE(health.Look().ok());
  EXPECT_EQ(heard, 0);
}

TEST_F(HealthTest, AShortageOfMemoryIsNoBrokenIndicator) {
  Define("p.textproto", kChips);
  options_.evaluations.working_bytes = 1;
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  EXPECT_THAT(Look(), Not(Contains("broken_indicator indicators/exports")));
}

// A source of working days that was pulled on a Friday, and then no more.
class StaleSourceTest : public HealthTest {
 protected:
  void PullOnFriday(absl::string_view more_of_source = "") {
    InstallSayer("one");
    Define("p.textproto", absl::StrCat(R"(pipeline {
  name: "chips"
  schedule { cron: "0 6 * * 1-5" }
  source { name: "s" plugin: "one" )",
                                       more_of_source, R"( }
})"));
    CreateEngine();
    AdvanceTo(absl::CivilMinute(2025, 6, 20, 6, 5));
    NotePull("s");
  }
  void AdvanceTo(absl::CivilMinute time) {
    clock_.AdvanceTo(absl::FromCivil(time, absl::UTCTimeZone()));
  }
  static constexpr absl::CivilMinute kTuesdayAfterItsPull{2025, 6, 24, 7, 1};
};

TEST_F(StaleSourceTest, IsFreshUntilAnHourAfterItsSecondSlotWithoutAPull) {
  PullOnFriday();
  AdvanceTo(absl::CivilMinute(2025, 6, 24, 7, 0));
  EXPECT_THAT(Look(), Not(Contains("stale_source s")));
}

TEST_F(StaleSourceTest, IsStaleAnHourAfterItsSecondSlotWithoutAPull) {
  PullOnFriday();
  AdvanceTo(kTuesdayAfterItsPull);
  EXPECT_THAT(Look(), Contains("stale_source s"));
}

TEST_F(StaleSourceTest, IsNotOneThatIsDisabled) {
  PullOnFriday("disabled: true");
  AdvanceTo(kTuesdayAfterItsPull);
  EXPECT_THAT(Look(), Not(Contains("stale_source s")));
}

TEST_F(StaleSourceTest, IsNotOneOfAPausedPipeline) {
  PullOnFriday();
  ASSERT_TRUE(manager_->PausePipeline("chips").ok());
  AdvanceTo(kTuesdayAfterItsPull);
  EXPECT_THAT(Look(), Not(Contains("stale_source s")));
}

}  // namespace
}  // namespace headway::health
