#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/messages/run.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "tests/pipeline/manager_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPullsAndUses[] = R"(
pipeline {
  name: "trade"
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
}
pipeline {
  name: "user"
  indicator { name: "doubled" expression: "2 * exports" unit: "USD" }
}
pipeline {
  name: "bystander"
  indicator { name: "imports" expression: "imports_usd" unit: "USD" }
})";

class OnChangeTest : public PipelineManagerTest {
 protected:
  OnChangeTest() {
    InstallSayer("one");
    Define("p.textproto", kPullsAndUses);
  }

  void DamageDescription(const std::string& metric) {
    const auto found = store_->NewReader()->SelectSeries(
        series::ParseSelector(metric).value());
    ASSERT_TRUE(found.ok()) << found.status();
    store::WriteBatch damage;
    damage.Put(store::Family::kSeries, store::EncodeId(found->front().id),
               "damage");
    ASSERT_TRUE(store_->engine().Write(damage).ok());
  }
};

TEST_F(OnChangeTest, DataOfOnePipelineRunThoseThatUseThem) {
  StartManager();
  Say("one", "exports_usd", Rising(24));
  const v1::Run pull = RunByHand("trade");
  ASSERT_EQ(pull.state(), v1::Run::SUCCEEDED);
  const v1::Run run = AwaitRun("user", v1::Run::ON_CHANGE);
  ASSERT_EQ(run.steps_size(), 2);
  EXPECT_EQ(run.steps(0).subject(), "doubled");
  EXPECT_EQ(run.steps(0).state(), v1::RunStep::SUCCEEDED);
  EXPECT_THAT(
      manager_->LatestForecasts("doubled", *store_->NewReader())->forecasts,
      SizeIs(1));
  // The pipeline that pulled has derived by itself, and this one uses nothing
  // of it.
  EXPECT_THAT(RunsOf("trade"), SizeIs(1));
  EXPECT_THAT(RunsOf("bystander"), IsEmpty());
}

TEST_F(OnChangeTest, DataThatAProgramPushesRunEveryPipelineThatUsesThem) {
  StartManager();
  Push("exports_usd", Rising(24));
  EXPECT_EQ(AwaitRun("trade", v1::Run::ON_CHANGE).state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(AwaitRun("user", v1::Run::ON_CHANGE).state(), v1::Run::SUCCEEDED);
  EXPECT_THAT(RunsOf("bystander"), IsEmpty());
}

TEST_F(OnChangeTest, DataThatCameWhileTheEngineWasDownAreCaughtUp) {
  StartManager();
  manager_.reset();
  Push("imports_usd", Rising(24));
  StartManager();
  EXPECT_EQ(AwaitRun("bystander", v1::Run::ON_CHANGE).state(),
            v1::Run::SUCCEEDED);
  EXPECT_THAT(RunsOf("user"), IsEmpty());
}

TEST_F(OnChangeTest, ADamagedSeriesStopsNothingButWhatUsesIt) {
  StartManager();
  Push("imports_usd", Rising(24));
  AwaitRun("bystander", v1::Run::ON_CHANGE);
  manager_.reset();
  DamageDescription("imports_usd");
  Push("imports_usd", Rising(25));
  Push("exports_usd", Rising(24));
  // At the start ...
  StartManager();
  EXPECT_EQ(AwaitRun("trade", v1::Run::ON_CHANGE).state(), v1::Run::SUCCEEDED);
  const v1::Run caught_up = AwaitRun("user", v1::Run::ON_CHANGE);
  // ... and while the daemon runs.
  Push("imports_usd", Rising(26));
  Push("exports_usd", Rising(25));
  const v1::Run next = Await([&](const v1::Run& run) {
    return schedule::ParseRunName(run.name())->job == "user" &&
           run.name() != caught_up.name() && messages::HasEnded(run);
  });
  EXPECT_EQ(next.state(), v1::Run::SUCCEEDED);
}

TEST_F(OnChangeTest, WhatHasBeenDerivedIsNotDerivedAgainAtAStart) {
  StartManager();
  Push("imports_usd", Rising(24));
  AwaitRun("bystander", v1::Run::ON_CHANGE);
  manager_.reset();
  StartManager();
  EXPECT_THAT(RunsOf("bystander"), SizeIs(1));
}

TEST_F(OnChangeTest, AChangedDefinitionIsDerivedAtAReload) {
  StartManager();
  Push("imports_usd", Rising(24));
  const std::string first = AwaitRun("bystander", v1::Run::ON_CHANGE).name();
  Define("p.textproto", R"(
pipeline {
  name: "bystander"
  indicator { name: "imports" expression: "3 * imports_usd" unit: "USD" }
})");
  ASSERT_TRUE(manager_->Reload().ok());
  const v1::Run run = Await([&](const v1::Run& run) {
    return run.name() > first && messages::HasEnded(run);
  });
  EXPECT_EQ(run.steps(0).state(), v1::RunStep::SUCCEEDED);
  const auto page = manager_->LatestForecasts("imports", *store_->NewReader());
  EXPECT_EQ(ParseForecasts(*page)->front().last().value(), 3 * 123);
}

TEST_F(OnChangeTest, ManyCommitsOfOneRunQueueOneRun) {
  std::string says;
  for (int i = 0; i < 5; ++i) {
    absl::StrAppend(
        &says, R"({"series":{"id":")", i,
        R"(","metric":"exports_usd","frequency":"MONTHLY","unit":"USD",)",
        R"("labels":{"n":")", i, R"("}}})", "\n",
        R"({"observations":{"series":")", i,
        R"(","periods":["2020-01"],"values":[1]}})", "\n",
        R"({"checkpoint":{"stream":")", i, R"("}})", "\n");
  }
  WriteFile(directory_.Join("one.jsonl"), says);
  StartManager();
  const v1::Run pull = RunByHand("trade");
  EXPECT_EQ(pull.steps(0).items_out(), 5) << pull.DebugString();
  AwaitRun("user", v1::Run::ON_CHANGE);
  EXPECT_THAT(RunsOf("user"), SizeIs(1));
}

}  // namespace
}  // namespace headway::pipeline
