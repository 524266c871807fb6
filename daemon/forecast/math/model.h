// What the methods have in common: a series in, a prediction out.
//
// A method sees values of ordinary size without bounds: MakeForecast has scaled
// and transformed them, and turns the prediction back. Plain types.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {

// Borrowed for the length of a call.
struct ModelInput {
  // Oldest first. NaN is a missing value; the first and the last are present,
  // and at least two present values differ.
  absl::Span<const double> values;
  int season = 1;
  // Rising, each longer than `season`; empty if none were given.
  absl::Span<const int> long_seasons;
  int horizon = 1;
  // Each in (0, 1), in any order.
  absl::Span<const double> probabilities;
  uint64_t seed = 1;
};

struct Prediction {
  std::string model;
  std::vector<double> point;                   // [horizon]
  std::vector<double> mean;                    // [horizon]
  std::vector<std::vector<double>> quantiles;  // [horizon][probability]
  std::vector<std::string> notes;
};

// The prediction whose quantiles lie `scores` times the root of `variance` from
// `point`, which is also its mean.
Prediction ScoredPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> scores);

// The prediction with normal errors of `variance` about `point`, which is also
// its mean.
Prediction NormalPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> probabilities);

// The mean of predictions with the same horizon and probabilities; one weight
// each, above 0.
Prediction AveragePredictions(absl::Span<const Prediction> members,
                              absl::Span<const double> weights);

// Puts the season back into a prediction of adjusted values that starts at
// period `first`, counted from the first value.
void RestoreSeason(const SeasonalAdjustment& adjustment, int first,
                   Prediction& prediction);

// What lies before the first and after the last present value is cut off; one
// must be present.
struct Trimmed {
  absl::Span<const double> values;
  int trailing = 0;  // missing values at the end
};
Trimmed TrimMissing(absl::Span<const double> values);

// Puts quantiles in order that rounding may have set out of it by their last
// digit.
void OrderQuantiles(Prediction& prediction);

// OUT_OF_RANGE, with the remedy, where anything is not finite.
absl::Status CheckFinite(const Prediction& prediction);

// How many of `values` are not missing.
int CountPresent(absl::Span<const double> values);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_
