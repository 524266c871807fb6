#include "daemon/forecast/models/simple.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

// Sum and number of the squared changes between a value and the one before it
// in steps of `lag` periods, each less the expected change and per step.
struct Changes {
  double squares = 0;
  int count = 0;
};

Changes SquaredChanges(absl::Span<const double> values, int lag, double slope) {
  Changes changes;
  std::vector<int> last(lag, -1);
  for (int t = 0; t < static_cast<int>(values.size()); ++t) {
    if (std::isnan(values[t])) continue;
    const int before = last[t % lag];
    last[t % lag] = t;
    if (before < 0) continue;
    const int steps = (t - before) / lag;
    const double change = values[t] - values[before] - slope * (t - before);
    changes.squares += change * change / steps;
    ++changes.count;
  }
  return changes;
}

}  // namespace

absl::StatusOr<Prediction> Mean(const ModelInput& input) {
  const int n = CountPresent(input.values);
  if (n < 2) {
    return absl::FailedPreconditionError("the mean needs two values");
  }
  double mean = 0;
  for (double value : input.values) mean += std::isnan(value) ? 0 : value / n;
  double squares = 0;
  for (double value : input.values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  const double deviation = std::sqrt(squares / (n - 1) * (1 + 1.0 / n));
  std::vector<double> quantiles;
  for (double probability : input.probabilities) {
    quantiles.push_back(mean + deviation * StudentQuantile(probability, n - 1));
  }
  Prediction prediction;
  prediction.model = "Mean";
  prediction.point.assign(input.horizon, mean);
  prediction.mean = prediction.point;
  prediction.quantiles.assign(input.horizon, quantiles);
  return prediction;
}

absl::StatusOr<Prediction> Naive(const ModelInput& input) {
  const Changes changes = SquaredChanges(input.values, 1, 0);
  if (changes.count == 0) {
    return absl::FailedPreconditionError("the naive method needs two values");
  }
  const double variance = changes.squares / changes.count;
  std::vector<double> variances(input.horizon);
  for (int h = 0; h < input.horizon; ++h) variances[h] = variance * (h + 1);
  return NormalPrediction(
      "Naive", std::vector<double>(input.horizon, input.values.back()),
      variances, input.probabilities);
}

absl::StatusOr<Prediction> SeasonalNaive(const ModelInput& input) {
  const int n = static_cast<int>(input.values.size());
  const int season = input.season;
  const Changes changes = SquaredChanges(input.values, season, 0);
  if (changes.count == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the seasonal naive method needs two values of the same ",
                     "season, ", season, " periods apart"));
  }
  // The last value of each season, and the number of cycles since then.
  std::vector<double> latest(season);
  std::vector<int> cycles(season);
  for (int s = 0; s < season; ++s) {
    int t = n + s - season;
    while (t >= 0 && std::isnan(input.values[t])) t -= season;
    if (t < 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the seasonal naive method needs a value for each of the ", season,
          " seasons"));
    }
    latest[s] = input.values[t];
    cycles[s] = (n + s - t) / season;
  }
  const double variance = changes.squares / changes.count;
  std::vector<double> point(input.horizon);
  std::vector<double> variances(input.horizon);
  for (int h = 0; h < input.horizon; ++h) {
    point[h] = latest[h % season];
    const int cycles_ahead = h / season + cycles[h % season];
    variances[h] = variance * cycles_ahead;
  }
  return NormalPrediction("Seasonal naive", std::move(point), variances,
                          input.probabilities);
}

absl::StatusOr<Prediction> Drift(const ModelInput& input) {
  const int n = static_cast<int>(input.values.size());
  const double slope = (input.values.back() - input.values.front()) / (n - 1);
  const Changes changes = SquaredChanges(input.values, 1, slope);
  if (changes.count < 2) {
    return absl::FailedPreconditionError("the drift method needs three values");
  }
  // One degree of freedom went into the slope.
  const double variance = changes.squares / (changes.count - 1);
  std::vector<double> point(input.horizon);
  std::vector<double> variances(input.horizon);
  for (int h = 1; h <= input.horizon; ++h) {
    point[h - 1] = input.values.back() + slope * h;
    variances[h - 1] = variance * h * (1 + static_cast<double>(h) / (n - 1));
  }
  return NormalPrediction("Random walk with drift", std::move(point), variances,
                          input.probabilities);
}

}  // namespace headway::forecast
