// The forecasts that the daemon issued of an indicator.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_ISSUED_FORECASTS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_ISSUED_FORECASTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/base/client.h"

namespace headway::cli {

// The newest one of each series, or the newest at `as_of`. `name` is with or
// without "indicators/". Errors are those of ForecastService.GetForecast.
absl::StatusOr<v1::GetForecastResponse> GetIssuedForecasts(
    Client& client, const std::string& name,
    const std::optional<google::protobuf::Timestamp>& as_of);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_ISSUED_FORECASTS_H_
