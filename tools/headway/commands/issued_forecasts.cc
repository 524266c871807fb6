#include "tools/headway/commands/issued_forecasts.h"

#include "tools/headway/render/format.h"

namespace headway::cli {

absl::StatusOr<v1::GetForecastResponse> GetIssuedForecasts(
    Client& client, const std::string& name,
    const std::optional<google::protobuf::Timestamp>& as_of) {
  v1::GetForecastRequest request;
  request.set_name(ResourceName("indicators", name));
  if (as_of) *request.mutable_as_of() = *as_of;
  return client.CallForAllPages(client.forecasts(),
                                &ForecastService::Stub::GetForecast, request);
}

}  // namespace headway::cli
