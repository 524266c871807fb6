#include "daemon/service/indicator/service.h"

#include "daemon/service/indicator/citation.h"
#include "daemon/service/indicator/handlers.h"
#include "daemon/service/indicator/watch.h"

namespace headway::service {

Methods IndicatorMethods() {
  Methods methods("IndicatorService");
  methods.Unary("ListIndicators", ListIndicators, {.is_kept = true});
  methods.Unary("GetIndicator", GetIndicator, {.is_kept = true});
  methods.Unary("ReadIndicator", ReadIndicator, {.is_kept = true});
  methods.Unary("Cite", Cite);
  methods.Unary("ReadCitation", ReadCitation, {.is_kept = true});
  methods.Stream("WatchIndicators", IndicatorWatch::Create);
  return methods;
}

}  // namespace headway::service
