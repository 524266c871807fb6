// ForecastService: issued forecasts, their scores, forecasts on request.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/forecast.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_FORECAST_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_FORECAST_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/forecast.pb.h"

namespace headway::service {

absl::StatusOr<v1::GetForecastResponse> GetForecast(
    const Parts& parts, const Call& call,
    const v1::GetForecastRequest& request);
absl::StatusOr<v1::ListForecastsResponse> ListForecasts(
    const Parts& parts, const Call& call,
    const v1::ListForecastsRequest& request);
absl::StatusOr<v1::GetTrackRecordResponse> GetTrackRecord(
    const Parts& parts, const Call& call,
    const v1::GetTrackRecordRequest& request);
absl::StatusOr<v1::Forecast> AdjustForecast(
    const Parts& parts, const Call& call,
    const v1::AdjustForecastRequest& request);
absl::StatusOr<v1::ComputeForecastResponse> ComputeForecast(
    const Parts& parts, const Call& call,
    const v1::ComputeForecastRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_FORECAST_HANDLERS_H_
