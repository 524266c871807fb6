// The series that the store knows, and which of them a selector matches.
//
// Functions over a view of the engine, so that what they find is exactly what
// was committed when the view was made. The inverted index (label -> series)
// is only on disk: nothing to load at the start, nothing that grows in memory.
// Errors: NOT_FOUND, DATA_LOSS, and those of the engine. Thread-safe.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_
#define HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/series/selector.h"
#include "daemon/series/series_info.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/types.h"

namespace headway::store {

absl::StatusOr<SeriesEntry> GetSeries(const View& view, SeriesId id);
// Empty if there is none.
absl::StatusOr<std::optional<SeriesId>> FindSeriesId(
    const View& view, const series::SeriesKey& key);

// As Reader::SelectSeries.
absl::StatusOr<std::vector<SeriesEntry>> SelectSeries(
    const View& view, const series::Selector& selector, size_t limit,
    const std::optional<series::SeriesKey>& after);

// The ids of the series that the selector matches, rising. Reads descriptions
// only where the index does not tell.
absl::StatusOr<std::vector<SeriesId>> SelectIds(
    const View& view, const series::Selector& selector);

// The greatest id in use, 0 if there is none.
absl::StatusOr<SeriesId> LastSeriesId(const View& view);

// Enters a series that is not in the catalogue. `description` is what
// EncodeSeriesInfo gives for it.
void AddSeries(SeriesId id, const series::SeriesKey& key,
               absl::string_view description, WriteBatch* batch);
// Replaces the description of a series that is in the catalogue, if it differs.
absl::Status UpdateSeries(const View& view, SeriesId id,
                          absl::string_view description, WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_CATALOGUE_H_
