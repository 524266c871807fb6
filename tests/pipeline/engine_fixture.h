// A whole engine: real threads, real plugin processes, simulated time.
#ifndef HEADWAY_TESTS_PIPELINE_ENGINE_FIXTURE_H_
#define HEADWAY_TESTS_PIPELINE_ENGINE_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "daemon/pipeline/engine.h"
#include "tests/pipeline/pipeline_fixture.h"

namespace headway::pipeline {

class EngineTest : public PipelineTest {
 protected:
  void CreateEngine() {
    Engine::Options options;
    options.pipelines_directory = Pipelines();
    auto engine = Engine::Create(options, &clock_, store_.get(), host_.get());
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }
  void StartEngine() {
    CreateEngine();
    ASSERT_TRUE(engine_->Start().ok());
  }

  // Waits for the first run that `wanted` is true of.
  v1::Run Await(const std::function<bool(const v1::Run&)>& wanted) {
    absl::Mutex mutex;
    bool changed = true;
    const auto subscription = engine_->ledger().Subscribe([&](const v1::Run&) {
      absl::MutexLock lock(&mutex);
      changed = true;
    });
    while (true) {
      {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&changed));
        changed = false;
      }
      const std::vector<v1::Run> runs = engine_->ledger().List({})->runs;
      for (const v1::Run& run : runs) {
        if (wanted(run)) return run;
      }
    }
  }
  v1::Run AwaitEnd(const std::string& name) {
    return Await([&](const v1::Run& run) {
      return run.name() == name && schedule::HasEnded(run);
    });
  }
  // The newest run of the pipeline with that trigger, once it has ended.
  v1::Run AwaitRun(const std::string& pipeline, v1::Run::Trigger trigger) {
    return Await([&](const v1::Run& run) {
      return schedule::ParseRunName(run.name())->job == pipeline &&
             run.trigger() == trigger && schedule::HasEnded(run);
    });
  }
  v1::Run RunByHand(const std::string& pipeline) {
    const auto run = engine_->StartRun(pipeline);
    EXPECT_TRUE(run.ok()) << run.status();
    return AwaitEnd(run->name());
  }

  std::vector<v1::Run> RunsOf(const std::string& pipeline) {
    schedule::Ledger::Query query;
    query.job = pipeline;
    return engine_->ledger().List(query)->runs;
  }

  std::unique_ptr<Engine> engine_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_TESTS_PIPELINE_ENGINE_FIXTURE_H_
