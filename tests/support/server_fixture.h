// A whole daemon in a test: real store, plugins, pipelines, gRPC over a Unix
// socket; only time is simulated.
//
// Two pipelines: "harbour" pulls monthly counts of ships from a shell plugin;
// "push" derives indicators from values that tests write. A third plugin,
// "gate", blocks until its test opens the gate.
#ifndef HEADWAY_TESTS_SUPPORT_SERVER_FIXTURE_H_
#define HEADWAY_TESTS_SUPPORT_SERVER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/health/health.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/admin/maintenance.h"
#include "daemon/service/server.h"
#include "google/protobuf/timestamp.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/error_details.pb.h"
#include "headway/v1/evidence.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/indicator.grpc.pb.h"
#include "headway/v1/operation.grpc.pb.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "headway/v1/plugin.grpc.pb.h"
#include "headway/v1/series.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_directory.h"

namespace headway::service {

// The one violation of a BadRequest, "field: description"; or why there is
// none.
std::string ViolationOf(const grpc::Status& status);
// The reason of an ErrorInfo of domain "headway"; or why there is none.
std::string ReasonOf(const grpc::Status& status);

// The status with which an operation ended, as that of a call.
grpc::Status EndStatus(const v1::Operation& operation);

// Midnight UTC at the start of a date such as "2025-03-01".
google::protobuf::Timestamp Midnight(const std::string& date);

// Makes a call and returns its status.
template <typename Stub, typename Request, typename Response>
grpc::Status Ask(Stub& stub,
                 grpc::Status (Stub::*method)(grpc::ClientContext*,
                                              const Request&, Response*),
                 const Request& request, Response* response) {
  grpc::ClientContext context;
  return (stub.*method)(&context, request, response);
}

class ServerTest : public ::testing::Test {
 protected:
  ServerTest();
  ~ServerTest() override;

  // Opens the store and starts all that stands on it.
  void StartDaemon();
  void StopDaemon();
  // Starts the server anew. Fewer threads, a shorter queue and fewer watches
  // make an overload.
  void StartServer(int threads, size_t max_queued, size_t max_watches = 1000);
  // Writes `to` in place of `from` in the definitions, and has them read again.
  void Redefine(const std::string& from, const std::string& to);

  // Writes monthly values and expects that they are accepted.
  void Write(const std::string& metric, const std::string& port,
             const std::vector<std::pair<std::string, double>>& values,
             const std::string& known_on = "");

  v1::Indicator GetIndicator(const std::string& name);
  v1::Run RunToEnd(const std::string& pipeline);
  // The operation of that name when it has ended.
  v1::Operation AwaitEnd(const std::string& name);
  // Makes a call that starts an operation, and waits for its end. The status is
  // that of the call, or the one with which the operation ended.
  template <typename Stub, typename Request>
  grpc::Status AskToEnd(Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                     const Request&,
                                                     v1::Operation*),
                        const Request& request, v1::Operation* operation) {
    grpc::Status status = Ask(stub, method, request, operation);
    if (!status.ok()) return status;
    *operation = AwaitEnd(operation->name());
    return EndStatus(*operation);
  }
  // The name of the one series of a metric.
  std::string SeriesName(const std::string& metric);

  // Whether the gate plugin has started; and what lets it continue.
  bool GateReached() const;
  void OpenGate();

  TempDirectory directory_{TempDirectory::Place::kDisk};
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
  // For StartDaemon; the directory is the fixture's.
  pipeline::PipelineManager::Options manager_options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::PluginHost> plugins_;
  std::unique_ptr<pipeline::PipelineManager> manager_;
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<health::Health> health_;
  std::unique_ptr<operations::Operations> operations_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;

  std::unique_ptr<v1::SeriesService::Stub> series_;
  std::unique_ptr<v1::IndicatorService::Stub> indicators_;
  std::unique_ptr<v1::ForecastService::Stub> forecasts_;
  std::unique_ptr<v1::PipelineService::Stub> pipelines_;
  std::unique_ptr<v1::PluginService::Stub> plugin_service_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::OperationService::Stub> operation_service_;
  std::unique_ptr<v1::EvidenceService::Stub> evidence_;
};

}  // namespace headway::service

#endif  // HEADWAY_TESTS_SUPPORT_SERVER_FIXTURE_H_
