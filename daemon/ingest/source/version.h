// Versions of plugins, as their authors number them. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_VERSION_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_VERSION_H_

#include "absl/strings/string_view.h"

namespace headway::ingest {

// Whether `a` comes before `b`: numbers are compared as numbers ("1.9" before
// "1.10"), words by their letters, and what is longer comes later.
bool IsOlderVersion(absl::string_view a, absl::string_view b);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_VERSION_H_
