// Structural time series models: a level, a slope and a season that drift, seen
// through noise; their Kalman filter and its likelihood.
//
//   y[t] = level[t] + season[t] + irregular
//   level[t+1] = level[t] + slope[t] + noise    slope[t+1] = slope[t] + noise
//
// Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter",
// Cambridge 1989; Durbin, Koopman, "Time Series Analysis by State Space
// Methods", 2nd ed., Oxford 2012, chapters 3 to 7. All noise is normal and
// independent.
//
// The first state is diffuse, exactly: the filter carries the finite and the
// infinite part of its covariance apart (Koopman 1997, "Exact initial Kalman
// filtering and smoothing", JASA 92). A missing value (NaN) moves the state and
// does not count.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_STRUCTURAL_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_STRUCTURAL_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

enum class StructuralTrend {
  kLevel,   // no slope
  kDrift,   // a level that drifts about a fixed slope
  kSmooth,  // a slope that drifts, and a level without noise of its own
  kLinear,  // both drift: the local linear trend
};

// Either way one variance, and one state less than there are seasons.
enum class StructuralSeason {
  kNone,
  kDummy,          // effects of one cycle sum to noise
  kTrigonometric,  // all harmonics, whose coefficients drift alike
};

struct StructuralForm {
  StructuralTrend trend = StructuralTrend::kLevel;
  StructuralSeason season = StructuralSeason::kNone;

  bool has_slope() const { return trend != StructuralTrend::kLevel; }
  bool has_season() const { return season != StructuralSeason::kNone; }
  // All are diffuse at first.
  int CountStates(int season_length) const;

  friend bool operator==(const StructuralForm&,
                         const StructuralForm&) = default;
};

// "Local linear trend with dummy season".
std::string StructuralName(const StructuralForm& form);

// The variances of the irregular and of the noise of the components, in this
// order. Those that the form does not have are zero and ignored.
inline constexpr int kStructuralVariances = 4;
struct StructuralVariances {
  double irregular = 0;
  double level = 0;
  double slope = 0;
  double season = 0;
};

// Which of the variances a form has, as positions in StructuralVariances.
std::vector<int> FreeVariances(const StructuralForm& form);

// One form's filter on one series. Holds its work space, so that running it
// allocates nothing. Not thread-safe: one for each thread.
class StructuralFilter {
 public:
  // `values` is borrowed and must outlive this. `season` >= 2 for a form with
  // one; of no account otherwise.
  StructuralFilter(absl::Span<const double> values, const StructuralForm& form,
                   int season);

  // What the likelihood is made of.
  struct Likelihood {
    // Of the values after which no part of the state is diffuse.
    int counted = 0;
    // How many served to start: those with an infinite variance.
    int diffuse = 0;
    double sum_of_squares = 0;  // of the errors, each over its variance
    double sum_of_logs = 0;     // of these variances; finite part if diffuse

    // Diffuse, with the variances as given (Durbin and Koopman, 7.2.2).
    double Log() const;
  };

  // The derivatives of both sums in each of FreeVariances.
  struct Gradient {
    std::array<double, kStructuralVariances> sum_of_squares;
    std::array<double, kStructuralVariances> sum_of_logs;
  };

  // Variances are not negative. The sums are infinite where a forecast error
  // has no variance. Afterwards the state is that after the last value.
  Likelihood Run(const StructuralVariances& variances);
  // The derivatives come from one pass of the disturbance smoother back over
  // the series (Koopman, Shephard 1992, "Exact score for time series models in
  // state space form", Biometrika 79), whatever their number.
  Likelihood RunWithGradient(const StructuralVariances& variances,
                             Gradient& gradient);

  // After Run: whether the values told every part of the state.
  bool is_identified() const { return diffuse_left_ == 0; }

  // After Run: minus twice the logarithm of the density of every value given
  // those before it; NaN for missing ones and those that served to start.
  // [values]
  absl::Span<const double> surprises() const { return surprises_; }

  // Mean and variance of the values after the last one, by steps ahead. After
  // Run, with the same variances; Run again before the next call.
  void Forecast(const StructuralVariances& variances, absl::Span<double> mean,
                absl::Span<double> variance);

  const StructuralForm& form() const { return form_; }

 private:
  // Symmetric, row by row: a covariance, or what the smoother weighs by.
  using Matrix = double*;

  void Observe(int t, double irregular, Likelihood& likelihood);
  void ObserveDiffuse(int t, double infinite, double finite);
  // From the period before to the one whose dummy takes `slot`.
  void Move(int slot, const StructuralVariances& variances);
  void MoveMatrix(int slot, Matrix matrix);
  void AddNoise(int variance, double amount, int slot);
  // The same backwards, by the transposed matrices.
  void MoveBack(int slot);
  void ObserveBack(int t, Gradient& gradient);
  void AddNoiseBack(int slot, Gradient& gradient) const;
  // What of the state period t shows.
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

  // What one period shows: the position of its dummy, or a weight for every
  // state.
  int slot_ = 0;
  std::vector<double> shown_;

  std::vector<double> mean_;        // [state]
  std::vector<double> covariance_;  // [state][state]
  std::vector<double> product_;     // covariance times shown
  std::vector<double> sums_;        // [state]
  std::vector<double> infinite_;    // [state][state]
  std::vector<double> infinite_product_;
  int diffuse_left_ = 0;

  // What each period leaves for the way back.
  std::vector<double> surprises_;
  std::vector<double> errors_;
  std::vector<double> shares_;  // one over the error's variance; 0 if diffuse
  std::vector<double> gains_;   // [period][state]

  // On the way back: what the values from a period on ask the state to be, and
  // how firmly.
  std::vector<double> pull_;       // [state]
  std::vector<double> precision_;  // [state][state]
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_STRUCTURAL_H_
