// The newest values of an indicator and what is expected of them.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_SUMMARIES_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_SUMMARIES_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/indicator.pb.h"

namespace headway::service {

// The indicator with the summaries of its first series as of an instant, or why
// there are none: a listing shows what is broken beside what is well. Fails
// only if the call is given up. Thread-safe.
absl::StatusOr<v1::Indicator> WithSummaries(
    const Parts& parts, const Call& call, const pipeline::Indicator& indicator,
    absl::Time as_of);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_SUMMARIES_H_
