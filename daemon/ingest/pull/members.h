// Which series the streams of a source deliver: records of RecordKind::kState,
// written in the same commit as the observations, so that what is no longer
// delivered can be withdrawn. Pure functions, but for those that take a reader.
#ifndef HEADWAY_DAEMON_INGEST_PULL_MEMBERS_H_
#define HEADWAY_DAEMON_INGEST_PULL_MEMBERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// What the keys of all members of a source, or of one of its streams, begin
// with.
std::string MemberPrefix(absl::string_view source);
std::string MemberPrefix(absl::string_view source, absl::string_view stream);

// What follows the prefix in the key of a member.
std::string MemberName(const series::SeriesKey& key);

// The value of the record: as much of a definition as names a series.
std::string SerializeMember(const series::SeriesKey& key);

// Whether anything that the source delivered stands; false for "".
absl::StatusOr<bool> HasDelivered(absl::string_view source,
                                  const store::Reader& reader);

// The update that takes back every value of the member, whose record has the
// key `name`; absent if there is no such series any more.
absl::StatusOr<std::optional<store::VintageUpdate>> Withdrawal(
    const std::string& record, absl::string_view name, absl::Time known_at,
    const store::Reader& reader);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_MEMBERS_H_
