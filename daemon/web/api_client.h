// The web side's way to the API: the services' stubs over one channel, so that
// limits, deadlines and errors are those of every other client.
#ifndef HEADWAY_DAEMON_WEB_API_CLIENT_H_
#define HEADWAY_DAEMON_WEB_API_CLIENT_H_

#include <chrono>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/service/shell/wire.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/indicator.grpc.pb.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "headway/v1/series.grpc.pb.h"

namespace headway::web {

// The services' stubs over one channel. Thread-safe.
struct ApiStubs {
  explicit ApiStubs(const std::shared_ptr<grpc::Channel>& channel)
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

// The calls under way, so that a stop need not wait for them. Thread-safe.
class OpenCalls {
 public:
  // False, and the call is not to be made, after EndAll.
  bool Add(grpc::ClientContext* context);
  void Remove(grpc::ClientContext* context);
  // Cancels what is under way.
  void EndAll();

 private:
  absl::Mutex mutex_;
  std::set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

// What one visitor asks of the API, all of it within 30 seconds from now on.
// The API is told of one from outside, whom it does not show everything. Both
// parts must outlive it. Thread-safe.
class ApiClient {
 public:
  ApiClient(ApiStubs* stubs, OpenCalls* calls, bool from_outside);

  // Calls a reading method.
  template <typename Stub, typename In, typename Out>
  grpc::Status Fetch(Stub ApiStubs::*service,
                     grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                  const In&, Out*),
                     const In& request, Out* response) {
    grpc::ClientContext context;
    context.set_deadline(deadline_);
    if (from_outside_) {
      context.AddMetadata(service::kVisitorKey, service::kOutsideVisitor);
    }
    if (!calls_->Add(&context)) {
      return {grpc::StatusCode::UNAVAILABLE, "the daemon is shutting down"};
    }
    grpc::Status status =
        ((stubs_->*service).*method)(&context, request, response);
    calls_->Remove(&context);
    return status;
  }

 private:
  ApiStubs* const stubs_;
  OpenCalls* const calls_;
  const bool from_outside_;
  const std::chrono::system_clock::time_point deadline_;
};

// The HTTP status of a code, as google.rpc.Code says it.
int HttpStatus(grpc::StatusCode code);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_API_CLIENT_H_
