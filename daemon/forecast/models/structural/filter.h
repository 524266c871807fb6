// Structural time series models: a level, a slope and a season that change at
// random, observed with noise; their Kalman filter and its likelihood.
//
//   y[t] = level[t] + season[t] + irregular
//   level[t+1] = level[t] + slope[t] + noise    slope[t+1] = slope[t] + noise
//
// Harvey 1989, "Forecasting, Structural Time Series Models and the Kalman
// Filter", Cambridge; Durbin, Koopman 2012, "Time Series Analysis by State
// Space Methods", 2nd ed., Oxford, chapters 3 to 7. All noise is normal and
// independent.
//
// The first state is exactly diffuse: the filter carries the finite and the
// infinite part of its covariance separately (Koopman 1997, "Exact initial
// Kalman filtering and smoothing", JASA 92). A missing value (NaN) moves the
// state and does not count in the likelihood.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FILTER_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FILTER_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

enum class StructuralTrend {
  kLevel,   // no slope
  kDrift,   // a random level and a fixed slope
  kSmooth,  // a random slope, and a level without noise of its own
  kLinear,  // a random level and a random slope: the local linear trend
};

// Both kinds of season have one variance, and one state less than there are
// seasons.
enum class StructuralSeason {
  kNone,
  kDummy,          // the effects of one cycle sum to noise
  kTrigonometric,  // all harmonics, with random coefficients of one variance
};

struct StructuralForm {
  StructuralTrend trend = StructuralTrend::kLevel;
  StructuralSeason season = StructuralSeason::kNone;

  bool has_slope() const { return trend != StructuralTrend::kLevel; }
  bool has_season() const { return season != StructuralSeason::kNone; }
  // The number of states, all of which are diffuse at first.
  int CountStates(int season_length) const;

  friend bool operator==(const StructuralForm&,
                         const StructuralForm&) = default;
};

// "Local linear trend with dummy season".
std::string StructuralName(const StructuralForm& form);

// The variances of the irregular and of the noise of each component, in this
// order. Those that a form does not have are ignored.
inline constexpr int kStructuralVariances = 4;
struct StructuralVariances {
  double irregular = 0;
  double level = 0;
  double slope = 0;
  double season = 0;
};

// The variances that a form has, as positions in StructuralVariances.
std::vector<int> FreeVariances(const StructuralForm& form);

// The filter of one form on one series. Holds its work space, so that a run
// does not allocate. Not thread-safe.
class StructuralFilter {
 public:
  // `values` is borrowed and must outlive this. `season` is at least 2 for a
  // form with a season, and ignored otherwise.
  StructuralFilter(absl::Span<const double> values, const StructuralForm& form,
                   int season);

  // The parts of the likelihood.
  struct Likelihood {
    // The number of values that were forecast with a finite variance.
    int counted = 0;
    // The number of values that initialised the state: those with an infinite
    // variance.
    int diffuse = 0;
    double sum_of_squares = 0;  // of the errors, each over its variance
    double sum_of_logs = 0;     // of these variances; finite parts if diffuse

    // The diffuse log-likelihood, with the variances as given (Durbin, Koopman,
    // 7.2.2).
    double Log() const;
  };

  // The derivatives of both sums in each of FreeVariances.
  struct Gradient {
    std::array<double, kStructuralVariances> sum_of_squares;
    std::array<double, kStructuralVariances> sum_of_logs;
  };

  // No variance may be negative. The sums are infinite if the variance of a
  // forecast error is zero. Afterwards the filter holds the state after the
  // last value.
  Likelihood Run(const StructuralVariances& variances);
  // One pass of the disturbance smoother back over the series gives all
  // derivatives (Koopman, Shephard 1992, "Exact score for time series models in
  // state space form", Biometrika 79).
  Likelihood RunWithGradient(const StructuralVariances& variances,
                             Gradient& gradient);

  // After Run: whether the values determine every part of the state.
  bool is_identified() const { return diffuse_left_ == 0; }

  // After Run: minus twice the log-density of every value given those before
  // it; NaN for missing values and for those that initialised the state.
  // [values]
  absl::Span<const double> surprises() const { return surprises_; }

  // Mean and variance of the values after the last one, by steps ahead. To be
  // called after Run with the same variances; it moves the state, so that
  // another call needs another Run.
  void Forecast(const StructuralVariances& variances, absl::Span<double> mean,
                absl::Span<double> variance);

  const StructuralForm& form() const { return form_; }

 private:
  // Symmetric, row by row: a covariance, or the smoother's precision.
  using Matrix = double*;

  void Observe(int t, double irregular, Likelihood& likelihood);
  void ObserveDiffuse(int t, double infinite, double finite);
  // Moves the state from one period to the next, whose dummy takes `slot`.
  void Move(int slot, const StructuralVariances& variances);
  void MoveMatrix(int slot, Matrix matrix);
  void AddNoise(int variance, double amount, int slot);
  // The transposes of the above, for the way back.
  void MoveBack(int slot);
  void ObserveBack(int t, Gradient& gradient);
  void AddNoiseBack(int slot, Gradient& gradient) const;
  // Sets the row of the state that is observed in period t.
  void SetShown(int t);
  void TimesShown(const double* matrix, double* product) const;
  double Shown(const double* state) const;

  int Slot(int t) const {
    return first_seasonal_ + static_cast<int>(t % seasonal_states_);
  }
  double* Gain(int t) { return &gains_[t * states_]; }

  absl::Span<const double> values_;
  StructuralForm form_;
  int season_;
  ptrdiff_t states_;
  int first_seasonal_;
  ptrdiff_t seasonal_states_;
  // Of the variances that the form has.
  std::vector<int> free_;
  // [season][seasonal state], for harmonics.
  std::vector<double> waves_;

  // The row of the state observed in one period: the position of its dummy, or
  // a weight for every state.
  int slot_ = 0;
  std::vector<double> shown_;

  std::vector<double> mean_;        // [state]
  std::vector<double> covariance_;  // [state][state]
  std::vector<double> product_;     // covariance times shown
  std::vector<double> sums_;        // [state]
  std::vector<double> infinite_;    // [state][state]
  std::vector<double> infinite_product_;
  int diffuse_left_ = 0;

  // The numbers of each period that the way back needs.
  std::vector<double> surprises_;
  std::vector<double> errors_;
  std::vector<double> shares_;  // one over the error's variance; 0 if diffuse
  std::vector<double> gains_;   // [period][state]

  // On the way back: the smoother's weighted sum of the errors from a period
  // on, and its variance (Durbin, Koopman, r and N).
  std::vector<double> pull_;       // [state]
  std::vector<double> precision_;  // [state][state]
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FILTER_H_
