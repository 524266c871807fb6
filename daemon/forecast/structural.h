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
#ifndef HEADWAY_DAEMON_FORECAST_STRUCTURAL_H_
#define HEADWAY_DAEMON_FORECAST_STRUCTURAL_H_

#include <array>
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

  // With the derivatives of both sums in each of FreeVariances.
  struct Gradient {
    std::array<double, kStructuralVariances> sum_of_squares;
    std::array<double, kStructuralVariances> sum_of_logs;
  };

  // Variances are not negative. The sums are infinite where a forecast error
  // has no variance. Afterwards the state is that after the last value.
  Likelihood Run(const StructuralVariances& variances);
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
  // A covariance matrix, its infinite part, or its derivative in a variance.
  using Matrix = double*;

  template <bool kGradient>
  Likelihood Filter(const StructuralVariances& variances, Gradient* gradient);
  template <bool kGradient>
  void Observe(int t, double value, double irregular, Likelihood& likelihood,
               Gradient* gradient);
  template <bool kGradient>
  void ObserveDiffuse(double value, double infinite, double finite);
  // From period t to the next.
  void Move(int t, const StructuralVariances& variances, int matrices);
  void MoveMatrix(int slot, Matrix matrix);
  void MoveMean(int slot, double* mean);
  void AddNoise(int variance, double amount, int slot, Matrix matrix);
  // What of the state period t shows.
  void SetShown(int t);
  void TimesShown(const double* matrix, double* product) const;
  double Shown(const double* state) const;

  int Slot(int t) const { return first_seasonal_ + t % seasonal_states_; }
  Matrix Covariance(int i) { return &covariances_[i * states_ * states_]; }
  double* Vector(std::vector<double>& vectors, int i) {
    return &vectors[i * states_];
  }

  absl::Span<const double> values_;
  StructuralForm form_;
  int season_;
  int states_;
  int first_seasonal_;
  int seasonal_states_;
  // Of the variances that the form has.
  std::vector<int> free_;
  int observed_ = 0;
  // [season][seasonal state], for harmonics.
  std::vector<double> waves_;

  // What one period shows: its position, or a weight for every state.
  int slot_ = 0;
  std::vector<double> shown_;

  // The value first, then its derivatives. [1 + free][state] and
  // [1 + free][state][state].
  std::vector<double> means_;
  std::vector<double> covariances_;
  std::vector<double> products_;  // covariance times shown
  std::vector<double> gains_;
  std::vector<double> sums_;  // [state]
  std::vector<double> infinite_;
  std::vector<double> infinite_product_;
  int diffuse_left_ = 0;
  std::vector<double> surprises_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_STRUCTURAL_H_
