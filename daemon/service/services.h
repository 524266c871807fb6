// The gRPC services: every call taken over by its shell, nothing else.
#ifndef HEADWAY_DAEMON_SERVICE_SERVICES_H_
#define HEADWAY_DAEMON_SERVICE_SERVICES_H_

#include <memory>
#include <vector>

#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/unary_shell.h"
#include "daemon/service/calls/watch_stream.h"
#include "grpcpp/impl/service_type.h"

namespace headway::service {

// All services of the API. What is given must outlive them.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(
    const Parts* parts, UnaryShell* unary, const WatchShell& watch);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SERVICES_H_
