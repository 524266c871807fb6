#include "daemon/forecast/models/intermittent.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::forecast {
namespace {

// The limits that statsforecast has by default.
constexpr double kLeastAlpha = 0.1;
constexpr double kMostAlpha = 0.3;

// A series with its missing periods left out; at least one value is above zero.
struct Demand {
  std::vector<double> values;
  std::vector<double> sizes;
  // From one demand to the next; the first from before the first period.
  std::vector<double> intervals;

  double MeanInterval() const {
    return std::accumulate(intervals.begin(), intervals.end(), 0.0) /
           static_cast<double>(intervals.size());
  }
};

absl::StatusOr<Demand> ReadDemand(absl::Span<const double> values) {
  Demand demand;
  int interval = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    if (values[t] < 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the methods for intermittent demand take no values below zero, and "
          "value ",
          t + 1, " is"));
    }
    demand.values.push_back(values[t]);
    ++interval;
    if (values[t] == 0) continue;
    demand.sizes.push_back(values[t]);
    demand.intervals.push_back(interval);
    interval = 0;
  }
  if (demand.sizes.empty()) {
    return absl::FailedPreconditionError(
        "the methods for intermittent demand need a value above zero");
  }
  return demand;
}

// Simple exponential smoothing from `start` over `values`.
struct Smoothed {
  double level = 0;
  double sum_of_squares = 0;
};

Smoothed Smooth(absl::Span<const double> values, double start, double alpha) {
  Smoothed smoothed{start, 0};
  for (double value : values) {
    const double error = value - smoothed.level;
    smoothed.sum_of_squares += error * error;
    smoothed.level += alpha * error;
  }
  return smoothed;
}

double BestAlpha(absl::Span<const double> values, double start,
                 StopRequest stop) {
  constexpr int kGrid = 10;
  return MinimizeOnInterval(
      [&](double alpha) {
        stop.RequestedAfter(values.size());
        return Smooth(values, start, alpha).sum_of_squares;
      },
      kLeastAlpha, kMostAlpha, kGrid, stop);
}

struct Level {
  double value = 0;
  double alpha = 0;
};

// The level after smoothing that starts at the first of `values`.
Level FitLevel(absl::Span<const double> values, StopRequest stop) {
  const double alpha = BestAlpha(values, values[0], stop);
  return {Smooth(values, values[0], alpha).level, alpha};
}

// Numbers that occur with given weights, which sum to one.
class Outcomes {
 public:
  void Add(double value, double weight) {
    outcomes_.push_back({value, weight});
  }

  // The least value that is not exceeded with `probability`. Call once all are
  // added and sorted.
  double Quantile(double probability) const {
    double sum = 0;
    for (const auto& [value, weight] : outcomes_) {
      sum += weight;
      if (sum >= probability) return value;
    }
    return outcomes_.back().first;
  }

  void Sort() { std::sort(outcomes_.begin(), outcomes_.end()); }

 private:
  std::vector<std::pair<double, double>> outcomes_;
};

Prediction FlatPrediction(absl::string_view model, double mean,
                          const Outcomes& outcomes, const ModelInput& input) {
  Prediction prediction;
  prediction.model = std::string(model);
  prediction.point.assign(input.horizon, mean);
  prediction.mean = prediction.point;
  std::vector<double> quantiles;
  for (double probability : input.probabilities) {
    quantiles.push_back(outcomes.Quantile(probability));
  }
  prediction.quantiles.assign(input.horizon, quantiles);
  return prediction;
}

// Demand with `probability`, of a size drawn with the weights that smoothing
// gives them.
Prediction PredictSizes(absl::string_view model, const Demand& demand,
                        double probability, const ModelInput& input) {
  const Level size = FitLevel(demand.sizes, input.stop);
  Outcomes outcomes;
  outcomes.Add(0, 1 - probability);
  double weight = probability;
  for (size_t i = demand.sizes.size(); i-- > 0;) {
    const double share = i == 0 ? 1 : size.alpha;
    outcomes.Add(demand.sizes[i], weight * share);
    weight *= 1 - share;
  }
  outcomes.Sort();
  return FlatPrediction(model, probability * size.value, outcomes, input);
}

// Past values, scaled to `mean`.
Prediction PredictValues(absl::string_view model, const Demand& demand,
                         double mean, const ModelInput& input) {
  const double n = static_cast<double>(demand.values.size());
  const double past =
      std::accumulate(demand.values.begin(), demand.values.end(), 0.0) / n;
  Outcomes outcomes;
  for (double value : demand.values) outcomes.Add(value / past * mean, 1 / n);
  outcomes.Sort();
  return FlatPrediction(model, mean, outcomes, input);
}

// The mean per period by smoothing sums over `length` periods.
double SmoothedSums(absl::Span<const double> values, int length,
                    StopRequest stop) {
  const size_t count = values.size() / length;
  values.remove_prefix(values.size() - count * length);
  std::vector<double> sums(count, 0.0);
  for (size_t t = 0; t < values.size(); ++t) sums[t / length] += values[t];
  stop.RequestedAfter(values.size());
  return FitLevel(sums, stop).value / length;
}

int AverageInterval(const Demand& demand) {
  return static_cast<int>(std::lround(demand.MeanInterval()));
}

}  // namespace

absl::StatusOr<Prediction> Croston(const ModelInput& input) {
  ASSIGN_OR_RETURN(const Demand demand, ReadDemand(input.values));
  const Level interval = FitLevel(demand.intervals, input.stop);
  return PredictSizes("Croston", demand, 1 / interval.value, input);
}

absl::StatusOr<Prediction> SyntetosBoylan(const ModelInput& input) {
  ASSIGN_OR_RETURN(const Demand demand, ReadDemand(input.values));
  const Level interval = FitLevel(demand.intervals, input.stop);
  return PredictSizes("Croston (Syntetos-Boylan)", demand,
                      (1 - interval.alpha / 2) / interval.value, input);
}

absl::StatusOr<Prediction> TeunterSyntetosBabai(const ModelInput& input) {
  ASSIGN_OR_RETURN(const Demand demand, ReadDemand(input.values));
  std::vector<double> occurrences;
  const int first = static_cast<int>(demand.intervals[0]);
  for (size_t t = first; t < demand.values.size(); ++t) {
    occurrences.push_back(demand.values[t] > 0 ? 1 : 0);
  }
  const double start = 1.0 / first;
  const double alpha = BestAlpha(occurrences, start, input.stop);
  return PredictSizes("Teunter-Syntetos-Babai", demand,
                      Smooth(occurrences, start, alpha).level, input);
}

absl::StatusOr<Prediction> Adida(const ModelInput& input) {
  ASSIGN_OR_RETURN(const Demand demand, ReadDemand(input.values));
  return PredictValues(
      "ADIDA", demand,
      SmoothedSums(demand.values, AverageInterval(demand), input.stop), input);
}

absl::StatusOr<Prediction> Imapa(const ModelInput& input) {
  ASSIGN_OR_RETURN(const Demand demand, ReadDemand(input.values));
  const int longest = AverageInterval(demand);
  double mean = 0;
  for (int length = 1; length <= longest; ++length) {
    mean += SmoothedSums(demand.values, length, input.stop) / longest;
    if (input.stop.requested()) return GivenUp();
  }
  return PredictValues("IMAPA", demand, mean, input);
}

}  // namespace headway::forecast
