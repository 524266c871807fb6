#include "daemon/forecast/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/forecast/normal.h"

namespace headway::forecast {

Prediction NormalPrediction(std::string model, std::vector<double> point,
                            absl::Span<const double> variance,
                            absl::Span<const double> probabilities) {
  std::vector<double> scores(probabilities.size());
  std::transform(probabilities.begin(), probabilities.end(), scores.begin(),
                 NormalQuantile);
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

int CountPresent(absl::Span<const double> values) {
  return static_cast<int>(
      std::count_if(values.begin(), values.end(),
                    [](double value) { return !std::isnan(value); }));
}

}  // namespace headway::forecast
