#include "daemon/forecast/models/mstl.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets/auto.h"
#include "daemon/forecast/math/box_cox.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/stl.h"
#include "daemon/forecast/models/long_season.h"

namespace headway::forecast {
namespace {

// The lambda of the transformation. On the last windows of M4 weekly and hourly
// the square root was on the whole better than other powers between 0 and 1 and
// than lambdas chosen by Guerrero's method and by likelihood, see
// docs/forecasting.md.
constexpr double kSquareRoot = 0.5;
constexpr double kIdentity = 1;

// The mean square of the changes over one cycle.
double CycleVariance(absl::Span<const double> seasonal, int cycle) {
  double squares = 0;
  for (size_t t = cycle; t < seasonal.size(); ++t) {
    const double change = seasonal[t] - seasonal[t - cycle];
    squares += change * change;
  }
  return squares / static_cast<double>(seasonal.size() - cycle);
}

// Adds the repeated last cycle, and its spread.
void AddSeason(absl::Span<const double> seasonal, int cycle,
               absl::Span<const double> scores, Prediction& prediction) {
  const double variance = CycleVariance(seasonal, cycle);
  const absl::Span<const double> last =
      seasonal.subspan(seasonal.size() - cycle);
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    const double season = last[h % cycle];
    const double spread = std::sqrt(variance * (1 + h / cycle));
    const double point = prediction.point[h];
    for (size_t i = 0; i < scores.size(); ++i) {
      double& quantile = prediction.quantiles[h][i];
      const double distance = std::hypot(quantile - point, scores[i] * spread);
      quantile = point + season + std::copysign(distance, scores[i]);
    }
    prediction.point[h] += season;
    prediction.mean[h] += season;
  }
}

// Transforms back. The quantiles give the variance that the mean needs.
void TransformBack(const BoxCox& scale, absl::Span<const double> scores,
                   Prediction& prediction) {
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    const double point = prediction.point[h];
    double squares = 0;
    double score_squares = 0;
    for (size_t i = 0; i < scores.size(); ++i) {
      double& quantile = prediction.quantiles[h][i];
      squares += (quantile - point) * (quantile - point);
      score_squares += scores[i] * scores[i];
      quantile = scale.Inverse(quantile);
    }
    const double variance = score_squares > 0 ? squares / score_squares : 0;
    prediction.point[h] = scale.Inverse(point);
    prediction.mean[h] = scale.InverseMean(prediction.mean[h], variance);
  }
}

}  // namespace

absl::StatusOr<Prediction> Mstl(const ModelInput& input) {
  constexpr int kLeastRepeats = 2;
  std::vector<double> values = FillGaps(input.values, input.season, input.stop);
  const std::vector<int> cycles = Cycles(input, values, kLeastRepeats);
  const bool roots = *std::min_element(values.begin(), values.end()) >= 0;
  const BoxCox scale(roots ? kSquareRoot : kIdentity);
  for (double& value : values) value = scale.Forward(value);
  MstlDecomposition parts;
  if (!cycles.empty()) parts = DecomposeMstl(values, cycles, input.stop);
  if (input.stop.requested()) return GivenUp();
  for (const std::vector<double>& seasonal : parts.seasonal) {
    for (size_t t = 0; t < values.size(); ++t) values[t] -= seasonal[t];
  }
  ModelInput adjusted = input;
  adjusted.values = values;
  adjusted.season = 1;
  adjusted.long_seasons = {};
  ASSIGN_OR_RETURN(Prediction prediction, AutoEts(adjusted));
  std::vector<double> scores(input.probabilities.size());
  std::transform(input.probabilities.begin(), input.probabilities.end(),
                 scores.begin(), NormalQuantile);
  for (size_t i = 0; i < parts.seasonal.size(); ++i) {
    AddSeason(parts.seasonal[i], cycles[i], scores, prediction);
  }
  TransformBack(scale, scores, prediction);
  prediction.model =
      absl::StrCat("MSTL", CyclesSuffix(cycles), " and ", prediction.model);
  return prediction;
}

}  // namespace headway::forecast
