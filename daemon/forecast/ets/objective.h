// What a fit of exponential smoothing minimises, in variables that suit a
// search: the likelihood's parameters within a box, with the shrinkage.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_OBJECTIVE_H_
#define HEADWAY_DAEMON_FORECAST_ETS_OBJECTIVE_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/ets.h"
#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::forecast {

// Smoothing parameters that a search begins with.
struct EtsStartingPoint {
  double alpha = 0;
  double beta_share = 0;
  double gamma_share = 0;
};

// Where the searches for the form begin: the likelihood has several maxima.
// Shrinkage takes most of them away.
std::vector<EtsStartingPoint> EtsStartingPoints(const EtsForm& form,
                                                const EtsShrinkage& shrinkage);

// The variables x of one form on one series. The box is a product of intervals
// because beta and gamma are given as shares of what alpha leaves them:
//   alpha; (beta - least) / (alpha - least); (gamma - least) / (1 - alpha -
//   least); phi; then states, as distances from the starting state in units of
//   a typical change.
// Not thread-safe.
class EtsObjective {
 public:
  // `values` is borrowed for the constructor only.
  EtsObjective(absl::Span<const double> values, const EtsForm& form, int season,
               EtsState start, const EtsShrinkage& shrinkage);

  const EtsForm& form() const { return form_; }
  const Box& box() const { return box_; }
  std::vector<double> Start(const EtsStartingPoint& point) const;

  // Sets smoothing() and state() to those at x. False where they lie outside
  // the admissible region.
  bool Unpack(absl::Span<const double> x);
  const EtsSmoothing& smoothing() const { return smoothing_; }
  const EtsState& state() const { return state_; }

  // About the second derivatives of what is minimised with shrinkage.
  std::vector<double> Curvature() const;

  // What shrinkage charges at x.
  double Charge(absl::Span<const double> x) const;

  // The gradient in x of likelihood and charge, from that of the likelihood.
  void PackGradient(absl::Span<const double> x,
                    const EtsLikelihood::Gradient& likelihood,
                    absl::Span<double> gradient) const;

 private:
  void SetScales(absl::Span<const double> values);
  void SetBox();
  void Add(double lower, double upper);
  bool IsAllowed();
  // The index in x of the first state.
  size_t FirstState() const;

  const EtsForm form_;
  const int season_;
  const EtsState start_;
  const EtsShrinkage shrinkage_;
  int observed_ = 0;
  double level_scale_ = 1;
  double growth_scale_ = 1;
  double seasonal_scale_ = 1;
  Box box_;
  EtsSmoothing smoothing_;
  EtsState state_;
  std::vector<double> polynomial_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_OBJECTIVE_H_
