#include "daemon/pipeline/change_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/pipeline/pipeline_fixture.h"
#include "tests/support/eventually.h"

namespace headway::pipeline {
namespace {

// With a scheduler whose runs stay in its queue.
class ChangeWatcherTest : public PipelineTest {
 protected:
  ChangeWatcherTest()
      : ledger_(store_.get(), &clock_),
        scheduler_(
            {}, &clock_, store_.get(), &ledger_,
            [](schedule::ActiveRun&, const schedule::Piece&) {
              return std::vector<schedule::Piece>();
            },
            [](const std::function<void()>&) { return absl::OkStatus(); }) {}

  // A pipeline of that name which uses exports_usd.
  std::shared_ptr<const Definitions> Load(const std::string& pipeline) {
    Define("p.textproto", absl::StrCat("pipeline { name: \"", pipeline, R"("
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})"));
    return std::make_shared<const Definitions>(
        LoadDirectory(Pipelines(), {}).value());
  }

  schedule::Ledger ledger_;
  schedule::Scheduler scheduler_;
};

TEST_F(ChangeWatcherTest, TriesAgainAfterAnErrorWithoutAnotherCommit) {
  const auto unknown = Load("unknown-to-the-scheduler");
  const auto known = Load("chips");
  ASSERT_TRUE(scheduler_.SetJobs({known->pipelines.begin()->second.job}).ok());
  // The commit may make it look twice: as it begins, and when it is woken.
  std::atomic<int> looks = 0;
  ChangeWatcher watcher(&clock_, store_.get(), &ledger_, &scheduler_,
                        [&] { return looks++ < 2 ? unknown : known; });
  watcher.Start();
  Push("exports_usd", {1});
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(absl::Minutes(1));
    return !ledger_.List({})->runs.empty();
  }));
}

}  // namespace
}  // namespace headway::pipeline
