// Forecasts changed by hand: an issue of their own, which says who changed what
// and why, and is scored as any other.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUES_ADJUSTMENT_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUES_ADJUSTMENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// The method of a forecast that was changed by hand.
inline constexpr char kByHandMethod[] = "by_hand";

// The forecast with the steps of the request in the place of its own; pure.
// INVALID_ARGUMENT, with the step, the value and the remedy: no author or
// reason, no step, a period that the forecast does not have or that comes
// twice, a number that is not finite or lies beyond the bounds, quantiles that
// fall or are of other probabilities, a point that does not lie among them.
// FAILED_PRECONDITION: the forecast has no steps.
absl::StatusOr<v1::Forecast> Adjust(const v1::Forecast& forecast,
                                    const v1::AdjustForecastRequest& request,
                                    const ValueBounds& bounds);

struct AdjustedIssue {
  v1::Forecast forecast;
  std::vector<store::Record> records;
};

// The newest issue of the indicator, its bare name, once more: with the series
// of the request adjusted, and the others carried on. It is of the instant
// `now`, or of the microsecond after the newest issue if that is later. Pure
// function over the reader. NOT_FOUND: no issue, or no series with these
// labels. ABORTED: the request names a forecast that is not the newest.
absl::StatusOr<AdjustedIssue> AdjustNewestIssue(
    const store::Reader& reader, absl::string_view indicator,
    const v1::AdjustForecastRequest& request, const ValueBounds& bounds,
    absl::Time now);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_ADJUSTMENT_H_
