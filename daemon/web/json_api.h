// Methods of the API as JSON over HTTP, in the proto3 JSON mapping.
//
// A query parameter is a field of the request by its proto name; instants are
// RFC 3339 texts or dates. An error is
// {"error":{"code":404,"status":"NOT_FOUND","message":…,"details":[…]}}.
// Pure functions but for the call itself; thread-safe.
#ifndef HEADWAY_DAEMON_WEB_JSON_API_H_
#define HEADWAY_DAEMON_WEB_JSON_API_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/web/api_client.h"
#include "daemon/web/http/message.h"
#include "daemon/web/visit.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::web {

Reply JsonReply(const google::protobuf::Message& message);
Reply JsonError(const grpc::Status& status);
Reply JsonError(const absl::Status& status);

// Puts each parameter into the field of its name, then the resource's name into
// `name_field`, unless that is empty.
absl::Status FillMessage(const Visit& visit, const std::string& name_field,
                         google::protobuf::Message* message);

// Calls `method` with what the request says.
template <typename Stub, typename In, typename Out>
Reply AnswerJson(Stub ApiStubs::*service,
                 grpc::Status (Stub::*method)(grpc::ClientContext*, const In&,
                                              Out*),
                 const std::string& name_field, Visit& visit) {
  In in;
  const absl::Status filled = FillMessage(visit, name_field, &in);
  if (!filled.ok()) return JsonError(filled);
  Out out;
  const grpc::Status status = visit.api.Fetch(service, method, in, &out);
  return status.ok() ? JsonReply(out) : JsonError(status);
}

// A query parameter: RFC 3339, or a date, "2026-03-05", which means its end in
// UTC, as it does on the command line.
absl::StatusOr<google::protobuf::Timestamp> ParseTimeParameter(
    absl::string_view text);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_JSON_API_H_
