// A lower bound on the bytes of a data set: what no codec can leave out.
//
// A value is a level, a trend and a season, which a codec may know, and noise,
// which it may not. Of a month's value x with d decimals the noise alone takes
//
//   log2(x * s * sqrt(2 pi e) * 10^d) bits
//
// for noise that is normal with the relative deviation s: the differential
// entropy of the noise over the step of the last digit (Cover and Thomas,
// Elements of Information Theory, 8.3). s is taken from the series: of log x
// after the step from the last month, or after the same month's step of the
// last year is taken off, whichever is the smaller.
#ifndef HEADWAY_TOOLS_BENCH_STORE_NOISE_FLOOR_H_
#define HEADWAY_TOOLS_BENCH_STORE_NOISE_FLOOR_H_

#include <cstdint>

#include "tools/bench/store/real_data.h"

namespace headway::bench {

struct NoiseFloor {
  int64_t points = 0;
  // Of all the points together.
  double bytes = 0;
};

// Over the monthly series of at least three years; the others tell no s.
NoiseFloor ComputeNoiseFloor(const SeriesColumns& columns);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_NOISE_FLOOR_H_
