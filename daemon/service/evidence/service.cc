#include "daemon/service/evidence/service.h"

#include "daemon/service/evidence/handlers.h"

namespace headway::service {

Methods EvidenceMethods() {
  Methods methods("EvidenceService");
  methods.Unary("ListEvents", ListEvents, {.is_kept = true});
  // Forecasts, where a claim is about what comes.
  const CallTraits judging = {.kind = CallKind::kCompute, .is_kept = true};
  methods.Unary("ListClaims", ListClaims, judging);
  methods.Unary("GetClaim", GetClaim, judging);
  return methods;
}

}  // namespace headway::service
