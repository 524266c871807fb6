// Whom a publisher may write to about requests. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_CONTACT_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_CONTACT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

// Whether the text can stand in a user agent, as "headway/0.1 (+CONTACT)".
// FAILED_PRECONDITION says why not.
absl::Status CheckContact(absl::string_view contact);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_CONTACT_H_
