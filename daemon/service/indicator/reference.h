// The text of a citation's reference:
//
//   headway:SUBJECT?store=S&version=V&commit=N&recorded_at=T&as_of=T&digest=D
//
// SUBJECT is indicators/NAME, or query/ and the expression in the base64 of RFC
// 4648 for addresses; `version` is there for indicators alone. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_REFERENCE_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_REFERENCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::service {

struct Reference {
  // One of the two: the name of an indicator, or an expression.
  std::string indicator;
  std::string expression;
  // Of the store's identity, the part that a restored backup shares.
  std::string store;
  int version = 0;
  int64_t commit = 0;
  absl::Time recorded_at;
  absl::Time as_of;
  std::string digest;

  friend bool operator==(const Reference&, const Reference&) = default;
};

std::string FormatReference(const Reference& reference);

// INVALID_ARGUMENT with what is wrong in the text.
absl::StatusOr<Reference> ParseReference(absl::string_view text);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_REFERENCE_H_
