#include "daemon/pipeline/models/weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace headway::pipeline {
namespace {

constexpr double kEta = 0.25;
// Of the mean losses; beyond it one is as good as never right.
constexpr double kGreatestRatio = 10;
constexpr double kWithoutForecast = 2;

// The mean loss over that of the best model.
double RatioOf(double loss, double best) {
  if (loss <= best) return 1;
  return best > 0 ? std::min(loss / best, kGreatestRatio) : kGreatestRatio;
}

}  // namespace

std::vector<WeightedRecord> Weigh(
    const std::vector<std::vector<double>>& losses) {
  std::vector<WeightedRecord> records(losses.size());
  if (losses.empty()) return records;
  for (size_t origin = 0; origin < losses[0].size(); ++origin) {
    double greatest = -1;
    for (const std::vector<double>& of_model : losses) {
      if (of_model[origin] > greatest) greatest = of_model[origin];
    }
    if (greatest < 0) continue;
    for (size_t i = 0; i < losses.size(); ++i) {
      const double loss = losses[i][origin];
      records[i].score += std::isnan(loss) ? kWithoutForecast * greatest : loss;
      ++records[i].origins;
    }
  }
  double best = INFINITY;
  for (WeightedRecord& record : records) {
    if (record.origins > 0) record.score /= record.origins;
    best = std::min(best, record.score);
  }
  double sum = 0;
  for (WeightedRecord& record : records) {
    record.weight =
        std::exp(-kEta * record.origins * (RatioOf(record.score, best) - 1));
    sum += record.weight;
  }
  for (WeightedRecord& record : records) record.weight /= sum;
  return records;
}

}  // namespace headway::pipeline
