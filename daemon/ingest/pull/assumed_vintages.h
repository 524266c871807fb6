// Dates the observations of a series whose vintages are ASSUMED.
//
// A period that is seen for the first time counts as known when the publisher
// usually releases it, at its end plus the release lag, or at the time of the
// read if that is earlier. A change, a withdrawal or a return of a value counts
// as known at the time of the read. So does a period that an earlier read
// lacked although it should have been there: it was released late.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_
#define HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "daemon/ingest/protocol/validation.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// What is there already of a series.
struct StoredHistory {
  // What stands of what the source said of it.
  store::SeriesState state;
  // What is not there was not known at this instant: the source was read then,
  // or another one had the series, or it takes the place of another.
  absl::Time absent_until = absl::InfinitePast();
};

class AssumedVintages {
 public:
  explicit AssumedVintages(const StoredHistory& stored);

  // The changes that `batch`, read at `now`, makes, by rising known_at. There
  // is at least one update, without observations if nothing changed, so that a
  // changed description gets to the store. Later calls start from the changes.
  std::vector<store::VintageUpdate> Apply(const CheckedBatch& batch,
                                          const series::SeriesInfo& info,
                                          absl::Time now);

 private:
  absl::Time absent_until_;
  absl::flat_hash_map<int32_t, series::StatedValue> current_;
  // Periods that ever had a value; the first and the last one stored before.
  absl::flat_hash_set<int32_t> seen_;
  int32_t first_stored_ = INT32_MAX;
  int32_t last_stored_ = INT32_MIN;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_ASSUMED_VINTAGES_H_
