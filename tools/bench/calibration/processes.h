// Series of known processes, to measure what intervals are worth: the share of
// values within an interval is then a matter of counting.
#ifndef HEADWAY_TOOLS_BENCH_CALIBRATION_PROCESSES_H_
#define HEADWAY_TOOLS_BENCH_CALIBRATION_PROCESSES_H_

#include <cstdint>
#include <random>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::bench {

using Generator = std::mt19937_64;

// What must hold for a process.
enum class Kind {
  // Within the model class of the methods: nominal coverage.
  kPlain,
  // Whole numbers or values on a bound: a uniform randomised PIT, and coverage
  // of at least the nominal one.
  kAtoms,
  // No method knows the process: compared with an oracle that does.
  kOracle,
};

struct Process {
  absl::string_view name;
  Kind kind = Kind::kPlain;
  int season = 1;
  forecast::Bounds bounds = forecast::Bounds::kNone;
  // `size` values in a row.
  std::vector<double> (*draw)(int size, Generator& generator);
};

absl::Span<const Process> Processes();

// The series with number `index` of a process: the same on every machine with
// the same C++ library, and independent of all others.
std::vector<double> DrawSeries(const Process& process, int size,
                               uint64_t index);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_CALIBRATION_PROCESSES_H_
