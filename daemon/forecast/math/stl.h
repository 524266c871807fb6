// Seasonal-trend decomposition by loess.
//
// STL: Cleveland, Cleveland, McRae, Terpenning, "STL: A Seasonal-Trend
// Decomposition Procedure Based on Loess", Journal of Official Statistics 1990,
// with its inner and outer loops, robustness weights, and loess that is
// evaluated at every `jump` periods and joined by lines. The numbers are those
// of the authors' own program, of R's `stl` and of statsmodels.
//
// MSTL: Bandara, Hyndman, Bergmeir, "MSTL: A Seasonal-Trend Decomposition
// Algorithm for Time Series with Multiple Seasonal Patterns", 2021: one STL for
// each cycle in turn, on what the others leave.
//
// Values hold no NaN (seasonality.h fills gaps). Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_STL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_STL_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

// A loess smoother: how many of the nearest values take part (odd, at least
// 3), the degree of the polynomial (0 or 1), and the distance of the periods at
// which it is evaluated.
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
  int outer = 0;  // robust passes: each weighs values by their remainders
};

// The options that R's `stl` has by default: the trend's window from the two
// others, jumps of a tenth of the windows. Robust: one inner pass and fifteen
// outer ones.
StlOptions DefaultStlOptions(int season, int seasonal_window,
                             bool robust = false);

struct StlDecomposition {
  std::vector<double> seasonal;
  std::vector<double> trend;
  // Robustness weights, all 1 without outer passes.
  std::vector<double> weights;
};

// values = seasonal + trend + remainder. Needs two cycles of values.
StlDecomposition DecomposeStl(absl::Span<const double> values,
                              const StlOptions& options);

struct MstlDecomposition {
  std::vector<int> cycles;
  // One for each of `cycles`.
  std::vector<std::vector<double>> seasonal;
  std::vector<double> trend;
};

// `cycles` rise and each fits twice into the values. The seasonal windows are
// R's: 11 for the first cycle, 15 for the second, and so on; two iterations.
// There is at least one cycle.
MstlDecomposition DecomposeMstl(absl::Span<const double> values,
                                absl::Span<const int> cycles);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_STL_H_
