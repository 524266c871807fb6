// The shell between gRPC and the functions that answer: takes each call off
// gRPC's thread, has its function work on the bounded pool of its kind, and
// sends what the function says. An answer that was kept is sent at once.
//
// A full queue refuses a call at once with RESOURCE_EXHAUSTED; a call whose
// deadline passed, or whose client went away, while it was queued is not begun.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_SERVICE_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_SERVICE_H_

#include <memory>
#include <string>

#include "daemon/service/calls/methods.h"
#include "daemon/service/shell/shell.h"
#include "grpcpp/impl/service_type.h"

namespace headway::service {

// The full name of a service: "headway.v1.SeriesService".
std::string FullServiceName(const Methods& methods);

// A service for a grpc::ServerBuilder. Thread-safe.
std::unique_ptr<grpc::Service> MakeService(Methods methods, const Shell& shell);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_SERVICE_H_
