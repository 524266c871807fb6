// The function that a fit of exponential smoothing minimises: the likelihood
// and the penalty of the shrinkage, in variables within a box.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_OBJECTIVE_H_
#define HEADWAY_DAEMON_FORECAST_ETS_OBJECTIVE_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/form.h"
#include "daemon/forecast/ets/likelihood.h"
#include "daemon/forecast/ets/shrinkage.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::forecast {

// The smoothing parameters at which a search starts. Shares are those of
// EtsObjective. Phi starts close to its upper limit.
struct EtsStartingPoint {
  double alpha = 0;
  double beta_share = 0;
  double gamma_share = 0;
};

// Where the searches for the form start. Full likelihood has several maxima and
// needs more starts; shrinkage removes most of them.
std::vector<EtsStartingPoint> EtsStartingPoints(const EtsForm& form,
                                                const EtsShrinkage& shrinkage);

// The variables x of one form on one series. Beta and gamma are given as shares
// of the intervals that alpha leaves them, so that the box is a product of
// intervals:
//
//   alpha
//   (beta - least) / (alpha - least)          with a trend
//   (gamma - least) / (1 - alpha - least)     with a season
//   phi                                       if damped
//   the states, as distances from the starting state in units of a typical
//   change
//
// Not thread-safe.
class EtsObjective {
 public:
  // `values` is borrowed for the constructor only.
  EtsObjective(absl::Span<const double> values, const EtsForm& form, int season,
               EtsState start, const EtsShrinkage& shrinkage);

  const EtsForm& form() const { return form_; }
  const Box& box() const { return box_; }
  std::vector<double> Start(const EtsStartingPoint& point) const;

  // Sets smoothing() and state() to the parameters at x. False if they lie
  // outside the admissible region.
  bool Unpack(absl::Span<const double> x);
  const EtsSmoothing& smoothing() const { return smoothing_; }
  const EtsState& state() const { return state_; }

  // Rough second derivatives of the function with shrinkage, for
  // MinimizeOptions::curvature.
  std::vector<double> Curvature() const;

  // The penalty of the shrinkage at x.
  double Charge(absl::Span<const double> x) const;

  // Writes the gradient in x of likelihood and penalty, given the gradient of
  // the likelihood.
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
