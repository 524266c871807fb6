// Whole listings over the API, page by page. Thread-safe.
#ifndef HEADWAY_DAEMON_WEB_LISTING_H_
#define HEADWAY_DAEMON_WEB_LISTING_H_

#include <vector>

#include "daemon/web/api_client.h"
#include "grpcpp/support/status.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::web {

grpc::Status ListAllPipelines(ApiClient& api,
                              std::vector<v1::Pipeline>* pipelines);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_LISTING_H_
