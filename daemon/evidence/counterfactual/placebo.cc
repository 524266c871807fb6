#include "daemon/evidence/counterfactual/placebo.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace headway::evidence {
namespace {

using Eigen::Index;

std::vector<Index> DatesOf(Index first, Index last, int wanted) {
  const Index count = last - first + 1;
  const Index most = wanted > 0 ? std::min<Index>(wanted, count) : count;
  std::vector<Index> dates;
  for (Index i = 0; i < most; ++i) {
    dates.push_back(most == 1 ? last
                              : first + (i * (count - 1) + (most - 1) / 2) /
                                            (most - 1));
  }
  return dates;
}

void Judge(const AverageEffect& actual, double level, PlaceboDates& dates) {
  Index free_from = 0;
  double alarms = 0;
  double as_far = 1;
  std::vector<double> distances;
  for (const PlaceboRun& run : dates.runs) {
    if (run.before >= free_from) {
      ++dates.independent_folds;
      free_from = run.before + dates.window;
    }
    alarms += run.effect.excludes_zero() ? 1 : 0;
    distances.push_back(run.effect.distance());
    as_far += distances.back() >= actual.distance() ? 1 : 0;
  }
  const auto count = static_cast<double>(distances.size());
  dates.false_alarm_rate = alarms / count;
  dates.p_floor = 1 / (1 + static_cast<double>(dates.independent_folds));
  dates.p = std::max(as_far / (1 + count), dates.p_floor);
  const auto rank = static_cast<size_t>(std::ceil((count + 1) * level));
  if (rank > distances.size()) return;
  std::sort(distances.begin(), distances.end());
  dates.critical_distance = distances[rank - 1];
}

}  // namespace

double AverageEffect::distance() const {
  if (error > 0) return std::fabs(estimate) / error;
  return estimate == 0 ? 0 : INFINITY;
}

absl::StatusOr<PlaceboDates> RunPlaceboDates(const CounterfactualInput& input,
                                             const AverageEffect& actual,
                                             const PlaceboOptions& options,
                                             EffectEstimator estimate) {
  const Index first = std::max(options.least_before, input.before / 3);
  const Index free = input.before - first;
  if (free < 2) {
    return absl::FailedPreconditionError(
        absl::StrCat("no placebo date is admissible: ", first,
                     " periods must come before one, and ", input.before,
                     " come before the event; begin earlier"));
  }
  PlaceboDates dates;
  dates.window = std::min(input.after(), std::max<Index>(free / 2, 1));
  absl::Status failure;
  for (const Index before :
       DatesOf(first, input.before - dates.window, options.dates)) {
    const auto effect = estimate(Part(input, before, before + dates.window));
    if (effect.ok()) {
      dates.runs.push_back({before, *effect});
    } else {
      failure = effect.status();
    }
  }
  if (dates.runs.empty()) return failure;
  Judge(actual, options.level, dates);
  return dates;
}

}  // namespace headway::evidence
