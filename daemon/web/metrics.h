// What Prometheus scrapes at /metrics, in its text format 0.0.4.
#ifndef HEADWAY_DAEMON_WEB_METRICS_H_
#define HEADWAY_DAEMON_WEB_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "daemon/service/shell/metrics.h"
#include "daemon/web/http/server.h"
#include "daemon/web/request_counts.h"
#include "headway/v1/admin.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::web {

struct MetricsInput {
  service::CallMetrics::Snapshot calls;
  RequestCounts::Snapshot requests;
  HttpCounts http;
  v1::StoreStats store;
  std::vector<v1::Pipeline> pipelines;
  std::shared_ptr<const v1::Health> health;
};

// Pure. Label values are escaped.
std::string FormatMetrics(const MetricsInput& input);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_METRICS_H_
