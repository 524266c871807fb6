#include "daemon/store/stats.h"

#include <memory>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/store/catalogue.h"
#include "daemon/store/commit_log.h"
#include "daemon/store/format.h"

namespace headway::store {

absl::StatusOr<StoreStats> GetStats(const Store& store) {
  const std::unique_ptr<RocksView> view = store.engine().NewView();
  StoreStats stats;
  // An older one is not opened, and a newer one neither.
  stats.format = kFormatVersion;
  ASSIGN_OR_RETURN(SeriesId last_series, LastSeriesId(*view));
  stats.series = static_cast<int64_t>(last_series);
  ASSIGN_OR_RETURN(std::vector<NumberedCommit> first,
                   CommitsAfter(*view, 0, 1));
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(*view));
  stats.commits = last.first;
  if (!first.empty()) {
    stats.oldest_recorded_at =
        absl::FromUnixMicros(first.front().second.recorded_at);
    stats.newest_recorded_at = absl::FromUnixMicros(last.second.recorded_at);
  }
  ASSIGN_OR_RETURN(stats.usage, store.engine().GetUsage());
  return stats;
}

}  // namespace headway::store
