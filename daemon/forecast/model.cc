#include "daemon/forecast/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/forecast/normal.h"

namespace headway::forecast {

Prediction ScoredPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> scores) {
  Prediction prediction;
  prediction.model = std::move(model);
  prediction.quantiles.resize(point.size());
  for (size_t h = 0; h < point.size(); ++h) {
    const double deviation = std::sqrt(variance[h]);
    for (double score : scores) {
      prediction.quantiles[h].push_back(point[h] + score * deviation);
    }
  }
  prediction.mean = point;
  prediction.point = std::move(point);
  return prediction;
}

Prediction NormalPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> probabilities) {
  std::vector<double> scores(probabilities.size());
  std::transform(probabilities.begin(), probabilities.end(), scores.begin(),
                 NormalQuantile);
  return ScoredPrediction(std::move(model), std::move(point), variance, scores);
}

void RestoreSeason(const SeasonalAdjustment& adjustment, int first,
                   Prediction& prediction) {
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    const int t = first + static_cast<int>(h);
    prediction.point[h] = adjustment.Restored(prediction.point[h], t);
    prediction.mean[h] = adjustment.Restored(prediction.mean[h], t);
    for (double& quantile : prediction.quantiles[h]) {
      quantile = adjustment.Restored(quantile, t);
    }
  }
}

int CountPresent(absl::Span<const double> values) {
  return static_cast<int>(
      std::count_if(values.begin(), values.end(),
                    [](double value) { return !std::isnan(value); }));
}

}  // namespace headway::forecast
