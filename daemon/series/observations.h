// A column of observations: the values of one series as known at one instant.
#ifndef HEADWAY_DAEMON_SERIES_OBSERVATIONS_H_
#define HEADWAY_DAEMON_SERIES_OBSERVATIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "daemon/series/observation_status.h"
#include "daemon/series/period.h"

namespace headway::series {

// ordinals[i] is the period of values[i]; both have the same length, ordinals
// rise strictly, values are finite. A missing period is simply not there.
// statuses is that of values (observation_status.h).
struct Observations {
  Frequency frequency = Frequency::kMonthly;
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // The newest vintage that went into the values; InfinitePast if none did.
  // The observations say nothing about periods that end after it.
  absl::Time known_at = absl::InfinitePast();
  Statuses statuses;

  size_t size() const { return ordinals.size(); }
  bool empty() const { return ordinals.empty(); }

  friend bool operator==(const Observations&, const Observations&) = default;
};

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_OBSERVATIONS_H_
