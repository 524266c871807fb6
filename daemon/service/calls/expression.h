// Checks the expressions in requests before they are parsed. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_EXPRESSION_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_EXPRESSION_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::service {

// INVALID_ARGUMENT, naming `field`, if the text is too long to be an
// expression. Does not parse it.
absl::Status CheckExpression(absl::string_view field,
                             absl::string_view expression);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_EXPRESSION_H_
