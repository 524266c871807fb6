#include "daemon/forecast/record_prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/records.h"

namespace headway::forecast {
namespace {

constexpr int kPathsOfRecords = 2000;

double LargestOf(absl::Span<const double> values) {
  double largest = -std::numeric_limits<double>::infinity();
  for (double value : values) {
    if (value > largest) largest = value;
  }
  return largest;
}

// The value below which a share of the sorted values lies.
double QuantileOfSorted(absl::Span<const double> sorted, double probability) {
  const auto place =
      static_cast<size_t>(probability * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

}  // namespace

absl::StatusOr<Prediction> PredictRecord(absl::Span<const double> values,
                                         const Options& options,
                                         absl::Span<const double> probabilities,
                                         StopRequest stop) {
  std::vector<Release> releases;
  for (size_t t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    releases.push_back({static_cast<int32_t>(t), values[t]});
  }
  RecordOptions of_records;
  of_records.known_until = static_cast<int32_t>(values.size()) - 1;
  of_records.days = options.horizon;
  of_records.count = kPathsOfRecords;
  of_records.seed = options.seed;
  ASSIGN_OR_RETURN(const PathRows rows, DrawRecords(releases, of_records));
  if (stop.Ask()) return GivenUp();
  std::vector<double> records(kPathsOfRecords, LargestOf(values));
  Prediction prediction;
  prediction.model = "Records as they came of late";
  for (const std::vector<double>& row : rows) {
    double sum = 0;
    for (size_t path = 0; path < records.size(); ++path) {
      if (!std::isnan(row[path])) records[path] = row[path];
      sum += records[path];
    }
    std::vector<double> sorted = records;
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> quantiles;
    for (double probability : probabilities) {
      quantiles.push_back(QuantileOfSorted(sorted, probability));
    }
    prediction.quantiles.push_back(std::move(quantiles));
    prediction.point.push_back(QuantileOfSorted(sorted, 0.5));
    prediction.mean.push_back(sum / kPathsOfRecords);
  }
  RETURN_IF_ERROR(CheckFinite(prediction));
  return prediction;
}

void KeepRecord(absl::Span<const double> values, Prediction& prediction) {
  const double record = LargestOf(values);
  const auto raise = [record](double& value) {
    value = std::max(value, record);
  };
  std::for_each(prediction.point.begin(), prediction.point.end(), raise);
  std::for_each(prediction.mean.begin(), prediction.mean.end(), raise);
  for (std::vector<double>& quantiles : prediction.quantiles) {
    std::for_each(quantiles.begin(), quantiles.end(), raise);
  }
}

}  // namespace headway::forecast
