// An executor driven as the scheduler drives it, and what it did.
#ifndef HEADWAY_TESTS_PIPELINE_EXECUTOR_FIXTURE_H_
#define HEADWAY_TESTS_PIPELINE_EXECUTOR_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/executor.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "tests/pipeline/pipeline_fixture.h"

namespace headway::pipeline {

inline constexpr char kOnePipeline[] = R"(
pipeline {
  name: "chips"
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

// Notes what the executor does.
class NotedRun final : public schedule::ActiveRun {
 public:
  NotedRun(std::string job, v1::Run::Trigger trigger, store::Store* store)
      : job_(std::move(job)), store_(store) {
    run_.set_name(
        absl::StrCat("pipelines/", job_, "/runs/20250615-120000.000000"));
    run_.set_trigger(trigger);
  }

  v1::Run& run() override { return run_; }
  absl::string_view job() const override { return job_; }
  absl::Status Save(store::Batch with) override {
    if (!with.records.empty()) {
      RETURN_IF_ERROR(store_->Commit(with).status());
    }
    if (on_save) on_save(run_);
    return absl::OkStatus();
  }
  std::vector<store::RecordPrecondition> Preconditions() const override {
    return {};
  }
  void Publish() override {
    if (on_publish) on_publish(run_);
  }
  bool stopping() const override { return stop; }

  bool stop = false;
  std::function<void(const v1::Run&)> on_save;
  std::function<void(const v1::Run&)> on_publish;
  // How long the run waited between two of its pieces.
  std::vector<absl::Duration> waited;

 private:
  const std::string job_;
  store::Store* const store_;
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
    return NotedRun(job, trigger, store_.get());
  }

  void Execute(NotedRun& run) {
    clock_.Advance(absl::Hours(1));
    Executor executor(
        &clock_, store_.get(), host_.get(), [this] { return definitions_; },
        /*pool=*/nullptr,
        /*threads=*/1);
    // As the scheduler does, with nothing else to do.
    std::vector<schedule::Piece> next = {schedule::Piece()};
    while (!next.empty() && !run.stop) {
      const auto first = std::min_element(
          next.begin(), next.end(),
          [](const schedule::Piece& a, const schedule::Piece& b) {
            return a.not_before < b.not_before;
          });
      const schedule::Piece piece = *first;
      if (piece.not_before > clock_.Now()) {
        run.waited.push_back(piece.not_before - clock_.Now());
        clock_.AdvanceTo(piece.not_before);
      }
      next = executor.Execute(run, piece);
    }
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
    return ParseForecasts(
               LatestIssue(*store_->NewReader(), indicator, {.as_of = as_of})
                   .value())
        .value();
  }
  size_t CountForecasts(const std::string& indicator) {
    return ListIssues(*store_->NewReader(), indicator, {}, "")
        ->forecasts.size();
  }

  std::vector<v1::StepFailure> Failures() {
    return ListFailures(*store_->NewReader(), "chips").value();
  }

  std::shared_ptr<const Definitions> definitions_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_TESTS_PIPELINE_EXECUTOR_FIXTURE_H_
