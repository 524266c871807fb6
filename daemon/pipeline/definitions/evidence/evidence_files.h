// The acts and claims that are judged, of events.textproto and claims.textproto
// in the pipelines directory (proto/headway/config/v1/evidence.proto). Every
// error is found; what is wrong is left out, and the rest goes on.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EVIDENCE_EVIDENCE_FILES_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EVIDENCE_EVIDENCE_FILES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "daemon/pipeline/definitions/text/text_file.h"
#include "daemon/query/query.h"
#include "daemon/series/selector.h"
#include "headway/config/v1/evidence.pb.h"

namespace headway::pipeline {

// What the two files are called.
inline constexpr char kEventsFile[] = "events.textproto";
inline constexpr char kClaimsFile[] = "claims.textproto";
// Whether a file of the pipelines directory is one of the two.
bool IsEvidenceFile(absl::string_view name);

struct Event {
  config::v1::PolicyEvent definition;
  // Known and announced are always there: each stands in for the other.
  absl::CivilDay known;
  absl::CivilDay announced;
  std::optional<absl::CivilDay> effective;
  std::vector<series::Selector> affected;
};

struct ClaimTest {
  // With the defaults of what is absent.
  config::v1::ClaimTest definition;
  query::Expression values;
};

struct Claim {
  // Without its tests; with the defaults of what is absent.
  config::v1::Claim definition;
  std::vector<ClaimTest> tests;
};

struct EvidenceError {
  std::string file;
  Place place;
  std::string message;
};

struct EvidenceDefinitions {
  // By id.
  std::map<std::string, Event> events;
  // In the order of the file.
  std::vector<Claim> claims;
  std::vector<EvidenceError> errors;
};

// A file that is not there holds nothing. Reads the two files and nothing else.
EvidenceDefinitions LoadEvidence(const std::string& directory);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EVIDENCE_EVIDENCE_FILES_H_
