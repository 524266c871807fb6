// Minimisation of a smooth function within a box, and of a function of one
// number.
#ifndef HEADWAY_DAEMON_FORECAST_OPTIMIZE_H_
#define HEADWAY_DAEMON_FORECAST_OPTIMIZE_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"

namespace headway::forecast {

struct Minimum {
  std::vector<double> x;
  double value = 0;
  int evaluations = 0;
};

// Writes the gradient at x and returns the value; infinity where x is not
// allowed, and the gradient is then not read.
using Objective = absl::FunctionRef<double(absl::Span<const double> x,
                                           absl::Span<double> gradient)>;

struct Box {
  std::vector<double> lower;
  std::vector<double> upper;
};

struct MinimizeOptions {
  // Ends when two steps in a row each gain less than this.
  double tolerance = 1e-6;
  int max_evaluations = 400;
};

// A local minimum near `start`, which must be allowed and within the box:
// BFGS on the free variables with a backtracking search along the projected
// direction (Bertsekas 1982). Variables should be scaled to about one. Never
// returns a value above that at `start`. Deterministic; thread-safe.
Minimum MinimizeInBox(Objective objective, std::vector<double> start,
                      const Box& box, const MinimizeOptions& options);

// The least of a function of one number in [low, high], to 1e-6 of its place:
// the best of grid + 1 equally spaced points, and golden section between its
// neighbours. Deterministic; thread-safe.
double MinimizeOnInterval(absl::FunctionRef<double(double)> function,
                          double low, double high, int grid);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_OPTIMIZE_H_
