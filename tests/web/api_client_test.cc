// Calls of the web side that hang, before a gRPC server that never answers.
#include "daemon/web/api_client.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "tests/support/eventually.h"

namespace headway::web {
namespace {

class Silence : public v1::IndicatorService::Service {
 public:
  grpc::Status ListIndicators(grpc::ServerContext* context,
                              const v1::ListIndicatorsRequest*,
                              v1::ListIndicatorsResponse*) override {
    if (!called_.HasBeenNotified()) called_.Notify();
    Eventually([&] { return context->IsCancelled(); });
    return grpc::Status::CANCELLED;
  }

  absl::Notification called_;
};

TEST(OpenCallsTest, EndWhenTheSiteStops) {
  Silence silence;
  grpc::ServerBuilder builder;
  builder.RegisterService(&silence);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ApiStubs stubs(server->InProcessChannel(grpc::ChannelArguments()));
  OpenCalls calls;
  ApiClient client(&stubs, &calls, /*from_outside=*/false);
  const auto list = [&] {
    v1::ListIndicatorsResponse response;
    return client.Fetch(&ApiStubs::indicators,
                        &v1::IndicatorService::Stub::ListIndicators,
                        v1::ListIndicatorsRequest(), &response);
  };
  grpc::Status status;
  std::thread caller([&] { status = list(); });
  silence.called_.WaitForNotification();
  calls.EndAll();
  caller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(list().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace headway::web
