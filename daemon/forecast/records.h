// Paths of a record: the best score so far, the largest yet, which never falls.
//
// Records arrive one by one, and nothing is known of a day on which none came.
// They are taken to arrive as a Poisson process, whose rate is as uncertain as
// the number of those that it is learned from makes it (a gamma distribution of
// that many arrivals in the days that they took); each raises the record by one
// of the past rises, drawn again: by a factor where the records have doubled
// over those days, else by an amount. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_RECORDS_H_
#define HEADWAY_DAEMON_FORECAST_RECORDS_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/paths.h"

namespace headway::forecast {

// A value on its day, by any count of days.
struct Release {
  int32_t day = 0;
  double value = 0;
};

struct RecordOptions {
  // The last day of which all releases are known, not before the last of them.
  int32_t known_until = 0;
  // The days after it, at least 1.
  int days = 1;
  // At most as CheckPathCount has it.
  int count = 1;
  uint64_t seed = 1;
  // As that of Options.
  std::function<bool()> stopped;
};

// `releases` in the order of their days. A row has the new record of each path
// to which one came on that day, and NaN for the others. FAILED_PRECONDITION:
// fewer than four records. CANCELLED: stopped.
absl::StatusOr<PathRows> DrawRecords(absl::Span<const Release> releases,
                                     const RecordOptions& options);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_RECORDS_H_
