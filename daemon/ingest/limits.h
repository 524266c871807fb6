#ifndef HEADWAY_DAEMON_INGEST_LIMITS_H_
#define HEADWAY_DAEMON_INGEST_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace headway::ingest {

// Bounds on one execution of a plugin. docs/plugins.md says what each counts.
struct Limits {
  absl::Duration wall_time = absl::Minutes(10);
  absl::Duration cpu_time = absl::Minutes(5);
  int64_t memory_bytes = int64_t{2} << 30;
  int64_t output_bytes = int64_t{256} << 20;
  int64_t max_series = 100000;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_LIMITS_H_
