#include "daemon/forecast/math/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/forecast/math/normal.h"

namespace headway::forecast {
namespace {

// Moves a mean by a member's share of the weights so far; members that agree
// leave it exact.
void Update(const std::vector<double>& values, double share,
            std::vector<double>& mean) {
  for (size_t i = 0; i < values.size(); ++i) {
    mean[i] += share * (values[i] - mean[i]);
  }
}

std::string ModelName(absl::Span<const Prediction> members) {
  std::vector<absl::string_view> names;
  for (const Prediction& member : members) {
    if (std::find(names.begin(), names.end(), member.model) == names.end()) {
      names.push_back(member.model);
    }
  }
  return names.size() == 1
             ? std::string(names[0])
             : absl::StrCat("Mean of ", absl::StrJoin(names, ", "));
}

// A note of several members counts once.
void AddNotes(const std::vector<std::string>& notes,
              std::vector<std::string>& all) {
  for (const std::string& note : notes) {
    if (std::find(all.begin(), all.end(), note) == all.end()) {
      all.push_back(note);
    }
  }
}

}  // namespace

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

Prediction AveragePredictions(absl::Span<const Prediction> members,
                              absl::Span<const double> weights) {
  const size_t horizon = members[0].point.size();
  Prediction average;
  average.model = ModelName(members);
  average.point.resize(horizon);
  average.mean.resize(horizon);
  average.quantiles.assign(horizon,
                           std::vector<double>(members[0].quantiles[0].size()));
  double sum = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    const Prediction& member = members[i];
    sum += weights[i];
    const double share = weights[i] / sum;
    Update(member.point, share, average.point);
    Update(member.mean, share, average.mean);
    for (size_t h = 0; h < horizon; ++h) {
      Update(member.quantiles[h], share, average.quantiles[h]);
    }
    AddNotes(member.notes, average.notes);
  }
  for (size_t i = 0; i < members.size(); ++i) {
    average.members.push_back({members[i].model, weights[i] / sum});
  }
  return average;
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

Trimmed TrimMissing(absl::Span<const double> values) {
  Trimmed trimmed{values};
  while (std::isnan(trimmed.values.front())) trimmed.values.remove_prefix(1);
  while (std::isnan(trimmed.values.back())) {
    trimmed.values.remove_suffix(1);
    ++trimmed.trailing;
  }
  return trimmed;
}

void OrderQuantiles(Prediction& prediction) {
  for (std::vector<double>& quantiles : prediction.quantiles) {
    for (size_t i = 1; i < quantiles.size(); ++i) {
      quantiles[i] = std::max(quantiles[i], quantiles[i - 1]);
    }
  }
}

void HoldPoint(absl::Span<const double> probabilities, Prediction& prediction) {
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    for (size_t i = 0; i < probabilities.size(); ++i) {
      double& quantile = prediction.quantiles[h][i];
      if (probabilities[i] < 0.5) {
        quantile = std::min(quantile, prediction.point[h]);
      } else if (probabilities[i] > 0.5) {
        quantile = std::max(quantile, prediction.point[h]);
      }
    }
  }
}

absl::Status CheckFinite(const Prediction& prediction) {
  const auto finite = [](double value) { return std::isfinite(value); };
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    if (!finite(prediction.point[h]) || !finite(prediction.mean[h]) ||
        !std::all_of(prediction.quantiles[h].begin(),
                     prediction.quantiles[h].end(), finite)) {
      return absl::OutOfRangeError(absl::StrCat(
          "the forecast of ", prediction.model, " for period ", h + 1,
          " ahead leaves the range of a double; give values in a larger unit, "
          "or choose another method or a shorter horizon"));
    }
  }
  return absl::OkStatus();
}

int CountPresent(absl::Span<const double> values) {
  return static_cast<int>(
      std::count_if(values.begin(), values.end(),
                    [](double value) { return !std::isnan(value); }));
}

bool IsConstant(absl::Span<const double> values) {
  double first = std::numeric_limits<double>::quiet_NaN();
  for (double value : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    if (value != first) return false;
  }
  return true;
}

}  // namespace headway::forecast
