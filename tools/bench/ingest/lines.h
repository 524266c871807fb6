// A plugin that says prepared lines of JSON as fast as it can.
#ifndef HEADWAY_TOOLS_BENCH_INGEST_LINES_H_
#define HEADWAY_TOOLS_BENCH_INGEST_LINES_H_

#include <string>

#include "absl/status/status.h"
#include "tools/bench/ingest/workload.h"

namespace headway::bench {

// A shell script that copies the file `lines` beside it to its output.
absl::Status WriteLinesPlugin(const std::string& path);

// What a plugin says of the workload, one message a line.
absl::Status WriteLines(const Workload& workload, const std::string& path);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_INGEST_LINES_H_
