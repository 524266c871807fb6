// The shell around every unary call: takes it off gRPC's thread, runs a plain
// function on the bounded pool, and turns its status into gRPC's.
//
// A handler is
//
//   absl::StatusOr<Response> Handler(const Parts&, const Call&,
//                                    const Request&);
//
// and knows nothing of gRPC. A full queue refuses the call at once with
// RESOURCE_EXHAUSTED; a call whose deadline passed, or whose client went away,
// while it was queued is not begun. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_UNARY_SHELL_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_UNARY_SHELL_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/base/thread_pool.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/call_metrics.h"
#include "daemon/service/calls/errors.h"
#include "daemon/service/calls/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace headway::service {

class UnaryShell {
 public:
  // All of them must outlive the last call.
  UnaryShell(const Parts* parts, ThreadPool* pool, CallMetrics* metrics)
      : parts_(*parts), pool_(*pool), metrics_(*metrics) {}

  // `method` is a literal, such as "SeriesService/ReadSeries".
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Run(absl::string_view method,
                                grpc::CallbackServerContext* context,
                                const Request* request, Response* response,
                                Handler handler) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const absl::Time start = absl::Now();
    // gRPC keeps context, request and response until Finish.
    auto finish = [this, method, reactor, start](const absl::Status& status) {
      metrics_.Record(method, status.code(), absl::Now() - start);
      reactor->Finish(ToGrpcStatus(status));
    };
    const absl::Status scheduled =
        pool_.Schedule([this, context, request, response, handler, finish] {
          const Call call(context);
          absl::Status status = call.CheckAlive();
          if (status.ok()) {
            absl::StatusOr<Response> result = handler(parts_, call, *request);
            status = result.status();
            if (result.ok()) *response = *std::move(result);
          }
          finish(status);
        });
    if (!scheduled.ok()) finish(scheduled);
    return reactor;
  }

 private:
  const Parts& parts_;
  ThreadPool& pool_;
  CallMetrics& metrics_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_UNARY_SHELL_H_
