// On what terms the numbers of each source were given, in records of the store:
// they bind after the plugin is gone, and before it was asked again.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_TERMS_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_TERMS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/source/source.h"
#include "daemon/store/reader.h"
#include "daemon/store/store.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

struct SourceTerms {
  // They may not be shown to others.
  bool forbids_sharing = false;
  // One sentence, and where the publisher says it.
  std::string summary;
  std::string url;
};

// Keeps what the plugin says of the numbers that the source is about to
// deliver. Writes nothing if that is known.
absl::Status KeepTerms(absl::string_view source, const plugin::v1::Terms& terms,
                       store::Store* store);

// What the plugins said at the last pull, by source. A record that is corrupt
// counts as one that forbids, and says so.
absl::StatusOr<std::map<std::string, SourceTerms>> ReadTerms(
    const store::Reader& reader);

// Pure.
SourceTerms ToSourceTerms(const plugin::v1::Terms& terms);
// Whether the numbers are kept from others than operators. Pure.
bool IsRestricted(Sharing sharing, const SourceTerms& terms);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_TERMS_H_
