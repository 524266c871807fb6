#include "daemon/pipeline/manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/messages/timestamp.h"
#include "tests/pipeline/manager_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kChips[] = R"(
pipeline {
  name: "chips"
  title: "Chips"
  schedule { cron: "0 6 * * *" }
  source { name: "one" plugin: "one" }
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

TEST_F(PipelineManagerTest, ARunByHandIsExecutedAndItsForecastFound) {
  InstallSayer("one");
  Say("one", "exports_usd", Rising(36));
  Define("p.textproto", kChips);
  StartManager();
  const v1::Run run = RunByHand("chips");
  EXPECT_EQ(run.state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(run.trigger(), v1::Run::MANUAL);
  const auto page = manager_->LatestForecasts("exports", *store_->NewReader());
  ASSERT_THAT(page->forecasts, SizeIs(1));
  EXPECT_EQ(ParseForecasts(*page)->front().run(), run.name());
  EXPECT_THAT(manager_->ListForecasts("exports", *store_->NewReader(), {}, "")
                  ->forecasts,
              SizeIs(1));
}

TEST_F(PipelineManagerTest, AScheduledRunStartsWhenItsTimeComes) {
  InstallSayer("one");
  Say("one", "exports_usd", Rising(36));
  Define("p.textproto", kChips);
  StartManager();
  clock_.Advance(absl::Hours(18));
  const v1::Run run = AwaitRun("chips", v1::Run::SCHEDULED);
  EXPECT_EQ(run.state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(messages::FromTimestamp(run.slot_time()), clock_.Now());
}

TEST_F(PipelineManagerTest, DescribesAPipeline) {
  Define("p.textproto", kChips);
  CreateEngine();
  const auto pipeline = manager_->GetPipeline("chips");
  ASSERT_TRUE(pipeline.ok());
  EXPECT_EQ(pipeline->name(), "pipelines/chips");
  EXPECT_EQ(pipeline->title(), "Chips");
  EXPECT_EQ(pipeline->cron(), "0 6 * * *");
  EXPECT_THAT(pipeline->sources(), ElementsAre("one"));
  EXPECT_THAT(pipeline->indicators(), ElementsAre("indicators/exports"));
  EXPECT_EQ(pipeline->next_fire_times_size(), 10);
  EXPECT_FALSE(pipeline->has_last_run());
}

TEST_F(PipelineManagerTest, ListsABrokenPipelineWithItsErrorsAndRunsTheOthers) {
  Define("bad.textproto",
         "pipeline {\n  name: \"bad\"\n  schedule { cron: \"x\" }\n}");
  Define("good.textproto", "pipeline { name: \"good\" }");
  StartManager();
  const auto pipelines = manager_->ListPipelines();
  ASSERT_THAT(*pipelines, SizeIs(2));
  EXPECT_THAT((*pipelines)[0].errors(),
              ElementsAre(absl::StrCat(
                  Pipelines(),
                  "/bad.textproto:3:14: cron \"x\": 1 field; write five "
                  "(minute hour day month weekday), or six with seconds "
                  "first")));
  EXPECT_EQ(RunByHand("good").state(), v1::Run::SUCCEEDED);
  const auto refused = manager_->StartRun("bad");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("bad.textproto:3:14: cron \"x\""));
}

TEST_F(PipelineManagerTest, APauseShowsAndHoldsTheSchedule) {
  Define("p.textproto", kChips);
  StartManager();
  EXPECT_TRUE(manager_->PausePipeline("chips")->paused());
  EXPECT_THAT(manager_->GetPipeline("chips")->next_fire_times(), IsEmpty());
  EXPECT_FALSE(manager_->ResumePipeline("chips")->paused());
}

TEST_F(PipelineManagerTest, AnUnknownNameIsNotFoundWithTheNearest) {
  Define("p.textproto", kChips);
  CreateEngine();
  EXPECT_EQ(manager_->GetPipeline("chip").status(),
            absl::NotFoundError(
                "there is no pipeline \"chip\"; did you mean \"chips\"?"));
  EXPECT_EQ(manager_->ReadIndicator("export").status(),
            absl::NotFoundError(
                "there is no indicator \"export\"; did you mean \"exports\"?"));
}

TEST_F(PipelineManagerTest, EvaluatesAnIndicatorAsOfAnInstant) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  const absl::Time between = clock_.Now() + absl::Hours(1);
  clock_.Advance(absl::Hours(2));
  Push("exports_usd", {1, 2, 5});
  const auto now = manager_->ReadIndicator("exports");
  EXPECT_THAT((*now)->panel.columns[0].observations.values,
              ElementsAre(1, 2, 5));
  const auto then = manager_->ReadIndicator("exports", {.as_of = between});
  EXPECT_THAT((*then)->panel.columns[0].observations.values,
              ElementsAre(1, 2, 3));
}

TEST_F(PipelineManagerTest, AReadAsOfAnInstantUsesTheDefinitionsOfThen) {
  const auto define = [&](absl::string_view expression) {
    Define("p.textproto", absl::StrCat(R"(pipeline {
  name: "chips"
  indicator { name: "base" expression: ")",
                                       expression, R"(" unit: "USD" }
  indicator { name: "twice" expression: "2 * base" unit: "USD" }
})"));
  };
  define("exports_usd");
  CreateEngine();
  Push("exports_usd", {1, 2, 3});
  const absl::Time between = clock_.Now() + absl::Hours(1);
  clock_.Advance(absl::Hours(2));
  define("10 * exports_usd");
  ASSERT_TRUE(manager_->Reload().ok());
  const auto values = [&](const EvaluateOptions& options) {
    return (*manager_->ReadIndicator("twice", options))
        ->panel.columns[0]
        .observations.values;
  };
  EXPECT_THAT(values({}), ElementsAre(20, 40, 60));
  EXPECT_THAT(values({.as_of = between}), ElementsAre(2, 4, 6));
  EXPECT_THAT(values({.recorded_by = between}), ElementsAre(2, 4, 6));
  // What was defined then outlives the daemon.
  CreateEngine();
  EXPECT_THAT(values({.as_of = between}), ElementsAre(2, 4, 6));
}

TEST_F(PipelineManagerTest, ADisabledIndicatorIsRefusedWithItsErrors) {
  Define("p.textproto", R"(pipeline {
  name: "chips"
  indicator { name: "x" expression: "x" unit: "1" }
})");
  CreateEngine();
  const auto refused = manager_->ReadIndicator("x").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("p.textproto:3:25: indicator \"x\" uses itself: x -> "
                        "x; break the cycle"));
}

TEST_F(PipelineManagerTest, ComputesAForecastOfAnExpressionAndKeepsNothing) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", Rising(36));
  const auto reader = store_->NewReader();
  PipelineManager::ForecastRequest request;
  request.expression = "2 * exports";
  request.method = "drift";
  request.horizon = 2;
  request.probabilities = {0.1, 0.9};
  const auto made = manager_->ComputeForecast(request, *reader, {});
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_THAT(made->forecasts, SizeIs(1));
  const v1::Forecast& forecast = made->forecasts[0];
  EXPECT_EQ(forecast.name(), "");
  EXPECT_EQ(forecast.last().value(), 270);
  ASSERT_EQ(forecast.steps_size(), 2);
  EXPECT_NEAR(forecast.steps(1).point(), 274, 1e-9);
  EXPECT_EQ(forecast.steps(1).quantiles_size(), 2);
  EXPECT_THAT(
      manager_->LatestForecasts("exports", *store_->NewReader())->forecasts,
      IsEmpty());
}

TEST_F(PipelineManagerTest, AForecastAsOfAnInstantSeesNothingLater) {
  Define("p.textproto", kChips);
  CreateEngine();
  Push("exports_usd", Rising(24));
  PipelineManager::ForecastRequest request;
  request.indicator = "exports";
  request.as_of = clock_.Now() + absl::Hours(1);
  clock_.Advance(absl::Hours(2));
  Push("exports_usd", Rising(36));
  const auto made =
      manager_->ComputeForecast(request, *store_->NewReader(), {});
  ASSERT_TRUE(made.ok()) << made.status();
  const v1::Forecast& forecast = made->forecasts[0];
  EXPECT_EQ(forecast.last().period(), "2021-12");
  EXPECT_EQ(messages::FromTimestamp(forecast.as_of()), request.as_of);
}

TEST_F(PipelineManagerTest, RefusesAForecastAskedForWrongly) {
  Define("p.textproto", kChips);
  CreateEngine();
  const auto reader = store_->NewReader();
  const auto error = [&](const PipelineManager::ForecastRequest& request) {
    const auto made = manager_->ComputeForecast(request, *reader, {});
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(made.status().message());
  };
  EXPECT_EQ(error({}),
            "name an indicator or give an expression, one of the two");
  PipelineManager::ForecastRequest request;
  request.indicator = "exports";
  request.method = "auto_etz";
  EXPECT_EQ(error(request),
            "unknown method \"auto_etz\"; did you mean \"auto_ets\"?");
  request.method = "";
  request.horizon = -1;
  EXPECT_EQ(error(request),
            "horizon -1 is outside 0 to 1000 periods; 0 is one year");
  request.horizon = 0;
  request.probabilities = {0.5, 0.1};
  EXPECT_EQ(error(request),
            "quantile 0.1 is not between 0.5 and 1; give probabilities between "
            "0 and 1 that rise");
}

TEST_F(PipelineManagerTest, ChangedIndicatorsAreThoseThatUseTheSeries) {
  Define("p.textproto", R"(pipeline {
  name: "chips"
  indicator { name: "a" expression: "exports_usd" unit: "USD" }
  indicator { name: "b" expression: "a + a" unit: "USD" }
  indicator { name: "c" expression: "imports_usd" unit: "USD" }
})");
  CreateEngine();
  const store::CommitNumber before = store_->last_commit();
  Push("exports_usd", {1});
  EXPECT_THAT(*manager_->ChangedIndicators(before), ElementsAre("a", "b"));
  EXPECT_THAT(*manager_->ChangedIndicators(store_->last_commit()), IsEmpty());
}

TEST_F(PipelineManagerTest,
       AReloadTakesNewDefinitionsAndAFailedOneKeepsTheOld) {
  Define("p.textproto", kChips);
  StartManager();
  const auto held = manager_->definitions();
  Define("q.textproto", "pipeline { name: \"more\" }");
  ASSERT_TRUE(manager_->Reload().ok());
  EXPECT_TRUE(manager_->GetPipeline("more").ok());
  EXPECT_THAT(held->pipelines, SizeIs(1));

  std::filesystem::rename(Pipelines(), directory_.Join("gone"));
  EXPECT_TRUE(absl::IsNotFound(manager_->Reload()));
  EXPECT_TRUE(manager_->GetPipeline("more").ok());
}

TEST_F(PipelineManagerTest, CancellingARunEndsItsPlugin) {
  Install("slow", ShellPlugin("slow", "sleep 60"));
  Define("p.textproto",
         R"(pipeline { name: "p" source { name: "s" plugin: "slow" } })");
  StartManager();
  const auto run = manager_->StartRun("p");
  Await([](const v1::Run& run) {
    return run.steps_size() == 1 &&
           run.steps(0).state() == v1::RunStep::RUNNING;
  });
  ASSERT_TRUE(manager_->CancelRun(run->name()).ok());
  EXPECT_EQ(AwaitEnd(run->name()).state(), v1::Run::CANCELLED);
}

TEST_F(PipelineManagerTest, AManagerThatStoppedInARunGoesOnWithIt) {
  const std::string flag = directory_.Join("go");
  Install("waits",
          ShellPlugin("waits", absl::StrCat("[ -e ", flag, " ] || sleep 60\n",
                                            "echo '{\"checkpoint\":{}}'")));
  Define("p.textproto",
         R"(pipeline { name: "p" source { name: "s" plugin: "waits" } })");
  StartManager();
  const auto run = manager_->StartRun("p");
  Await([](const v1::Run& run) {
    return run.steps_size() == 1 &&
           run.steps(0).state() == v1::RunStep::RUNNING;
  });
  manager_.reset();
  WriteFile(flag, "");
  StartManager();
  EXPECT_EQ(AwaitEnd(run->name()).state(), v1::Run::SUCCEEDED);
  EXPECT_THAT(RunsOf("p"), SizeIs(1));
}

}  // namespace
}  // namespace headway::pipeline
