#include "daemon/service/indicator/service.h"

#include "daemon/service/indicator/handlers.h"
#include "daemon/service/indicator/watch.h"

namespace headway::service {

Methods IndicatorMethods() {
  Methods methods("IndicatorService");
  methods.Unary("ListIndicators", ListIndicators);
  methods.Unary("GetIndicator", GetIndicator);
  methods.Unary("ReadIndicator", ReadIndicator);
  methods.Stream("WatchIndicators", IndicatorWatch::Create);
  return methods;
}

}  // namespace headway::service
