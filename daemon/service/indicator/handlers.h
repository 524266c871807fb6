// IndicatorService but for its watch (indicator/watch.h).
//
// Handlers as calls/methods.h describes them; proto/headway/v1/indicator.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/indicator.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListIndicatorsResponse> ListIndicators(
    const Parts& parts, const Call& call,
    const v1::ListIndicatorsRequest& request);
absl::StatusOr<v1::Indicator> GetIndicator(
    const Parts& parts, const Call& call,
    const v1::GetIndicatorRequest& request);
absl::StatusOr<v1::ReadIndicatorResponse> ReadIndicator(
    const Parts& parts, const Call& call,
    const v1::ReadIndicatorRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_HANDLERS_H_
