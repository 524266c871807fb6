// A whole manager: real threads, real plugin processes, simulated time.
#ifndef HEADWAY_TESTS_PIPELINE_MANAGER_FIXTURE_H_
#define HEADWAY_TESTS_PIPELINE_MANAGER_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "daemon/messages/run.h"
#include "daemon/pipeline/manager.h"
#include "tests/pipeline/pipeline_fixture.h"

namespace headway::pipeline {

class PipelineManagerTest : public PipelineTest {
 protected:
  void CreateEngine() {
    options_.pipelines_directory = Pipelines();
    auto manager =
        PipelineManager::Create(options_, &clock_, store_.get(), host_.get());
    ASSERT_TRUE(manager.ok()) << manager.status();
    manager_ = *std::move(manager);
  }
  void StartManager() {
    CreateEngine();
    ASSERT_TRUE(manager_->Recover().ok());
    manager_->Start();
  }

  // Waits for the first run that `wanted` is true of.
  v1::Run Await(const std::function<bool(const v1::Run&)>& wanted) {
    absl::Mutex mutex;
    bool changed = true;
    const auto subscription = manager_->ledger().Subscribe([&](const v1::Run&) {
      absl::MutexLock lock(&mutex);
      changed = true;
    });
    while (true) {
      {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&changed));
        changed = false;
      }
      const std::vector<v1::Run> runs = manager_->ledger().List({})->runs;
      for (const v1::Run& run : runs) {
        if (wanted(run)) return run;
      }
    }
  }
  v1::Run AwaitEnd(const std::string& name) {
    return Await([&](const v1::Run& run) {
      return run.name() == name && messages::HasEnded(run);
    });
  }
  // The newest run of the pipeline with that trigger, once it has ended.
  v1::Run AwaitRun(const std::string& pipeline, v1::Run::Trigger trigger) {
    return Await([&](const v1::Run& run) {
      return schedule::ParseRunName(run.name())->job == pipeline &&
             run.trigger() == trigger && messages::HasEnded(run);
    });
  }
  v1::Run RunByHand(const std::string& pipeline) {
    const auto run = manager_->StartRun(pipeline);
    EXPECT_TRUE(run.ok()) << run.status();
    return AwaitEnd(run->name());
  }

  std::vector<v1::Run> RunsOf(const std::string& pipeline) {
    schedule::Ledger::Query query;
    query.job = pipeline;
    return manager_->ledger().List(query)->runs;
  }

  PipelineManager::Options options_;
  std::unique_ptr<PipelineManager> manager_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_TESTS_PIPELINE_MANAGER_FIXTURE_H_
