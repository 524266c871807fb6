// The web side's way to the API: the services' stubs over one channel, so that
// limits, deadlines and errors are those of every other client.
#ifndef HEADWAY_DAEMON_WEB_API_CLIENT_H_
#define HEADWAY_DAEMON_WEB_API_CLIENT_H_

#include <chrono>
#include <memory>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/indicator.grpc.pb.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "headway/v1/series.grpc.pb.h"

namespace headway::web {

// Thread-safe.
struct ApiClient {
  explicit ApiClient(const std::shared_ptr<grpc::Channel>& channel)
      : admin(channel),
        series(channel),
        indicators(channel),
        forecasts(channel),
        pipelines(channel) {}

  v1::AdminService::Stub admin;
  v1::SeriesService::Stub series;
  v1::IndicatorService::Stub indicators;
  v1::ForecastService::Stub forecasts;
  v1::PipelineService::Stub pipelines;
};

// Calls a reading method; gives up after 30 seconds.
template <typename Stub, typename In, typename Out>
grpc::Status Fetch(Stub& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*, const In&,
                                                Out*),
                   const In& request, Out* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(30));
  return (stub.*method)(&context, request, response);
}

// The HTTP status of a code, as google.rpc.Code says it.
int HttpStatus(grpc::StatusCode code);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_API_CLIENT_H_
