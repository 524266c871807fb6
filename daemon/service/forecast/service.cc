#include "daemon/service/forecast/service.h"

#include "daemon/service/forecast/handlers.h"

namespace headway::service {

Methods ForecastMethods() {
  Methods methods("ForecastService");
  methods.Unary("GetForecast", GetForecast);
  methods.Unary("ListForecasts", ListForecasts);
  methods.Unary("GetTrackRecord", GetTrackRecord);
  methods.Unary("ComputeForecast", ComputeForecast);
  return methods;
}

}  // namespace headway::service
