// The two watches over a real channel.
#include <filesystem>
#include <set>

#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A watch of indicators and what it has received.
class Watch {
 public:
  Watch(v1::IndicatorService::Stub& stub, const std::vector<std::string>& names,
        const std::string& token = "") {
    v1::WatchIndicatorsRequest request;
    for (const std::string& name : names) request.add_names(name);
    request.set_resume_token(token);
    reader_ = stub.WatchIndicators(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }

  // The names that come until the client has everything.
  std::vector<std::string> ReadUntilCaughtUp() {
    std::vector<std::string> names;
    v1::WatchIndicatorsResponse response;
    while (reader_->Read(&response)) {
      if (response.has_indicator()) {
        names.push_back(response.indicator().name());
        last_ = response;
      }
      token_ = response.resume_token();
      if (response.caught_up()) return names;
    }
    ADD_FAILURE() << "the stream ended: " << Finish().error_message();
    return names;
  }

  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }
  // Counts what still comes into `received`, if that is given.
  grpc::Status DrainAndFinish(int* received = nullptr) {
    v1::WatchIndicatorsResponse response;
    while (reader_->Read(&response)) {
      if (received != nullptr) ++*received;
    }
    return Finish();
  }
  void Cancel() { context_.TryCancel(); }

  const std::string& token() const { return token_; }
  // The last response with an indicator.
  const v1::WatchIndicatorsResponse& last() const { return last_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchIndicatorsResponse>> reader_;
  v1::WatchIndicatorsResponse last_;
  std::string token_;
  bool finished_ = false;
};

using WatchIndicatorsTest = ServerTest;

TEST_F(WatchIndicatorsTest, SendsTheStateOfNowFirst) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}});
  Watch watch(*indicators_, {"indicators/cargo"});
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/cargo"));
  ASSERT_EQ(watch.last().series_size(), 1);
  EXPECT_EQ(watch.last().series(0).observations(0).value(), 5);
  EXPECT_EQ(watch.last().indicator().title(), "Cargo by port");
}

TEST_F(WatchIndicatorsTest, SendsAllIndicatorsIfNoneIsNamed) {
  Watch watch(*indicators_, {});
  EXPECT_THAT(watch.ReadUntilCaughtUp(),
              ElementsAre("indicators/cargo", "indicators/cargo_growth",
                          "indicators/lost", "indicators/ships_in_harbour",
                          "indicators/wages"));
}

TEST_F(WatchIndicatorsTest, SendsWhatNewDataChanges) {
  Watch watch(*indicators_, {});
  watch.ReadUntilCaughtUp();
  Write("wage_usd", "A", {{"2025-01", 5}});
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
  EXPECT_EQ(watch.last().series(0).observations(0).value(), 5);
  Write("wage_usd", "A", {{"2025-01", 6}});
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
  EXPECT_EQ(watch.last().series(0).observations(0).value(), 6);
}

TEST_F(WatchIndicatorsTest, SendsIndicatorsThatUseAChangedOneToo) {
  Watch watch(*indicators_, {"indicators/cargo_growth"});
  watch.ReadUntilCaughtUp();
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 9}});
  EXPECT_THAT(watch.ReadUntilCaughtUp(),
              ElementsAre("indicators/cargo_growth"));
  EXPECT_EQ(watch.last().series(0).observations(0).value(), 4);
}

TEST_F(WatchIndicatorsTest, LeavesOutWhatCameOutUnchanged) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 9}});
  Watch watch(*indicators_, {"indicators/cargo", "indicators/cargo_growth"});
  watch.ReadUntilCaughtUp();
  // Moves both months alike: the cargo changes, its growth does not.
  Write("cargo_tonnes", "A", {{"2025-01", 6}, {"2025-02", 10}});
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/cargo"));
}

TEST_F(WatchIndicatorsTest, ResumesWithWhatChangedMeanwhile) {
  std::string token;
  {
    Watch watch(*indicators_, {});
    watch.ReadUntilCaughtUp();
    token = watch.token();
  }
  Write("wage_usd", "A", {{"2025-01", 5}});
  Watch watch(*indicators_, {}, token);
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
}

TEST_F(WatchIndicatorsTest, ResumesAfterARestartOfTheServer) {
  std::string token;
  {
    Watch watch(*indicators_, {});
    watch.ReadUntilCaughtUp();
    token = watch.token();
  }
  StartServer(4, 100);
  Write("wage_usd", "A", {{"2025-01", 5}});
  Watch watch(*indicators_, {}, token);
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
}

TEST_F(WatchIndicatorsTest, SaysSoWhenNothingChangedMeanwhile) {
  Watch first(*indicators_, {});
  first.ReadUntilCaughtUp();
  Watch second(*indicators_, {}, first.token());
  EXPECT_THAT(second.ReadUntilCaughtUp(), IsEmpty());
  EXPECT_NE(second.token(), "");
}

TEST_F(WatchIndicatorsTest, RefusesATokenOfAnotherWatch) {
  Watch first(*indicators_, {"indicators/cargo"});
  first.ReadUntilCaughtUp();
  Watch second(*indicators_, {"indicators/wages"}, first.token());
  EXPECT_THAT(ViolationOf(second.DrainAndFinish()),
              HasSubstr("resume_token: "));
}

TEST_F(WatchIndicatorsTest, SendsAllAgainAfterTheDefinitionsChanged) {
  Write("wage_usd", "A", {{"2025-01", 5}});
  std::string token;
  {
    Watch watch(*indicators_, {"indicators/wages"});
    watch.ReadUntilCaughtUp();
    token = watch.token();
  }
  Redefine("sum(wage_usd)", "max(wage_usd)");
  Watch watch(*indicators_, {"indicators/wages"}, token);
  EXPECT_THAT(watch.ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
}

TEST_F(WatchIndicatorsTest, SendsWhatAReloadChanged) {
  Write("wage_usd", "A", {{"2025-01", 5}});
  Watch watch(*indicators_, {"indicators/wages"});
  watch.ReadUntilCaughtUp();
  Redefine("sum(wage_usd)", "2 * sum(wage_usd)");
  server_->PokeWatches();
  watch.ReadUntilCaughtUp();
  EXPECT_EQ(watch.last().series(0).observations(0).value(), 10);
}

TEST_F(WatchIndicatorsTest, RefusesATokenOfAnotherHistory) {
  std::string token;
  {
    Watch watch(*indicators_, {"indicators/wages"});
    watch.ReadUntilCaughtUp();
    token = watch.token();
  }
  // Of the same request, by a daemon over another store.
  StopDaemon();
  std::filesystem::remove_all(directory_.Join("store"));
  StartDaemon();
  Watch watch(*indicators_, {"indicators/wages"}, token);
  EXPECT_THAT(ViolationOf(watch.DrainAndFinish()), HasSubstr("resume_token: "));
}

TEST_F(WatchIndicatorsTest, RefusesAnUnknownName) {
  Watch watch(*indicators_, {"indicators/cargo", "indicators/wage"});
  const grpc::Status status = watch.DrainAndFinish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "INDICATOR_NOT_FOUND");
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"wages\"?"));
}

TEST_F(WatchIndicatorsTest, OneTooManyIsRefusedBeforeItIsSentAnything) {
  StartServer(4, 100, /*max_watches=*/1);
  Watch first(*indicators_, {});
  first.ReadUntilCaughtUp();
  Watch second(*indicators_, {});
  int received = 0;
  EXPECT_EQ(second.DrainAndFinish(&received).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(received, 0);
}

TEST_F(WatchIndicatorsTest, EndsWhenItsClientCancels) {
  Watch watch(*indicators_, {"indicators/cargo"});
  watch.ReadUntilCaughtUp();
  EXPECT_EQ(server_->metrics().open_streams, 1);
  watch.Cancel();
  EXPECT_EQ(watch.Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] { return server_->metrics().open_streams == 0; }));
}

TEST_F(WatchIndicatorsTest, EndsWithUnavailableWhenTheServerStops) {
  Watch watch(*indicators_, {"indicators/cargo"});
  watch.ReadUntilCaughtUp();
  server_->Shutdown();
  const grpc::Status status = watch.DrainAndFinish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the daemon is shutting down");
}

TEST_F(WatchIndicatorsTest, ManyHoldNoThread) {
  StartServer(1, 100);
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 20; ++i) {
    watches.push_back(std::make_unique<Watch>(
        *indicators_, std::vector<std::string>{"indicators/wages"}));
    watches.back()->ReadUntilCaughtUp();
  }
  // The one thread serves calls, and then every watch.
  Write("wage_usd", "A", {{"2025-01", 5}});
  for (const auto& watch : watches) {
    EXPECT_THAT(watch->ReadUntilCaughtUp(), ElementsAre("indicators/wages"));
  }
}

class WatchRunTest : public ServerTest {
 protected:
  v1::Run Start(const std::string& pipeline) {
    v1::RunPipelineRequest request;
    request.set_name(pipeline);
    v1::Run run;
    EXPECT_TRUE(
        Ask(*pipelines_, &v1::PipelineService::Stub::RunPipeline, request, &run)
            .ok());
    return run;
  }
};

TEST_F(WatchRunTest, ShowsEveryStateUntilTheEnd) {
  v1::WatchRunRequest request;
  request.set_name(Start("pipelines/gated").name());
  grpc::ClientContext context;
  const auto reader = pipelines_->WatchRun(&context, request);
  v1::Run run;
  std::set<v1::Run::State> states;
  while (reader->Read(&run)) {
    states.insert(run.state());
    if (run.state() == v1::Run::RUNNING) OpenGate();
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(run.state(), v1::Run::SUCCEEDED);
  EXPECT_TRUE(states.contains(v1::Run::RUNNING));
  ASSERT_EQ(run.steps_size(), 1);
  EXPECT_EQ(run.steps(0).subject(), "gate-source");
}

TEST_F(WatchRunTest, SendsARunThatHasEndedOnce) {
  v1::WatchRunRequest request;
  request.set_name(RunToEnd("pipelines/harbour").name());
  grpc::ClientContext context;
  const auto reader = pipelines_->WatchRun(&context, request);
  v1::Run run;
  EXPECT_TRUE(reader->Read(&run));
  EXPECT_EQ(run.state(), v1::Run::SUCCEEDED);
  EXPECT_FALSE(reader->Read(&run));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(WatchRunTest, FindsRoomBesideAllTheWatchesOfIndicators) {
  StartServer(4, 100, /*max_watches=*/2);
  Watch first(*indicators_, {});
  first.ReadUntilCaughtUp();
  Watch second(*indicators_, {});
  second.ReadUntilCaughtUp();
  v1::WatchRunRequest request;
  request.set_name(RunToEnd("pipelines/harbour").name());
  grpc::ClientContext context;
  const auto reader = pipelines_->WatchRun(&context, request);
  v1::Run run;
  EXPECT_TRUE(reader->Read(&run));
  EXPECT_FALSE(reader->Read(&run));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(WatchRunTest, RefusesARunThatIsNotThere) {
  v1::WatchRunRequest request;
  request.set_name("pipelines/harbour/runs/20250101-000000.000000");
  grpc::ClientContext context;
  const auto reader = pipelines_->WatchRun(&context, request);
  v1::Run run;
  EXPECT_FALSE(reader->Read(&run));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "RUN_NOT_FOUND");
}

}  // namespace
}  // namespace headway::service
