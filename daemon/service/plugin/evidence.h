// The evidence of a plugin as the API says it. Pure.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_EVIDENCE_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_EVIDENCE_H_

#include "daemon/ingest/plugin_host.h"
#include "headway/v1/plugin.pb.h"

namespace headway::service {

inline v1::Evidence ToEvidence(const plugin::v1::Evidence& evidence) {
  switch (evidence.kind()) {
    case plugin::v1::Evidence::RECORDED:
      return v1::RECORDED;
    case plugin::v1::Evidence::DOCUMENTED:
      return v1::DOCUMENTED;
    default:
      return v1::EVIDENCE_UNSPECIFIED;
  }
}

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_EVIDENCE_H_
