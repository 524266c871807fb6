// Bounds on what one source may use and keep. Value types.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_LIMITS_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_LIMITS_H_

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
  // Of its scratch directory, and of /tmp.
  int64_t scratch_bytes = int64_t{256} << 20;
  // At once, threads among them.
  int32_t max_processes = 256;
};

// Which raw documents of a source are kept, and how long.
struct DocumentPolicy {
  bool disabled = false;
  // From the start of their pull.
  absl::Duration keep = absl::Hours(24 * 400);
  // Bytes on the disk, each body counted once; the oldest pulls are dropped
  // first.
  int64_t keep_bytes = int64_t{1} << 30;
  // A larger document is not kept, nor is one that would bring the documents of
  // its pull above max_pull_bytes.
  int64_t max_document_bytes = int64_t{32} << 20;
  int64_t max_pull_bytes = int64_t{256} << 20;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_LIMITS_H_
