// The likelihood of exponential smoothing and its gradient for several sets of
// parameters of one series side by side, in SIMD lanes.
//
// The lanes share the kind of error and season; each has its own parameters,
// and a trend or none. What EtsLikelihood says holds for each, up to rounding.
// No operation crosses lanes and none is fused, so that the results do not
// depend on the instruction set, which is chosen when the program runs, nor on
// what stands in the other lanes; the C library's logarithm aside, which may
// differ by a last digit between processors.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_LANES_H_
#define HEADWAY_DAEMON_FORECAST_ETS_LANES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/ets.h"

namespace headway::forecast {

// Not thread-safe.
class EtsLanes {
 public:
  static constexpr int kLanes = 8;

  // `values` is borrowed and must outlive this. The form's trend is of no
  // account but that it must not be multiplicative: powers have no lanes.
  EtsLanes(absl::Span<const double> values, const EtsForm& form, int season);

  // Without a trend, beta and growth are zero.
  void Set(int lane, const EtsSmoothing& smoothing, const EtsState& initial);

  // The first `lanes`.
  void Evaluate(int lanes);

  // Minus twice the log-likelihood; infinite where the recursion leaves the
  // reals, and the gradient is then not to be used.
  double value(int lane) const { return value_[lane]; }
  void GetGradient(int lane, EtsLikelihood::Gradient& gradient) const;

 private:
  using Lanes = double[kLanes];

  absl::Span<const double> values_;
  EtsForm form_;
  int season_;
  int observed_ = 0;
  double least_squares_ = 0;  // see kEtsLeastSquaresShare
  // A typical size of the values, which keeps products of them in range.
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

  // What the recursion leaves behind for each period. [values * kLanes]
  std::vector<double> trace_growth_;
  std::vector<double> trace_surprise_;
  std::vector<double> trace_inverse_;
  std::vector<double> trace_base_;
  std::vector<double> trace_seasonal_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_LANES_H_
