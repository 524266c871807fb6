// The types that all methods share: what a method is given, and the prediction
// that it returns. Plain types and pure functions.
//
// A method is given values of ordinary size without bounds: auto/scale.h has
// scaled and transformed them, and transforms the prediction back.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_
#define HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// Spans are borrowed for the length of a call.
struct ModelInput {
  // Oldest first. NaN marks a missing value. The first and the last are
  // present, and at least two present values differ.
  absl::Span<const double> values;
  int season = 1;
  // Further cycles in rising order, each longer than `season`; empty if none
  // were given.
  absl::Span<const int> long_seasons;
  int horizon = 1;
  // Each in (0, 1), in any order.
  absl::Span<const double> probabilities;
  // Each of as many values as there are values and periods ahead.
  absl::Span<const Regressor> regressors;
  uint64_t seed = 1;
  // Once requested, a method returns early, with any prediction or error.
  StopRequest stop;
};

struct Prediction {
  std::string model;
  // Of an average; their weights add up to one.
  std::vector<ForecastMember> members;
  std::vector<double> point;                   // [horizon]
  std::vector<double> mean;                    // [horizon]
  std::vector<std::vector<double>> quantiles;  // [horizon][probability]
  std::vector<std::string> notes;
  std::vector<Anomaly> anomalies;
  // Of the regressors that the model uses, on its own scale.
  std::vector<RegressorEffect> effects;
};

// The prediction with mean and point `point`, whose quantiles lie `scores`
// standard deviations, the roots of `variance`, away from it.
Prediction ScoredPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> scores);

// The prediction with mean and point `point` and normal errors of `variance`.
Prediction NormalPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> probabilities);

// The weighted mean of predictions with the same horizon and probabilities.
// Each has one weight, above 0; they need not sum to 1.
Prediction AveragePredictions(absl::Span<const Prediction> members,
                              absl::Span<const double> weights);

// Undoes the seasonal adjustment in a prediction of adjusted values whose first
// period is `first`, counted from the first value of the series.
void RestoreSeason(const SeasonalAdjustment& adjustment, int first,
                   Prediction& prediction);

// The values from the first to the last present one; at least one is present.
struct Trimmed {
  absl::Span<const double> values;
  int trailing = 0;  // missing values at the end
};
Trimmed TrimMissing(absl::Span<const double> values);

// Sorts the quantiles of each step, which rounding may have put out of order in
// their last digit.
void OrderQuantiles(Prediction& prediction);

// Moves quantiles of `probabilities` so that none of less than a half lies
// above the point, and none of more below it.
void HoldPoint(absl::Span<const double> probabilities, Prediction& prediction);

// OUT_OF_RANGE, with the remedy, if any number in the prediction is not finite.
absl::Status CheckFinite(const Prediction& prediction);

// The number of values that are not missing.
int CountPresent(absl::Span<const double> values);

// Whether all values that are not missing are the same.
bool IsConstant(absl::Span<const double> values);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_MODEL_H_
