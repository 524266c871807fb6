// EvidenceService: acts, claims and verdicts.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/evidence.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_EVIDENCE_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_EVIDENCE_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/evidence.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListEventsResponse> ListEvents(
    const Parts& parts, const Call& call, const v1::ListEventsRequest& request);
absl::StatusOr<v1::ListClaimsResponse> ListClaims(
    const Parts& parts, const Call& call, const v1::ListClaimsRequest& request);
absl::StatusOr<v1::Claim> GetClaim(const Parts& parts, const Call& call,
                                   const v1::GetClaimRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_EVIDENCE_HANDLERS_H_
