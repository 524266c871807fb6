// Exponential smoothing in state-space form: the forms, the recursion and the
// likelihood.
//
// Hyndman, Koehler, Ord, Snyder, "Forecasting with Exponential Smoothing: The
// State Space Approach", Springer 2008. Parametrised as in R's forecast
// package: beta is on the scale of alpha, gamma on that of 1 - alpha.
//
// A missing value (NaN) moves the state without an innovation and does not
// count in the likelihood. Thread-safe unless said otherwise.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_ETS_H_
#define HEADWAY_DAEMON_FORECAST_ETS_ETS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

enum class EtsComponent { kNone, kAdditive, kMultiplicative };

struct EtsForm {
  EtsComponent error = EtsComponent::kAdditive;  // never kNone
  EtsComponent trend = EtsComponent::kNone;
  bool damped = false;  // only with a trend
  EtsComponent season = EtsComponent::kNone;

  bool has_trend() const { return trend != EtsComponent::kNone; }
  bool has_season() const { return season != EtsComponent::kNone; }

  friend bool operator==(const EtsForm&, const EtsForm&) = default;
};

// "ETS(M,Ad,M)".
std::string EtsName(const EtsForm& form);

struct EtsSmoothing {
  double alpha = 0;
  double beta = 0;
  double gamma = 0;
  double phi = 1;
};

struct EtsState {
  double level = 0;
  double growth = 0;
  // [season]; seasonal[i] belongs to the period i + 1 ahead. Empty if none.
  std::vector<double> seasonal;
};

// Added to the sum of squares is this share of the sum of squared values (or of
// ones, for multiplicative errors), so that a perfect fit has a finite
// likelihood: squared relative rounding, far below the error of any other fit.
inline constexpr double kEtsLeastSquaresShare = 1e-28;

// Minus twice the log-likelihood of one form on one series, without the
// constant, as R reports it: n log(sum of squared errors), plus twice the sum
// of log |fitted| for multiplicative errors.
//
// Holds the work space of the recursion, so that an evaluation allocates
// nothing. Not thread-safe: one for each thread.
class EtsLikelihood {
 public:
  // `values` is borrowed and must outlive this. `season` is of no account for a
  // form without one.
  EtsLikelihood(absl::Span<const double> values, const EtsForm& form,
                int season);

  // Infinite where the recursion leaves the reals.
  double Evaluate(const EtsSmoothing& smoothing, const EtsState& initial);

  // The same, with its gradient in all parameters and initial states. The
  // seasonal states count as free of each other.
  struct Gradient {
    EtsSmoothing smoothing;
    EtsState initial;
  };
  double EvaluateWithGradient(const EtsSmoothing& smoothing,
                              const EtsState& initial, Gradient& gradient);

  // Of the last evaluation.
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

  // The state, and what the recursion leaves behind for each period.
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

#endif  // HEADWAY_DAEMON_FORECAST_ETS_ETS_H_
