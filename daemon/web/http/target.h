// The target of a request, "/v1/query?expression=2*ships": its parts, and what
// they say once their percent-encoding is undone (RFC 3986).
//
// Strict: an escape that is not two hexadecimal digits, bytes that are not
// UTF-8, and NUL are refused with INVALID_ARGUMENT, which names the place and
// the remedy. Pure functions.
#ifndef HEADWAY_DAEMON_WEB_HTTP_TARGET_H_
#define HEADWAY_DAEMON_WEB_HTTP_TARGET_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::web {

// As they were sent; views of the text that was split.
struct TargetParts {
  // "localhost:7312"; empty unless the target is a whole URL.
  absl::string_view authority;
  // Begins with '/'.
  absl::string_view path;
  absl::string_view query;
};

// A target in origin form, "/path?query", or absolute form,
// "http://host/path?query"; a fragment is refused.
absl::StatusOr<TargetParts> SplitTarget(absl::string_view target);

absl::StatusOr<std::string> DecodePath(absl::string_view path);

// The parameters of "a=1&b=2", where '+' is a space, as forms send it. A name
// may be given twice; one without '=' has an empty value.
absl::StatusOr<std::multimap<std::string, std::string>> DecodeQuery(
    absl::string_view query);

// Whether a Host field or an authority, with or without a port, names this
// machine: localhost, 127.0.0.1 or [::1].
bool IsLoopbackAuthority(absl::string_view authority);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTTP_TARGET_H_
