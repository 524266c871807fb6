#include "daemon/store/upkeep/stats.h"

#include <memory>

#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"

namespace headway::store {

absl::StatusOr<StoreStats> GetStats(const Store& store) {
  const std::unique_ptr<View> view = store.engine().LatestView();
  StoreStats stats;
  // An older one is not opened, and a newer one neither.
  stats.format = kFormatVersion;
  ASSIGN_OR_RETURN(SeriesId last_series, LastSeriesId(*view));
  stats.series = static_cast<int64_t>(last_series);
  // Not what is written and not yet synced.
  stats.commits = store.last_commit();
  if (stats.commits > 0) {
    ASSIGN_OR_RETURN(StoredCommit first, ReadCommit(*view, 1));
    ASSIGN_OR_RETURN(StoredCommit last, ReadCommit(*view, stats.commits));
    stats.oldest_recorded_at = absl::FromUnixMicros(first.recorded_at);
    stats.newest_recorded_at = absl::FromUnixMicros(last.recorded_at);
  }
  ASSIGN_OR_RETURN(stats.usage, store.engine().maintenance().GetUsage());
  return stats;
}

}  // namespace headway::store
