// EvidenceService: which function answers each method. What each answers is in
// proto/headway/v1/evidence.proto.
#ifndef HEADWAY_DAEMON_SERVICE_EVIDENCE_SERVICE_H_
#define HEADWAY_DAEMON_SERVICE_EVIDENCE_SERVICE_H_

#include "daemon/service/calls/methods.h"

namespace headway::service {

Methods EvidenceMethods();

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_EVIDENCE_SERVICE_H_
