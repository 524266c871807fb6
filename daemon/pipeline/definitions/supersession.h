// Which sources take the place of others. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SUPERSESSION_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SUPERSESSION_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/pipeline/definitions/definitions.h"

namespace headway::pipeline {

// What is wrong with the `supersedes` of a source.
struct SupersessionError {
  std::string source;
  std::string message;
};

// Looks at who supersedes whom, once all sources are known. A source that an
// enabled one supersedes is disabled; whichever of the two is enabled withdraws
// what the other delivered. A wrong `supersedes` disables its source.
std::vector<SupersessionError> ArrangeSupersession(
    std::map<std::string, Source>& sources);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SUPERSESSION_H_
