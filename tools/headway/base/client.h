// The connection to a daemon.
//
//   Client client({.address = "127.0.0.1:7311"});
//   ASSIGN_OR_RETURN(auto response,
//                    client.Call(client.indicators(),
//                                &IndicatorService::Stub::GetIndicator,
//                                request));
//
// Statuses that come back hold all that there is to say, ready to be printed:
// the message, each field at fault, and, where no daemon answers, how to start
// one. Connects at the first call. Thread-safe.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_CLIENT_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_CLIENT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/evidence.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/indicator.grpc.pb.h"
#include "headway/v1/operation.grpc.pb.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "headway/v1/plugin.grpc.pb.h"
#include "headway/v1/series.grpc.pb.h"
#include "tools/headway/base/context.h"

namespace headway::cli {

using v1::AdminService;
using v1::EvidenceService;
using v1::ForecastService;
using v1::IndicatorService;
using v1::OperationService;
using v1::PipelineService;
using v1::PluginService;
using v1::SeriesService;

class Client {
 public:
  struct Options {
    // host:port, or unix:PATH.
    std::string address;
    // For one call that answers once; streams have no deadline.
    absl::Duration timeout = absl::Seconds(60);
  };

  explicit Client(Options options);

  grpc::health::v1::Health::Stub& health() { return *health_; }
  AdminService::Stub& admin() { return *admin_; }
  SeriesService::Stub& series() { return *series_; }
  IndicatorService::Stub& indicators() { return *indicators_; }
  ForecastService::Stub& forecasts() { return *forecasts_; }
  PipelineService::Stub& pipelines() { return *pipelines_; }
  PluginService::Stub& plugins() { return *plugins_; }
  OperationService::Stub& operations() { return *operations_; }
  EvidenceService::Stub& evidence() { return *evidence_; }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(Deadline());
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return ToStatus(status);
    return response;
  }

  // Calls until there is no further page; the answers as one.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallForAllPages(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      Request request) {
    request.set_page_size(1000);
    Response all;
    while (true) {
      absl::StatusOr<Response> page = Call(stub, method, request);
      if (!page.ok()) return page.status();
      const std::string next = page->next_page_token();
      all.MergeFrom(*page);
      all.clear_next_page_token();
      if (next.empty()) return all;
      request.set_page_token(next);
    }
  }

  // What a failed call means, said as described above.
  absl::Status ToStatus(const grpc::Status& status) const;

 private:
  std::chrono::system_clock::time_point Deadline() const;
  std::string NoDaemonMessage(const std::string& reason) const;

  const Options options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
  std::unique_ptr<AdminService::Stub> admin_;
  std::unique_ptr<SeriesService::Stub> series_;
  std::unique_ptr<IndicatorService::Stub> indicators_;
  std::unique_ptr<ForecastService::Stub> forecasts_;
  std::unique_ptr<PipelineService::Stub> pipelines_;
  std::unique_ptr<PluginService::Stub> plugins_;
  std::unique_ptr<OperationService::Stub> operations_;
  std::unique_ptr<EvidenceService::Stub> evidence_;
};

// Of the daemon that the options name.
Client MakeClient(const Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_CLIENT_H_
