// How many series a source has ever delivered: a count in a record of
// RecordKind::kState, written in the commits that bring new ones. So labels
// that take a new value at every read are noticed, though no read holds many
// series. Errors are those of the store.
#ifndef HEADWAY_DAEMON_INGEST_PULL_SERIES_COUNT_H_
#define HEADWAY_DAEMON_INGEST_PULL_SERIES_COUNT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// As stored. A source of before there was a count starts with its members, the
// records that begin with `member_prefix`.
absl::StatusOr<int64_t> ReadSeriesCount(absl::string_view source,
                                        const std::string& member_prefix,
                                        const store::Reader& reader);

store::Record SeriesCountRecord(absl::string_view source, int64_t count);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_SERIES_COUNT_H_
