// The server itself: where it listens, what it refuses, how it ends.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/support/files.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::HasSubstr;
using Plugins = v1::PluginService::Stub;
using Series = v1::SeriesService::Stub;

class RunningServerTest : public ServerTest {
 protected:
  // Calls that hold all threads of their kind until the gate opens: they ask
  // for the description of a plugin that takes its time.
  std::vector<std::future<grpc::Status>> BlockThreads() {
    std::vector<std::future<grpc::Status>> calls;
    for (int i = 0; i < kThreads; ++i) {
      const std::string name = absl::StrCat("slow", i);
      const std::string begun = directory_.Join(name);
      WriteExecutable(
          directory_.Join(absl::StrCat("plugins/", name)),
          absl::StrCat("#!/bin/sh\ntouch ", begun, "\nwhile [ ! -e ",
                       directory_.Join("gate_open"),
                       " ]; do sleep 0.02; done\necho '{\"description\":{"
                       "\"name\":\"",
                       name,
                       "\",\"version\":\"1\",\"protocol_version\":1}}'\n"));
      calls.push_back(std::async(std::launch::async, [this, name] {
        return GetPluginWithin("plugins/" + name, std::chrono::minutes(1));
      }));
      EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(begun); }));
    }
    return calls;
  }
  grpc::Status GetPluginWithin(const std::string& name,
                               std::chrono::milliseconds timeout) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    v1::GetPluginRequest request;
    request.set_name(name);
    v1::Plugin response;
    return plugin_service_->GetPlugin(&context, request, &response);
  }
  // Of calls that ask plugins.
  static constexpr int kThreads = 2;
  absl::StatusOr<std::unique_ptr<Server>> StartAnother(
      const std::string& address) {
    Server::Options options;
    options.listen = ParseListenAddress(address).value();
    return Server::Start(options, {.clock = &clock_,
                                   .store = store_.get(),
                                   .plugins = plugins_.get(),
                                   .pipelines = manager_.get(),
                                   .maintenance = maintenance_.get(),
                                   .operations = operations_.get(),
                                   .health = health_.get()});
  }
};

TEST_F(RunningServerTest, RefusesCallsBeyondItsQueueAtOnce) {
  StartServer(/*threads=*/1, /*max_queued=*/1);
  std::vector<std::future<grpc::Status>> blocked = BlockThreads();
  // One of the two waits in the queue, the other finds it full.
  std::atomic<int> done = 0;
  std::vector<grpc::Status> statuses(2);
  std::vector<std::thread> callers;
  for (grpc::Status& status : statuses) {
    callers.emplace_back([&] {
      status = GetPluginWithin("plugins/ships", std::chrono::minutes(1));
      ++done;
    });
  }
  EXPECT_TRUE(Eventually([&] { return done == 1; }));
  OpenGate();
  for (std::thread& caller : callers) caller.join();
  for (auto& call : blocked) EXPECT_TRUE(call.get().ok());
  const bool first_waited = statuses[0].ok();
  const grpc::Status& refused = statuses[first_waited ? 1 : 0];
  EXPECT_TRUE(statuses[first_waited ? 0 : 1].ok());
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("the work queue is full"));
}

TEST_F(RunningServerTest, PluginsThatHangHoldUpNoRead) {
  StartServer(/*threads=*/1, /*max_queued=*/10);
  std::vector<std::future<grpc::Status>> blocked = BlockThreads();
  v1::ListSeriesResponse response;
  EXPECT_TRUE(Ask(*series_, &Series::ListSeries, {}, &response).ok());
  OpenGate();
  for (auto& call : blocked) EXPECT_TRUE(call.get().ok());
}

TEST_F(RunningServerTest, DoesNotBeginACallWhoseDeadlinePassedInTheQueue) {
  StartServer(/*threads=*/1, /*max_queued=*/10);
  std::vector<std::future<grpc::Status>> blocked = BlockThreads();
  EXPECT_EQ(GetPluginWithin("plugins/ships", std::chrono::milliseconds(20))
                .error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  OpenGate();
  for (auto& call : blocked) EXPECT_TRUE(call.get().ok());
  // It ended as what it was, not as an answer that nobody took.
  EXPECT_TRUE(Eventually([&] {
    const auto calls = server_->metrics().calls;
    return calls.contains({"PluginService/GetPlugin",
                           absl::StatusCode::kDeadlineExceeded}) ||
           calls.contains(
               {"PluginService/GetPlugin", absl::StatusCode::kCancelled});
  }));
}

TEST_F(RunningServerTest, ServesHealthOfEachService) {
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  for (const char* service :
       {"", "headway.v1.SeriesService", "headway.v1.IndicatorService",
        "headway.v1.ForecastService", "headway.v1.PipelineService",
        "headway.v1.PluginService", "headway.v1.AdminService",
        "headway.v1.OperationService"}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    ASSERT_TRUE(health->Check(&context, request, &response).ok()) << service;
    EXPECT_EQ(response.status(),
              grpc::health::v1::HealthCheckResponse::SERVING);
  }
}

TEST_F(RunningServerTest, RefusesBytesThatAreNoRequest) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  // Field 1, of 127 bytes, and then nothing.
  const grpc::Slice slice(std::string("\x0a\x7f"));
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(
      &context, "/headway.v1.SeriesService/ListSeries", {}, &request, &response,
      [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "the request is not a well-formed headway.v1.ListSeriesRequest");
}

// Debian packages no messages of the reflection service: its request and what
// is wanted of its answer are plain enough as bytes.
TEST_F(RunningServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(
      &context,
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(await());
  // list_services, field 7: "*"
  const grpc::Slice request(std::string("\x3a\x01*"));
  call->WriteLast(grpc::ByteBuffer(&request, 1), grpc::WriteOptions(), nullptr);
  ASSERT_TRUE(await());
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(await());
  grpc::Slice bytes;
  ASSERT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  const std::string text(bytes.begin(), bytes.end());
  EXPECT_THAT(text, HasSubstr("headway.v1.SeriesService"));
  EXPECT_THAT(text, HasSubstr("headway.v1.PluginService"));
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
}

TEST_F(RunningServerTest, TellsThePortItChose) {
  auto server = StartAnother("127.0.0.1:0");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT((*server)->address(),
              ::testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  const auto stub = v1::SeriesService::NewStub(grpc::CreateChannel(
      (*server)->address(), grpc::InsecureChannelCredentials()));
  v1::ListSeriesResponse response;
  EXPECT_TRUE(
      Ask(*stub, &Series::ListSeries, v1::ListSeriesRequest(), &response).ok());
}

TEST_F(RunningServerTest, RefusesAPortInUse) {
  auto first = StartAnother("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(StartAnother((*first)->address()).status().message(),
            absl::StrCat("cannot listen on ", (*first)->address(),
                         ": another program is listening there; stop it, or "
                         "choose another address"));
}

TEST_F(RunningServerTest, RefusesASocketInUse) {
  EXPECT_THAT(std::string(StartAnother(server_->address()).status().message()),
              HasSubstr("another program is listening there"));
  // And the one that is there still answers.
  EXPECT_TRUE(GetPluginWithin("plugins/ships", std::chrono::minutes(1)).ok());
}

TEST_F(RunningServerTest, TakesOverTheSocketOfADeadServer) {
  const std::string path = directory_.Join("socket");
  const std::string kept = directory_.Join("kept");
  std::filesystem::create_hard_link(path, kept);
  server_.reset();
  std::filesystem::rename(kept, path);
  ASSERT_TRUE(std::filesystem::is_socket(path));
  StartServer(1, 10);
  EXPECT_TRUE(GetPluginWithin("plugins/ships", std::chrono::minutes(1)).ok());
}

TEST_F(RunningServerTest, LeavesAFileAloneThatIsNoSocket) {
  WriteFile(directory_.Join("precious"), "data");
  EXPECT_THAT(
      std::string(
          StartAnother(absl::StrCat("unix:", directory_.Join("precious")))
              .status()
              .message()),
      HasSubstr("the file is there and is no socket"));
  EXPECT_EQ(ReadFile(directory_.Join("precious")), "data");
}

}  // namespace
}  // namespace headway::service
