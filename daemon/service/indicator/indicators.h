// Indicators by the names that requests give, and as messages. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_INDICATORS_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_INDICATORS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "headway/v1/indicator.pb.h"

namespace headway::service {

// The indicator that a request's field names, "indicators/NAME". NOT_FOUND,
// with the nearest name, if there is none. Lives as long as the definitions.
absl::StatusOr<const pipeline::Indicator*> FindIndicator(
    const pipeline::Definitions& definitions, absl::string_view field,
    absl::string_view name);

// The definition as it was at the instant, without summaries.
v1::Indicator DescribeIndicator(const pipeline::Definitions& definitions,
                                const pipeline::Indicator& indicator,
                                absl::Time as_of = absl::InfiniteFuture());

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_INDICATORS_H_
