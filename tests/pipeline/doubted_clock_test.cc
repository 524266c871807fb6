// A manager that begins, and one at work, while the machine's clock must not be
// believed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "daemon/base/clock.h"
#include "daemon/base/clock_guard.h"
#include "tests/pipeline/manager_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

constexpr char kExports[] = R"(pipeline {
  name: "chips"
  schedule { cron: "@daily" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

class DoubtedClockTest : public PipelineManagerTest {
 protected:
  // A daemon has worked on the store and ended; the clock is wrong now.
  void SetUp() override {
    Define("p.textproto", kExports);
    StartManager();
    Push("exports_usd", Rising(24));
    AwaitRun("chips", v1::Run::ON_CHANGE);
    manager_->Stop();
    manager_.reset();
    true_time_ = clock_.Now();
    clock_.SetSynchronised(false);
    clock_.SetWallClock(store::At("2090-01-01"));
    OpenStore();
  }
  void SetTheClockRight() {
    clock_.SetWallClock(true_time_);
    // For whoever waits for a minute, or for an instant of the wrong clock.
    clock_.Advance(kLongestWait);
  }

  absl::Time true_time_;
};

TEST_F(DoubtedClockTest, AManagerBeginsAndServesReads) {
  StartManager();
  const auto exports = manager_->ReadIndicator("exports");
  ASSERT_TRUE(exports.ok()) << exports.status();
  EXPECT_EQ((*exports)->panel.columns.size(), 1);
  EXPECT_TRUE(manager_->GetPipeline("chips").ok());
  EXPECT_TRUE(IsClockInDoubt(manager_->StartRun("chips").status()));
}

TEST_F(DoubtedClockTest, OnceTheClockIsRightRunsAreTakenUpAndMade) {
  StartManager();
  SetTheClockRight();
  EXPECT_EQ(RunByHand("chips").state(), v1::Run::SUCCEEDED);
}

TEST_F(DoubtedClockTest, WhatChangedBeforeIsDerivedOnceTheClockIsRight) {
  // The definition is another one, which no daemon has derived.
  Define("p.textproto", R"(pipeline {
  name: "chips"
  schedule { cron: "@daily" }
  indicator { name: "exports" expression: "2 * exports_usd" unit: "USD" }
})");
  StartManager();
  EXPECT_EQ(RunsOf("chips").size(), 1);
  SetTheClockRight();
  Await([&](const v1::Run& run) {
    return messages::HasEnded(run) && RunsOf("chips").size() == 2;
  });
}

TEST_F(DoubtedClockTest, DefinitionsAreReadAgain) {
  StartManager();
  Define("q.textproto", R"(pipeline {
  name: "more"
  indicator { name: "twice" expression: "2 * exports_usd" unit: "USD" }
})");
  ASSERT_TRUE(manager_->Reload().ok());
  EXPECT_TRUE(manager_->ReadIndicator("twice").ok());
}

// Not of the fixture: the doubt comes while a run is at work.
class DoubtAtWorkTest : public PipelineManagerTest {};

TEST_F(DoubtAtWorkTest, AStepThatCannotBeStoredIsDoneAgainWhenTheClockIsRight) {
  InstallSayer("sayer");
  Say("sayer", "exports_usd", Rising(24));
  // The plugin waits for the test, which sets the clock meanwhile.
  Install(
      "slow",
      ShellPlugin("slow", absl::StrCat("touch ", directory_.Join("reads"),
                                       "; while [ ! -e ", directory_.Join("go"),
                                       " ]; do sleep 0.01; done; cat ",
                                       directory_.Join("sayer.jsonl"))));
  Define("p.textproto", R"(pipeline {
  name: "chips"
  source { name: "census" plugin: "slow" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})");
  StartManager();
  clock_.SetSynchronised(false);
  const std::string run = manager_->StartRun("chips")->name();
  ASSERT_TRUE(Eventually(
      [&] { return std::filesystem::exists(directory_.Join("reads")); }));
  const absl::Time true_time = clock_.Now();
  clock_.SetWallClock(store::At("2090-01-01"));
  WriteFile(directory_.Join("go"), "");
  ASSERT_TRUE(Eventually([&] {
    return manager_->ledger().Get(run)->steps(0).state() ==
           v1::RunStep::PENDING;
  }));
  clock_.SetWallClock(true_time);
  clock_.Advance(kLongestWait);
  const v1::Run ended = AwaitEnd(run);
  EXPECT_EQ(ended.state(), v1::Run::SUCCEEDED) << ended.error();
  EXPECT_EQ(ended.steps(0).items_out(), 24);
}

}  // namespace
}  // namespace headway::pipeline
