// The reading calls of the API as JSON over HTTP, in the proto3 JSON mapping:
//
//   /v1/indicators?filter=…&page_size=…   ListIndicators
//   /v1/indicators/NAME                   GetIndicator
//   /v1/indicators/NAME:read?as_of=…      ReadIndicator
//   /v1/indicators/NAME:forecast          GetForecast
//   /v1/indicators/NAME/forecasts         ListForecasts
//   /v1/series?filter=SELECTOR            ListSeries
//   /v1/series/ID                         GetSeries
//   /v1/series/ID:read?as_of=…            ReadSeries
//   /v1/query?expression=…                Query
//   /v1/pipelines                         ListPipelines
//   /v1/pipelines/NAME                    GetPipeline
//   /v1/pipelines/NAME/runs               ListRuns
//   /v1/pipelines/NAME/runs/ID            GetRun
//
// A query parameter is a field of the request by its proto name; instants are
// RFC 3339 texts or dates. An error is
// {"error":{"code":404,"status":"NOT_FOUND","message":…,"details":[…]}}.
#ifndef HEADWAY_DAEMON_WEB_JSON_API_H_
#define HEADWAY_DAEMON_WEB_JSON_API_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/web/api_client.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::web {

using QueryParameters = std::multimap<std::string, std::string>;

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
};

// Answers a path that starts with "/v1/". Thread-safe.
Reply AnswerJson(ApiClient& api, const std::string& path,
                 const QueryParameters& parameters);

// "2026-03-05" (midnight UTC, when that day begins) or RFC 3339.
absl::StatusOr<google::protobuf::Timestamp> ParseInstant(
    absl::string_view text);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_JSON_API_H_
