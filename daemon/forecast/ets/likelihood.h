// The likelihood of exponential smoothing in state-space form, and its
// gradient.
//
// Hyndman, Koehler, Ord, Snyder 2008, as in form.h. A missing value (NaN) moves
// the state without an innovation and does not count in the likelihood.
//
// This is the reference for the recursion: it covers every form, one set of
// parameters at a time. lanes.h computes the same for several sets at once in
// SIMD lanes, and a test compares the two.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_LIKELIHOOD_H_
#define HEADWAY_DAEMON_FORECAST_ETS_LIKELIHOOD_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/ets/form.h"

namespace headway::forecast {

// This share of the sum of squared values (of the number of values, for
// multiplicative errors) is added to the sum of squared errors, so that a
// perfect fit has a finite likelihood. It is the square of relative rounding
// errors, far below the errors of any other fit.
inline constexpr double kEtsLeastSquaresShare = 1e-28;

// Minus twice the log-likelihood of one form on one series, without the
// constant, as R reports it: n log(sum of squared errors), plus twice the sum
// of log |fitted| for multiplicative errors.
//
// Holds the work space of the recursion, so that an evaluation does not
// allocate. Not thread-safe.
class EtsLikelihood {
 public:
  // `values` is borrowed and must outlive this. `season` is ignored for a form
  // without one.
  EtsLikelihood(absl::Span<const double> values, const EtsForm& form,
                int season);

  // Infinite if the recursion overflows or leaves the real numbers.
  double Evaluate(const EtsSmoothing& smoothing, const EtsState& initial);

  // The same, and its gradient in all parameters and initial states, by
  // reverse-mode differentiation. The seasonal states count as independent of
  // each other.
  struct Gradient {
    EtsSmoothing smoothing;
    EtsState initial;
  };
  double EvaluateWithGradient(const EtsSmoothing& smoothing,
                              const EtsState& initial, Gradient& gradient);

  // Of the last evaluation: the sum of squared errors, relative ones for
  // multiplicative errors.
  double sum_of_squares() const { return sum_of_squares_; }
  EtsState FinalState() const;

  int observed() const { return observed_; }
  const EtsForm& form() const { return form_; }
  absl::Span<const double> values() const { return values_; }
  int season() const { return season_; }

 private:
  template <EtsComponent kError, EtsComponent kTrend, EtsComponent kSeason>
  void Forward(const EtsSmoothing& smoothing);
  template <EtsComponent kError, EtsComponent kTrend, EtsComponent kSeason>
  void Backward(const EtsSmoothing& smoothing, Gradient& gradient);
  template <EtsComponent kError, EtsComponent kTrend>
  void ChooseSeason();
  template <EtsComponent kError>
  void ChooseTrend();

  absl::Span<const double> values_;
  EtsForm form_;
  int season_;
  int observed_ = 0;
  double least_squares_ = 0;  // see kEtsLeastSquaresShare

  void (EtsLikelihood::*forward_)(const EtsSmoothing&) = nullptr;
  void (EtsLikelihood::*backward_)(const EtsSmoothing&, Gradient&) = nullptr;

  // The state, and the numbers of each period that the way back needs.
  double level_ = 0;
  double growth_ = 0;
  std::vector<double> seasonal_;      // [season], by period modulo season
  std::vector<double> old_level_;     // before the period
  std::vector<double> old_growth_;    // before the period
  std::vector<double> damped_;        // growth after damping
  std::vector<double> base_;          // level with growth
  std::vector<double> old_seasonal_;  // before the period
  std::vector<double> surprise_;      // of the seasonally adjusted value
  std::vector<double> fitted_;
  double sum_of_squares_ = 0;
  double sum_of_logs_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_LIKELIHOOD_H_
