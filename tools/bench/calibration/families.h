// Series of random families, to learn the spread of forecasts from: every one
// has parameters of its own, so that what is learned from them is how a series
// tells its kind, and not the kinds that processes.h measures.
#ifndef HEADWAY_TOOLS_BENCH_CALIBRATION_FAMILIES_H_
#define HEADWAY_TOOLS_BENCH_CALIBRATION_FAMILIES_H_

#include <cstdint>
#include <vector>

namespace headway::bench {

struct RandomSeries {
  std::vector<double> values;
  int season = 1;
};

// Series number `index`: its family goes round with the index. `size` values.
// The same on every machine with the same C++ library.
RandomSeries DrawRandomSeries(int size, uint64_t index);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_CALIBRATION_FAMILIES_H_
