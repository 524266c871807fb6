// The likelihood of exponential smoothing and its gradient for several sets of
// parameters of one series side by side, in SIMD lanes.
//
// EtsLikelihood (likelihood.h) is the reference: each lane computes the same
// function as it does, up to rounding, and a test compares the two. The lanes
// share the series and the kind of error and season. Each lane has its own
// parameters, and a trend or none; forms with a multiplicative trend are left
// to EtsLikelihood.
//
// The instruction set is chosen at run time. No operation crosses lanes and no
// product is fused with a sum, so that the result of a lane depends neither on
// the instruction set nor on the other lanes. The one exception is the C
// library's logarithm, whose last digit may differ between processors.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_LANES_H_
#define HEADWAY_DAEMON_FORECAST_ETS_LANES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/likelihood.h"

namespace headway::forecast {

// Not thread-safe.
class EtsLanes {
 public:
  static constexpr int kLanes = 8;

  // `values` is borrowed and must outlive this. The trend of `form` must not be
  // multiplicative, and is otherwise ignored.
  EtsLanes(absl::Span<const double> values, const EtsForm& form, int season);

  // Sets the parameters of a lane. Without a trend, beta and growth are zero.
  void Set(int lane, const EtsSmoothing& smoothing, const EtsState& initial);

  // Evaluates the first `lanes` lanes.
  void Evaluate(int lanes);

  // Minus twice the log-likelihood. Infinite if the recursion overflows or
  // leaves the real numbers; the gradient is then undefined.
  double value(int lane) const { return value_[lane]; }
  void GetGradient(int lane, EtsLikelihood::Gradient& gradient) const;

 private:
  using Lanes = double[kLanes];

  absl::Span<const double> values_;
  EtsForm form_;
  int season_;
  int observed_ = 0;
  double least_squares_ = 0;  // see kEtsLeastSquaresShare
  // A typical size of the values, which keeps their products within the range
  // of a double.
  double size_ = 1;

  Lanes alpha_ = {};
  Lanes beta_ = {};
  Lanes gamma_ = {};
  Lanes phi_ = {};
  Lanes level_ = {};
  Lanes growth_ = {};
  std::vector<double> seasonal_;  // [season * kLanes]

  Lanes value_ = {};
  Lanes d_alpha_ = {};
  Lanes d_beta_ = {};
  Lanes d_gamma_ = {};
  Lanes d_phi_ = {};
  Lanes d_level_ = {};
  Lanes d_growth_ = {};
  std::vector<double> d_seasonal_;  // [season * kLanes]

  // The numbers of each period that the way back needs. [values * kLanes]
  std::vector<double> trace_growth_;
  std::vector<double> trace_surprise_;
  std::vector<double> trace_inverse_;
  std::vector<double> trace_base_;
  std::vector<double> trace_seasonal_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_LANES_H_
