// The rule of names in definitions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_NAME_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::pipeline {

// INVALID_ARGUMENT, with the rule, unless `name` is at most 63 lower-case
// letters, digits and characters of `more`, a letter first. `what` is the thing
// that has the name: "source".
absl::Status CheckName(absl::string_view what, absl::string_view name,
                       absl::string_view more);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_NAME_H_
