#include "daemon/service/forecast/service.h"

#include "daemon/service/forecast/handlers.h"

namespace headway::service {

Methods ForecastMethods() {
  Methods methods("ForecastService");
  methods.Unary("GetForecast", GetForecast, {.is_kept = true});
  methods.Unary("ListForecasts", ListForecasts, {.is_kept = true});
  methods.Unary("GetTrackRecord", GetTrackRecord,
                {.kind = CallKind::kCompute, .is_kept = true});
  methods.Unary("AdjustForecast", AdjustForecast, {.kind = CallKind::kWrite});
  methods.Unary("ComputeForecast", ComputeForecast,
                {.kind = CallKind::kCompute});
  return methods;
}

}  // namespace headway::service
