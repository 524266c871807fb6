// Long operations of the daemon, as commands run them: start one, show on
// standard error how it goes, and wait until it has ended. Ctrl-C ends the
// waiting, and not the operation.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_OPERATION_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_OPERATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/status_macros.h"
#include "headway/v1/operation.pb.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/interrupt.h"

namespace headway::cli {

// The operation when it has ended, however it did. CANCELLED if `interrupt` was
// called before; the message says that it goes on and how to cancel it.
absl::StatusOr<v1::Operation> AwaitEnd(Client& client, Interrupt& interrupt,
                                       const std::string& name);

// OK if the operation succeeded, else why it did not.
absl::Status StatusOf(const v1::Operation& operation);

// Makes the call that starts an operation, and returns it when it has
// succeeded:
//
//   RunOperation(context, &Client::admin, &AdminService::Stub::VerifyStore,
//                request)
template <typename Stub, typename Request>
absl::StatusOr<v1::Operation> RunOperation(
    const Context& context, Stub& (Client::*service)(),
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 v1::Operation*),
    const Request& request) {
  // Before the client, which has threads.
  Interrupt interrupt;
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(v1::Operation operation,
                   client.Call((client.*service)(), method, request));
  ASSIGN_OR_RETURN(operation, AwaitEnd(client, interrupt, operation.name()));
  RETURN_IF_ERROR(StatusOf(operation));
  return operation;
}

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_OPERATION_H_
