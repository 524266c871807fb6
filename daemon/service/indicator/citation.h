// Citations: permanent references to answers. Handlers as calls/methods.h
// describes them; proto/headway/v1/indicator.proto says what each answers.
// Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_CITATION_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_CITATION_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/indicator.pb.h"

namespace headway::service {

absl::StatusOr<v1::Citation> Cite(const Parts& parts, const Call& call,
                                  const v1::CiteRequest& request);
absl::StatusOr<v1::ReadCitationResponse> ReadCitation(
    const Parts& parts, const Call& call,
    const v1::ReadCitationRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_CITATION_H_
