// Seasonal-trend decomposition by loess.
//
// STL: Cleveland, Cleveland, McRae, Terpenning 1990, "STL: A Seasonal-Trend
// Decomposition Procedure Based on Loess", Journal of Official Statistics 6,
// with its inner and outer loops and robustness weights. Loess is evaluated at
// every `jump`-th period and interpolated linearly between. The numbers agree
// with the authors' program, R's `stl` and statsmodels.
//
// MSTL: Bandara, Hyndman, Bergmeir 2021, "MSTL: A Seasonal-Trend Decomposition
// Algorithm for Time Series with Multiple Seasonal Patterns", arXiv 2107.13462:
// one STL for each cycle in turn, of the series less the other seasonal
// components.
//
// Values hold no NaN; seasonality.h fills gaps. Once `stop` is requested, a
// function returns early, with components of any value. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_STL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_STL_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// A loess smoother. `window` is the number of nearest values that take part
// (odd, at least 3), `degree` that of the local polynomial (0 or 1), `jump` the
// distance, in periods, of the points at which it is evaluated.
struct Loess {
  int window = 7;
  int degree = 1;
  int jump = 1;
};

struct StlOptions {
  int season = 2;  // at least 2
  Loess seasonal;
  Loess trend;
  Loess low_pass;
  int inner = 2;  // passes of the inner loop, at least 1
  int outer = 0;  // robust passes, each with weights from the remainders
};

// The defaults of R's `stl`: the window of the trend follows from the two
// others, and jumps are a tenth of the windows. If robust, one inner pass and
// fifteen outer ones.
StlOptions DefaultStlOptions(int season, int seasonal_window,
                             bool robust = false);

struct StlDecomposition {
  std::vector<double> seasonal;
  std::vector<double> trend;
  // The robustness weights, all 1 without outer passes.
  std::vector<double> weights;
};

// values = seasonal + trend + remainder. Needs two cycles of values.
StlDecomposition DecomposeStl(absl::Span<const double> values,
                              const StlOptions& options, StopRequest stop = {});

struct MstlDecomposition {
  std::vector<int> cycles;
  // The seasonal component of each of `cycles`. [cycle][value]
  std::vector<std::vector<double>> seasonal;
  std::vector<double> trend;
};

// `cycles` holds at least one cycle and rises; each fits twice into the values.
// The seasonal windows are those of R's `mstl`: 11 for the first cycle, 15 for
// the second, and so on. There are two iterations.
MstlDecomposition DecomposeMstl(absl::Span<const double> values,
                                absl::Span<const int> cycles,
                                StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_STL_H_
