// Dates the observations of a series whose vintages are ASSUMED.
//
// A period that is seen for the first time counts as known when the publisher
// usually releases it, at its end plus the release lag, or at the time of the
// read if that is earlier. A change, a withdrawal or a return of a value counts
// as known at the time of the read. So does a period that fills a gap between
// periods stored before: it was released late.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_
#define HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/ingest/protocol/validation.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"

namespace headway::ingest {

class AssumedVintages {
 public:
  // Starts from these vintages, oldest known_at first.
  explicit AssumedVintages(absl::Span<const store::Vintage> stored);

  // The changes that `batch`, read at `now`, makes, by rising known_at. There
  // is at least one update, without observations if nothing changed, so that a
  // changed description gets to the store. Later calls start from the changes.
  std::vector<store::VintageUpdate> Apply(const CheckedBatch& batch,
                                          const series::SeriesInfo& info,
                                          absl::Time now);

 private:
  absl::flat_hash_map<int32_t, double> current_;
  // Periods that ever had a value; the first and the last one stored before.
  absl::flat_hash_set<int32_t> seen_;
  int32_t first_stored_ = INT32_MAX;
  int32_t last_stored_ = INT32_MIN;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_
