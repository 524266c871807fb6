// PipelineService, ForecastService and PluginService over a real channel.
#include <csignal>
#include <map>

#include "absl/strings/str_cat.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "tests/support/files.h"
#include "tests/support/plugin_scripts.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Pipelines = v1::PipelineService::Stub;
using Forecasts = v1::ForecastService::Stub;
using Plugins = v1::PluginService::Stub;

class PipelineServiceTest : public ServerTest {
 protected:
  v1::Pipeline Get(const std::string& name) {
    v1::GetPipelineRequest request;
    request.set_name(name);
    v1::Pipeline pipeline;
    EXPECT_TRUE(
        Ask(*pipelines_, &Pipelines::GetPipeline, request, &pipeline).ok());
    return pipeline;
  }
  // Ends of the runs listed, over all pages.
  std::vector<std::string> ListRuns(v1::ListRunsRequest request) {
    std::vector<std::string> names;
    do {
      v1::ListRunsResponse response;
      const grpc::Status status =
          Ask(*pipelines_, &Pipelines::ListRuns, request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const v1::Run& run : response.runs()) names.push_back(run.name());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  std::string FilterRefusal(const std::string& filter) {
    v1::ListRunsRequest request;
    request.set_parent("pipelines/-");
    request.set_filter(filter);
    v1::ListRunsResponse response;
    return ViolationOf(
        Ask(*pipelines_, &Pipelines::ListRuns, request, &response));
  }
};

TEST_F(PipelineServiceTest, ListsPipelinesOverPages) {
  v1::ListPipelinesRequest request;
  request.set_page_size(3);
  v1::ListPipelinesResponse first, second;
  ASSERT_TRUE(
      Ask(*pipelines_, &Pipelines::ListPipelines, request, &first).ok());
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(
      Ask(*pipelines_, &Pipelines::ListPipelines, request, &second).ok());
  ASSERT_EQ(first.pipelines_size(), 3);
  EXPECT_EQ(first.pipelines(0).name(), "pipelines/broken");
  EXPECT_EQ(first.pipelines(1).name(), "pipelines/gated");
  EXPECT_EQ(first.pipelines(2).name(), "pipelines/harbour");
  ASSERT_EQ(second.pipelines_size(), 1);
  EXPECT_EQ(second.pipelines(0).name(), "pipelines/push");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(PipelineServiceTest, DescribesAPipeline) {
  const v1::Pipeline pipeline = Get("pipelines/harbour");
  EXPECT_EQ(pipeline.title(), "Harbour traffic");
  EXPECT_EQ(pipeline.cron(), "0 6 * * *");
  EXPECT_THAT(pipeline.sources(), ElementsAre("ship-count"));
  EXPECT_THAT(pipeline.indicators(),
              ElementsAre("indicators/ships_in_harbour"));
  EXPECT_GT(pipeline.next_fire_times_size(), 0);
  EXPECT_FALSE(pipeline.has_last_run());
}

TEST_F(PipelineServiceTest, ShowsTheErrorsOfABrokenOne) {
  EXPECT_THAT(Get("pipelines/broken").errors(0),
              HasSubstr("test.textproto:51:14: cron \"every day\""));
}

TEST_F(PipelineServiceTest, RunsAPipelineToItsEnd) {
  const v1::Run run = RunToEnd("pipelines/harbour");
  EXPECT_EQ(run.state(), v1::Run::SUCCEEDED) << run.ShortDebugString();
  EXPECT_EQ(run.trigger(), v1::Run::MANUAL);
  EXPECT_EQ(Get("pipelines/harbour").last_run().name(), run.name());
  EXPECT_EQ(
      GetIndicator("indicators/ships_in_harbour").summaries(0).last().value(),
      33);
}

TEST_F(PipelineServiceTest, ARepeatedRequestIdGetsTheRunOfTheFirstCall) {
  v1::RunPipelineRequest request;
  request.set_name("pipelines/harbour");
  request.set_request_id("order-1");
  v1::Run first, again;
  ASSERT_TRUE(Ask(*pipelines_, &Pipelines::RunPipeline, request, &first).ok());
  v1::GetRunRequest get;
  get.set_name(first.name());
  ASSERT_TRUE(Eventually([&] {
    return Ask(*pipelines_, &Pipelines::GetRun, get, &again).ok() &&
           again.state() == v1::Run::SUCCEEDED;
  }));
  ASSERT_TRUE(Ask(*pipelines_, &Pipelines::RunPipeline, request, &again).ok());
  EXPECT_EQ(again.name(), first.name());
  EXPECT_EQ(again.request_id(), "order-1");
  request.set_request_id(std::string(101, 'x'));
  EXPECT_EQ(
      ViolationOf(Ask(*pipelines_, &Pipelines::RunPipeline, request, &again)),
      "request_id: has 101 characters; choose one of at most 100");
}

TEST_F(PipelineServiceTest, SaysWhenSourcesWerePulledAndByWhichRun) {
  EXPECT_FALSE(Get("pipelines/harbour").has_last_pull());
  const v1::Run run = RunToEnd("pipelines/harbour");
  const v1::Pipeline pipeline = Get("pipelines/harbour");
  EXPECT_EQ(pipeline.last_pull().name(), run.name());
  ASSERT_EQ(pipeline.source_status_size(), 1);
  EXPECT_EQ(pipeline.source_status(0).name(), "ship-count");
  EXPECT_EQ(pipeline.source_status(0).last_success().seconds(),
            absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(pipeline.failures_size(), 0);
}

TEST_F(PipelineServiceTest, RefusesToRunABrokenPipeline) {
  v1::RunPipelineRequest request;
  request.set_name("pipelines/broken");
  v1::Run run;
  const grpc::Status status =
      Ask(*pipelines_, &Pipelines::RunPipeline, request, &run);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "PIPELINE_DISABLED");
}

TEST_F(PipelineServiceTest, SuggestsTheNearestPipeline) {
  v1::RunPipelineRequest request;
  request.set_name("pipelines/harbor");
  v1::Run run;
  const grpc::Status status =
      Ask(*pipelines_, &Pipelines::RunPipeline, request, &run);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "PIPELINE_NOT_FOUND");
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"harbour\"?"));
}

TEST_F(PipelineServiceTest, CancelsARunAtWork) {
  v1::RunPipelineRequest start;
  start.set_name("pipelines/gated");
  v1::Run run;
  ASSERT_TRUE(Ask(*pipelines_, &Pipelines::RunPipeline, start, &run).ok());
  ASSERT_TRUE(Eventually([&] { return GateReached(); }));
  v1::CancelRunRequest cancel;
  cancel.set_name(run.name());
  ASSERT_TRUE(Ask(*pipelines_, &Pipelines::CancelRun, cancel, &run).ok());
  v1::GetRunRequest get;
  get.set_name(run.name());
  EXPECT_TRUE(Eventually([&] {
    return Ask(*pipelines_, &Pipelines::GetRun, get, &run).ok() &&
           run.state() == v1::Run::CANCELLED;
  })) << run.ShortDebugString();
  const grpc::Status again =
      Ask(*pipelines_, &Pipelines::CancelRun, cancel, &run);
  EXPECT_EQ(again.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(again), "RUN_HAS_ENDED");
}

TEST_F(PipelineServiceTest, PausesAndResumes) {
  v1::PausePipelineRequest pause;
  pause.set_name("pipelines/harbour");
  v1::Pipeline pipeline;
  ASSERT_TRUE(
      Ask(*pipelines_, &Pipelines::PausePipeline, pause, &pipeline).ok());
  EXPECT_TRUE(pipeline.paused());
  EXPECT_EQ(pipeline.next_fire_times_size(), 0);
  v1::ResumePipelineRequest resume;
  resume.set_name("pipelines/harbour");
  ASSERT_TRUE(
      Ask(*pipelines_, &Pipelines::ResumePipeline, resume, &pipeline).ok());
  EXPECT_FALSE(pipeline.paused());
  EXPECT_GT(pipeline.next_fire_times_size(), 0);
}

TEST_F(PipelineServiceTest, ListsRunsNewestFirstOverPages) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.insert(names.begin(), RunToEnd("pipelines/harbour").name());
    clock_.Advance(absl::Seconds(1));
  }
  v1::ListRunsRequest request;
  request.set_parent("pipelines/harbour");
  request.set_page_size(2);
  EXPECT_EQ(ListRuns(request), names);
}

TEST_F(PipelineServiceTest, FiltersRuns) {
  const std::string name = RunToEnd("pipelines/harbour").name();
  v1::ListRunsRequest request;
  request.set_parent("pipelines/-");
  request.set_filter("state=SUCCEEDED AND trigger=MANUAL");
  EXPECT_THAT(ListRuns(request), ElementsAre(name));
  request.set_filter("state=FAILED");
  EXPECT_THAT(ListRuns(request), ElementsAre());
}

TEST_F(PipelineServiceTest, NamesWhatIsWrongWithAFilterOfRuns) {
  EXPECT_EQ(FilterRefusal("state=DONE"),
            "filter: column 1: state \"DONE\" is not QUEUED, RUNNING, "
            "WAITING, SUCCEEDED, FAILED or CANCELLED");
  EXPECT_EQ(FilterRefusal("trigger=MANUAL AND trigger=ON_CHANGE"),
            "filter: column 20: trigger is given twice");
  EXPECT_THAT(FilterRefusal("states=FAILED"),
              HasSubstr("did you mean \"state=\"?"));
}

TEST_F(PipelineServiceTest, ParsesRunNamesStrictly) {
  for (const char* name : {"pipelines/harbour", "pipelines//runs/1",
                           "pipelines/harbour/runs/", "pipelines/a/b/1"}) {
    v1::GetRunRequest request;
    request.set_name(name);
    v1::Run run;
    EXPECT_EQ(ViolationOf(Ask(*pipelines_, &Pipelines::GetRun, request, &run)),
              absl::StrCat("name: \"", name,
                           "\" is not of the form pipelines/NAME/runs/ID"));
  }
}

class ForecastServiceTest : public ServerTest {
 protected:
  std::string Refusal(const v1::ComputeForecastRequest& request) {
    v1::ComputeForecastResponse response;
    return ViolationOf(
        Ask(*forecasts_, &Forecasts::ComputeForecast, request, &response));
  }

  // The forecasts of all pages, encoded.
  template <typename Request, typename Response>
  std::vector<std::string> ReadPages(
      grpc::Status (Forecasts::*method)(grpc::ClientContext*, const Request&,
                                        Response*),
      Request request) {
    std::vector<std::string> forecasts;
    Response page;
    do {
      const grpc::Status status = Ask(*forecasts_, method, request, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const v1::Forecast& forecast : page.forecasts()) {
        forecasts.push_back(forecast.SerializeAsString());
      }
      request.set_page_token(page.next_page_token());
    } while (!page.next_page_token().empty());
    return forecasts;
  }
};

TEST_F(ForecastServiceTest, GivesTheNewestIssue) {
  const v1::Run run = RunToEnd("pipelines/harbour");
  v1::GetForecastRequest request;
  request.set_name("indicators/ships_in_harbour");
  v1::GetForecastResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::GetForecast, request, &response).ok());
  ASSERT_EQ(response.forecasts_size(), 1);
  const v1::Forecast& forecast = response.forecasts(0);
  EXPECT_EQ(forecast.method(), "naive");
  EXPECT_EQ(forecast.run(), run.name());
  EXPECT_EQ(forecast.last().period(), "2024-12");
  ASSERT_EQ(forecast.steps_size(), 3);
  EXPECT_EQ(forecast.steps(0).period(), "2025-01");
  EXPECT_EQ(forecast.steps(0).point(), 33);
  EXPECT_EQ(forecast.steps(0).quantiles_size(), 9);
}

TEST_F(ForecastServiceTest, KnowsNoIssueBeforeTheFirst) {
  RunToEnd("pipelines/harbour");
  v1::GetForecastRequest request;
  request.set_name("indicators/ships_in_harbour");
  *request.mutable_as_of() = Midnight("2025-01-01");
  v1::GetForecastResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::GetForecast, request, &response).ok());
  EXPECT_EQ(response.forecasts_size(), 0);
}

TEST_F(ForecastServiceTest, ListsIssues) {
  RunToEnd("pipelines/harbour");
  v1::ListForecastsRequest request;
  request.set_parent("indicators/ships_in_harbour");
  v1::ListForecastsResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::ListForecasts, request, &response).ok());
  ASSERT_EQ(response.forecasts_size(), 1);
  EXPECT_THAT(response.forecasts(0).name(),
              ::testing::StartsWith("indicators/ships_in_harbour/forecasts/"));
}

TEST_F(ForecastServiceTest, PagesHoldTheForecastsAsTheyWereKept) {
  std::vector<std::string> kept;
  store::Batch batch;
  for (const char* harbour : {"H", "I", "J"}) {
    v1::Forecast forecast;
    forecast.set_indicator("indicators/ships_in_harbour");
    forecast.set_method("naive");
    *forecast.mutable_issue_time() = Midnight("2025-06-15");
    (*forecast.mutable_labels())["harbour"] = harbour;
    forecast.add_steps()->set_period("2025-07");
    batch.records.push_back(pipeline::ArchiveForecast(
        "ships_in_harbour", batch.records.size(), forecast));
    kept.push_back(forecast.SerializeAsString());
  }
  ASSERT_TRUE(store_->Commit(batch).ok());
  v1::GetForecastRequest get;
  get.set_name("indicators/ships_in_harbour");
  get.set_page_size(2);
  EXPECT_EQ(ReadPages(&Forecasts::GetForecast, get), kept);
  v1::ListForecastsRequest list;
  list.set_parent("indicators/ships_in_harbour");
  list.set_page_size(2);
  EXPECT_EQ(ReadPages(&Forecasts::ListForecasts, list), kept);
}

TEST_F(ForecastServiceTest, HasAnEmptyTrackRecordUntilAnActualComes) {
  RunToEnd("pipelines/harbour");
  v1::GetTrackRecordRequest request;
  request.set_name("indicators/ships_in_harbour");
  v1::GetTrackRecordResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::GetTrackRecord, request, &response).ok());
  ASSERT_EQ(response.track_records_size(), 1);
  EXPECT_EQ(response.track_records(0).outcomes(), 0);
  EXPECT_FALSE(response.track_records(0).has_mean_absolute_error());
}

TEST_F(ForecastServiceTest, ScoresAnIssueOnceItsActualsHaveCome) {
  RunToEnd("pipelines/harbour");
  google::protobuf::Timestamp before;
  before.set_seconds(absl::ToUnixSeconds(clock_.Now()));
  clock_.Advance(absl::Hours(1));
  // The forecast was 33, and the ships had risen by 12 a year.
  v1::WriteObservationsRequest write;
  write.set_source("test");
  auto* batch = write.add_batches();
  batch->set_metric("ships");
  (*batch->mutable_labels())["harbour"] = "H";
  batch->set_frequency(v1::MONTHLY);
  for (const auto& [period, value] :
       std::map<std::string, double>{{"2025-01", 35}, {"2025-02", 30}}) {
    auto* observation = batch->add_observations();
    observation->set_period(period);
    observation->set_value(value);
  }
  v1::WriteObservationsResponse written;
  const grpc::Status status = Ask(
      *series_, &v1::SeriesService::Stub::WriteObservations, write, &written);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::GetTrackRecordRequest request;
  request.set_name("indicators/ships_in_harbour");
  v1::GetTrackRecordResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::GetTrackRecord, request, &response).ok());
  ASSERT_EQ(response.track_records_size(), 1);
  const v1::TrackRecord& record = response.track_records(0);
  EXPECT_EQ(record.unit(), "1");
  EXPECT_EQ(record.issues(), 1);
  EXPECT_EQ(record.outcomes(), 2);
  EXPECT_DOUBLE_EQ(record.mean_absolute_error(), (2 + 3) / 2.0);
  EXPECT_DOUBLE_EQ(record.mean_scaled_error(), 2.5 / 12);
  *request.mutable_as_of() = before;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::GetTrackRecord, request, &response).ok());
  EXPECT_EQ(response.track_records(0).outcomes(), 0);
}

TEST_F(ForecastServiceTest, ATrackRecordOfNoIndicatorSuggestsTheNearest) {
  v1::GetTrackRecordRequest request;
  request.set_name("indicators/ship_in_harbour");
  v1::GetTrackRecordResponse response;
  const grpc::Status status =
      Ask(*forecasts_, &Forecasts::GetTrackRecord, request, &response);
  EXPECT_EQ(ReasonOf(status), "INDICATOR_NOT_FOUND");
}

TEST_F(ForecastServiceTest, APageTokenOfOtherDefinitionsIsRefused) {
  for (const char* port : {"A", "B"}) {
    Write("cargo_tonnes", port, {{"2025-01", 5}});
  }
  v1::ComputeForecastRequest request;
  request.set_indicator("indicators/cargo");
  request.set_page_size(1);
  v1::ComputeForecastResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::ComputeForecast, request, &response).ok());
  request.set_page_token(response.next_page_token());
  Redefine("sum by (port)", "max by (port)");
  EXPECT_THAT(Refusal(request), HasSubstr("page_token: "));
}

TEST_F(ForecastServiceTest, ForecastsAnExpressionWithTheQuantilesAskedFor) {
  RunToEnd("pipelines/harbour");
  v1::ComputeForecastRequest request;
  request.set_expression("2 * ships");
  request.set_method("drift");
  request.set_horizon(2);
  // In any order.
  for (double quantile : {0.9, 0.1}) request.add_quantiles(quantile);
  v1::ComputeForecastResponse response;
  ASSERT_TRUE(
      Ask(*forecasts_, &Forecasts::ComputeForecast, request, &response).ok());
  ASSERT_EQ(response.forecasts_size(), 1);
  const v1::Forecast& forecast = response.forecasts(0);
  EXPECT_EQ(forecast.name(), "");
  EXPECT_EQ(forecast.labels().at("harbour"), "H");
  ASSERT_EQ(forecast.steps_size(), 2);
  // The ships rise by one each month.
  EXPECT_NEAR(forecast.steps(1).point(), 2 * (33 + 2), 1e-9);
  ASSERT_EQ(forecast.steps(0).quantiles_size(), 2);
  EXPECT_EQ(forecast.steps(0).quantiles(0).probability(), 0.1);
  EXPECT_EQ(forecast.steps(0).quantiles(1).probability(), 0.9);
}

TEST_F(ForecastServiceTest, NamesTheFieldOfABadRequest) {
  v1::ComputeForecastRequest request;
  EXPECT_EQ(Refusal(request), "target: give an indicator or an expression");
  request.set_expression("sum(");
  EXPECT_THAT(Refusal(request), HasSubstr("expression: "));
  request.set_indicator("indicators/ships_in_harbour");
  request.set_method("autoetz");
  EXPECT_EQ(Refusal(request),
            "method: unknown method \"autoetz\"; did you mean \"auto_ets\"?");
  request.clear_method();
  request.set_horizon(1001);
  EXPECT_EQ(Refusal(request), "horizon: must be 0 to 1000 periods, is 1001");
  request.clear_horizon();
  request.add_quantiles(0.5);
  request.add_quantiles(1);
  EXPECT_EQ(Refusal(request), "quantiles[1]: must lie between 0 and 1, is 1");
  request.set_quantiles(1, 0.5);
  EXPECT_EQ(Refusal(request), "quantiles: 0.5 occurs twice");
}

class PluginServiceTest : public ServerTest {
 protected:
  grpc::Status Check(const std::string& source,
                     v1::CheckSourceResponse* response) {
    v1::CheckSourceRequest request;
    request.set_source(source);
    v1::Operation operation;
    grpc::Status status =
        AskToEnd(*plugin_service_, &Plugins::CheckSource, request, &operation);
    *response = operation.check_source();
    return status;
  }
};

TEST_F(PluginServiceTest, DescribesAPluginAndItsSources) {
  v1::GetPluginRequest request;
  request.set_name("plugins/ships");
  v1::Plugin plugin;
  ASSERT_TRUE(
      Ask(*plugin_service_, &Plugins::GetPlugin, request, &plugin).ok());
  EXPECT_EQ(plugin.version(), "1.2");
  EXPECT_EQ(plugin.summary(), "Counts ships.");
  EXPECT_EQ(plugin.path(), directory_.Join("plugins/ships"));
  EXPECT_THAT(plugin.hosts(), ElementsAre("harbour.example"));
  EXPECT_EQ(plugin.config(0).description(), "Which berth.");
  EXPECT_THAT(plugin.sources(), ElementsAre("ship-count"));
  EXPECT_EQ(plugin.error(), "");
}

TEST_F(PluginServiceTest, ListsPluginsOverPages) {
  v1::ListPluginsRequest request;
  request.set_page_size(1);
  v1::ListPluginsResponse first, second;
  ASSERT_TRUE(
      Ask(*plugin_service_, &Plugins::ListPlugins, request, &first).ok());
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(
      Ask(*plugin_service_, &Plugins::ListPlugins, request, &second).ok());
  ASSERT_EQ(first.plugins_size(), 1);
  EXPECT_EQ(first.plugins(0).name(), "plugins/gate");
  ASSERT_EQ(second.plugins_size(), 1);
  EXPECT_EQ(second.plugins(0).name(), "plugins/ships");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(PluginServiceTest, SuggestsTheNearestPlugin) {
  v1::GetPluginRequest request;
  request.set_name("plugins/ship");
  v1::Plugin plugin;
  const grpc::Status status =
      Ask(*plugin_service_, &Plugins::GetPlugin, request, &plugin);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "PLUGIN_NOT_FOUND");
  EXPECT_THAT(status.error_message(), HasSubstr("ships"));
}

TEST_F(PluginServiceTest, ChecksASource) {
  v1::CheckSourceResponse response;
  ASSERT_TRUE(Check("ship-count", &response).ok());
  EXPECT_TRUE(response.ok());
  EXPECT_EQ(response.message(), "one harbour");
}

TEST_F(PluginServiceTest, ASourceThatFailsItsCheckIsAnAnswer) {
  WriteExecutable(
      directory_.Join("plugins/ships"),
      ShellPlugin("ships",
                  "echo '{\"error\":{\"class\":\"TRANSIENT\","
                  "\"message\":\"the harbour is closed\"}}'; exit 1"));
  v1::CheckSourceResponse response;
  ASSERT_TRUE(Check("ship-count", &response).ok());
  EXPECT_FALSE(response.ok());
  EXPECT_THAT(response.message(), HasSubstr("the harbour is closed"));
}

TEST_F(PluginServiceTest, SuggestsTheNearestSource) {
  v1::CheckSourceResponse response;
  const grpc::Status status = Check("ship-cuont", &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "SOURCE_NOT_FOUND");
  EXPECT_THAT(status.error_message(),
              HasSubstr("did you mean \"ship-count\"?"));
}

TEST_F(PluginServiceTest, UnparksASource) {
  WriteExecutable(directory_.Join("plugins/ships"),
                  ShellPlugin("ships", "exit 9"));
  const ingest::Source source =
      manager_->definitions()->sources.at("ship-count").source;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(plugins_->Pull(source, "runs/1", {}).ok());
  }
  v1::UnparkSourceRequest request;
  request.set_source("ship-count");
  for (const bool was_parked : {true, false}) {
    v1::UnparkSourceResponse response;
    ASSERT_TRUE(
        Ask(*plugin_service_, &Plugins::UnparkSource, request, &response).ok());
    EXPECT_EQ(response.was_parked(), was_parked);
  }
  request.set_source("ship-cuont");
  v1::UnparkSourceResponse response;
  const grpc::Status status =
      Ask(*plugin_service_, &Plugins::UnparkSource, request, &response);
  EXPECT_EQ(ReasonOf(status), "SOURCE_NOT_FOUND");
}

TEST_F(PluginServiceTest, ACancelledCheckEndsThePlugin) {
  v1::CheckSourceRequest request;
  request.set_source("gate-source");
  v1::Operation operation;
  ASSERT_TRUE(
      Ask(*plugin_service_, &Plugins::CheckSource, request, &operation).ok());
  EXPECT_TRUE(Eventually([&] { return GateReached(); }));
  const pid_t pid = std::stoi(ReadFile(directory_.Join("gate_pid")));
  v1::CancelOperationRequest cancel;
  cancel.set_name(operation.name());
  ASSERT_TRUE(Ask(*operation_service_,
                  &v1::OperationService::Stub::CancelOperation, cancel,
                  &operation)
                  .ok());
  EXPECT_EQ(AwaitEnd(operation.name()).state(), v1::Operation::CANCELLED);
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace headway::service
