// The series that the store knows, and which of them a selector matches.
//
// A series that several sources write is contested: each of them has a series
// of its own beside it, under series::OwnKey, which a selector matches only if
// it has a matcher of series::kSourceLabel. The unit of a series never changes;
// the rest of its description may, and what it was before stays.
//
// Functions over a view of the engine, so that what they find is exactly what
// was committed when the view was made. The inverted index (label -> series)
// is only on disk: nothing to load at the start, nothing that grows in memory.
// Errors: NOT_FOUND, DATA_LOSS, and those of the engine. Thread-safe.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_
#define HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/series/selector.h"
#include "daemon/series/series_info.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

// As it was described at `as_of`: before the first description, by that one.
absl::StatusOr<SeriesEntry> GetSeries(
    const View& view, SeriesId id, absl::Time as_of = absl::InfiniteFuture());
// Empty if there is none.
absl::StatusOr<std::optional<SeriesId>> FindSeriesId(
    const View& view, const series::SeriesKey& key);
absl::StatusOr<std::optional<StoredKey>> FindStoredKey(
    const View& view, const series::SeriesKey& key);

// As Reader::SelectSeries.
absl::StatusOr<std::vector<SeriesEntry>> SelectSeries(
    const View& view, const series::Selector& selector, size_t limit,
    const std::optional<series::SeriesKey>& after,
    OwnSeries own = OwnSeries::kIfAskedFor);

// The ids of the series that the selector matches, rising. Reads descriptions
// only where the index does not tell.
absl::StatusOr<std::vector<SeriesId>> SelectIds(
    const View& view, const series::Selector& selector);

// The own series of each source that writes `key`, by the name of the source;
// none unless it is contested.
absl::StatusOr<std::vector<SeriesEntry>> OwnSeriesOf(
    const View& view, const series::SeriesKey& key);
// The own series of `source`, of all that it writes together with others.
absl::StatusOr<std::vector<SeriesEntry>> OwnSeriesBy(const View& view,
                                                     absl::string_view source);

// The greatest id in use, 0 if there is none.
absl::StatusOr<SeriesId> LastSeriesId(const View& view);

// Enters a series that is not in the catalogue.
void AddSeries(const StoredKey& stored, const series::SeriesInfo& info,
               WriteBatch* batch);
// INVALID_ARGUMENT if the series, which is in the catalogue, has another unit.
absl::Status CheckUnit(const View& view, SeriesId id,
                       const series::SeriesInfo& info);
// Replaces the description of a series that is in the catalogue, if it differs,
// as of `recorded_at`. As CheckUnit.
absl::Status UpdateSeries(const View& view, SeriesId id,
                          const series::SeriesInfo& info, Micros recorded_at,
                          WriteBatch* batch);
// Says anew who writes a series that is in the catalogue.
void UpdateOwner(const StoredKey& stored, const series::SeriesKey& key,
                 WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_
