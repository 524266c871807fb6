// Minimisation of a smooth function within a box, and of a function of one
// variable.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_OPTIMIZE_H_
#define HEADWAY_DAEMON_FORECAST_MATH_OPTIMIZE_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct Minimum {
  std::vector<double> x;
  double value = 0;
  int evaluations = 0;
};

// Writes the gradient at x and returns the value. Infinity means that x is not
// allowed; the gradient is then not read.
using Objective = absl::FunctionRef<double(absl::Span<const double> x,
                                           absl::Span<double> gradient)>;

struct Box {
  std::vector<double> lower;
  std::vector<double> upper;
};

struct MinimizeOptions {
  // The search ends when two steps in a row each lower the value by less than
  // this.
  double tolerance = 1e-6;
  int max_evaluations = 400;
  // Prior estimates of the second derivatives, up to a common factor: one for
  // each variable. Empty stands for ones.
  std::vector<double> curvature;
};

// A search for a local minimum that asks for one evaluation after another, so
// that the caller can evaluate several searches side by side:
//
//   BoxSearch search(start, box, options);
//   while (!search.done()) search.Tell(f(search.point(), search.gradient()));
//
// BFGS on the free variables, with a backtracking search along the projected
// direction (Bertsekas 1982, "Projected Newton Methods for Optimization
// Problems with Simple Constraints", SIAM Journal on Control and Optimization
// 20). Variables should be scaled so that a step of about one matters. Not
// thread-safe.
class BoxSearch {
 public:
  // `start` must be within the box, which is borrowed.
  BoxSearch(std::vector<double> start, const Box& box,
            const MinimizeOptions& options);

  bool done() const { return done_; }
  // The point at which the function is to be evaluated next, and the place to
  // write its gradient to.
  absl::Span<const double> point() const { return trial_; }
  absl::Span<double> gradient() { return absl::MakeSpan(trial_gradient_); }
  // The value at point(); infinity if the point is not allowed, and the
  // gradient is then not read.
  void Tell(double value);

  // The best point and value so far.
  const std::vector<double>& x() const { return x_; }
  double value() const { return value_; }
  // By how much the next step would lower the value if the function were
  // quadratic.
  double expected_gain() const { return -slope_ / 2; }
  int evaluations() const { return evaluations_; }

 private:
  void ResetCurvature();
  void SetInverse(double scale);
  void FindFreeVariables();
  bool SetDirection();
  void BeginLine();
  void SetTrial();
  double Shrinkage(double value) const;
  void Accept(double value);
  void UpdateInverse(double along);

  const Box& box_;
  const MinimizeOptions options_;
  const size_t n_;
  std::vector<double> x_;
  std::vector<double> gradient_;
  std::vector<double> prior_;    // inverse of options_.curvature
  std::vector<double> inverse_;  // [row * n_ + column], symmetric
  std::vector<double> direction_;
  std::vector<double> trial_;
  std::vector<double> trial_gradient_;
  std::vector<double> step_;
  std::vector<double> change_;
  std::vector<double> product_;
  std::vector<char> free_;
  double value_ = 0;
  double slope_ = 0;     // along the direction
  double length_ = 1;    // of the trial step along the direction
  double promised_ = 0;  // the gain that the slope promises for it
  int attempt_ = 0;
  int small_gains_ = 0;
  int evaluations_ = 0;
  bool fresh_ = true;
  bool done_ = false;
};

// Runs a BoxSearch to its end. Never returns a value above the one at `start`,
// which must be allowed. Ends after one evaluation once `stop`, which the
// objective asks as it works, is requested. Deterministic; thread-safe.
Minimum MinimizeInBox(Objective objective, std::vector<double> start,
                      const Box& box, const MinimizeOptions& options,
                      StopRequest stop = {});

// The minimiser of a function of one variable in [low, high], to 1e-6: the best
// of `grid` + 1 equally spaced points, then a golden-section search between its
// neighbours. Ends early once `stop`, which the function asks as it works, is
// requested. Deterministic; thread-safe.
double MinimizeOnInterval(absl::FunctionRef<double(double)> function,
                          double low, double high, int grid,
                          StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_OPTIMIZE_H_
