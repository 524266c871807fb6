#include "daemon/evidence/differences/aggregate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

struct Average {
  int at = 0;
  double effect = 0;
  Eigen::VectorXd influence;
};

double ShareOf(const GroupTimeResult& result, int group) {
  return static_cast<double>(std::count(result.first_treated.begin(),
                                        result.first_treated.end(), group)) /
         static_cast<double>(result.units.size());
}

// By the shares of the groups, which are estimates themselves.
Average ByShare(const GroupTimeResult& result, const std::vector<int>& places,
                const std::vector<Average>& values) {
  std::vector<double> shares;
  double total = 0;
  for (const int place : places) {
    shares.push_back(ShareOf(result, place));
    total += shares.back();
  }
  Average average;
  average.influence = Eigen::VectorXd::Zero(result.influence.rows());
  for (size_t k = 0; k < places.size(); ++k) {
    average.effect += shares[k] / total * values[k].effect;
  }
  for (size_t k = 0; k < places.size(); ++k) {
    average.influence += shares[k] / total * values[k].influence;
    const double gap = (values[k].effect - average.effect) / total;
    for (size_t i = 0; i < result.first_treated.size(); ++i) {
      const bool member = result.first_treated[i] == places[k];
      average.influence[static_cast<Eigen::Index>(i)] +=
          gap * ((member ? 1.0 : 0.0) - shares[k]);
    }
  }
  return average;
}

Average EqualMean(const std::vector<Average>& values) {
  Average average{0, 0, Eigen::VectorXd::Zero(values[0].influence.size())};
  const auto count = static_cast<double>(values.size());
  for (const Average& one : values) {
    average.effect += one.effect / count;
    average.influence += one.influence / count;
  }
  return average;
}

Average EffectAt(const GroupTimeResult& result, size_t place) {
  return {result.effects[place].period, result.effects[place].effect,
          result.influence.col(static_cast<Eigen::Index>(place))};
}

// Effects that belong together, weighted by share or equally.
struct Bundle {
  std::vector<int> groups;
  std::vector<Average> effects;
};

std::map<int, Bundle> Bundles(const GroupTimeResult& result,
                              Aggregation aggregation) {
  std::map<int, Bundle> bundles;
  for (size_t i = 0; i < result.effects.size(); ++i) {
    const GroupTimeEffect& one = result.effects[i];
    const bool after = one.period >= one.group;
    if (!after && aggregation != Aggregation::kDynamic) continue;
    int key = 0;
    if (aggregation == Aggregation::kDynamic) key = one.period - one.group;
    if (aggregation == Aggregation::kGroup) key = one.group;
    if (aggregation == Aggregation::kCalendar) key = one.period;
    bundles[key].groups.push_back(one.group);
    bundles[key].effects.push_back(EffectAt(result, i));
  }
  return bundles;
}

struct Averages {
  Average overall;
  std::vector<Average> parts;
};

absl::StatusOr<Averages> Take(const GroupTimeResult& result,
                              Aggregation aggregation) {
  Averages averages;
  std::vector<int> keys;
  std::vector<Average> after;
  for (auto& [key, bundle] : Bundles(result, aggregation)) {
    Average part = aggregation == Aggregation::kGroup
                       ? EqualMean(bundle.effects)
                       : ByShare(result, bundle.groups, bundle.effects);
    part.at = key;
    keys.push_back(key);
    if (aggregation != Aggregation::kDynamic || key >= 0) {
      after.push_back(part);
    }
    averages.parts.push_back(std::move(part));
  }
  if (after.empty()) {
    return absl::InvalidArgumentError(
        "no effect after treatment could be estimated, so there is nothing to "
        "average");
  }
  averages.overall = aggregation == Aggregation::kGroup
                         ? ByShare(result, keys, averages.parts)
                         : EqualMean(after);
  if (aggregation == Aggregation::kSimple) averages.parts.clear();
  return averages;
}

// Sums over clusters; they stand for what varies independently.
Eigen::VectorXd Independent(const Eigen::VectorXd& influence,
                            const std::optional<Grouping>& clusters) {
  if (!clusters) return influence;
  Eigen::VectorXd sums = Eigen::VectorXd::Zero(clusters->count);
  for (Eigen::Index i = 0; i < influence.size(); ++i) {
    sums[clusters->group[i]] += influence[i];
  }
  return sums;
}

AggregateEffect Describe(const Average& average, double n,
                         const AggregateOptions& options) {
  AggregateEffect effect{.at = average.at, .effect = average.effect};
  effect.standard_error =
      Independent(average.influence, options.clusters).norm() / n;
  const double z = forecast::NormalQuantile((1 + options.level) / 2);
  effect.low = effect.effect - z * effect.standard_error;
  effect.high = effect.effect + z * effect.standard_error;
  effect.band_low = effect.low;
  effect.band_high = effect.high;
  effect.p = std::erfc(std::abs(effect.effect / effect.standard_error) /
                       std::numbers::sqrt2);
  return effect;
}

// The quantile of the largest |t| of all parts at once, no less than that of
// one.
double CriticalValue(const std::vector<Average>& parts,
                     const std::vector<AggregateEffect>& described, double n,
                     const AggregateOptions& options) {
  std::vector<Eigen::VectorXd> influences;
  for (const Average& part : parts) {
    influences.push_back(Independent(part.influence, options.clusters));
  }
  const Eigen::Index count = influences[0].size();
  Eigen::VectorXd signs(count);
  std::vector<double> largest;
  uint64_t counter = 0;
  for (int draw = 0; draw < options.draws; ++draw) {
    for (double& sign : signs) {
      sign = forecast::UniformAt(options.seed, ++counter) < 0.5 ? -1 : 1;
    }
    double most = 0;
    for (size_t j = 0; j < parts.size(); ++j) {
      const double error = described[j].standard_error;
      if (!(error > 0)) continue;
      most = std::max(most, std::abs(influences[j].dot(signs)) / n / error);
    }
    largest.push_back(most);
  }
  std::sort(largest.begin(), largest.end());
  const auto place = static_cast<size_t>(std::min(
      largest.size() - 1.0,
      std::ceil(options.level * static_cast<double>(largest.size())) - 1));
  return std::max(largest[place],
                  forecast::NormalQuantile((1 + options.level) / 2));
}

}  // namespace

absl::StatusOr<Aggregate> AggregateEffects(const GroupTimeResult& result,
                                           const AggregateOptions& options) {
  if (options.clusters &&
      options.clusters->group.size() != result.units.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the clusters ", options.clusters->name, " have ",
        options.clusters->group.size(), " units, not ", result.units.size()));
  }
  ASSIGN_OR_RETURN(const Averages averages, Take(result, options.aggregation));
  const auto n = static_cast<double>(result.units.size());
  Aggregate aggregate;
  aggregate.overall = Describe(averages.overall, n, options);
  for (const Average& part : averages.parts) {
    aggregate.parts.push_back(Describe(part, n, options));
  }
  aggregate.critical_value = forecast::NormalQuantile((1 + options.level) / 2);
  if (options.draws < 1 || aggregate.parts.empty()) return aggregate;
  aggregate.critical_value =
      CriticalValue(averages.parts, aggregate.parts, n, options);
  for (AggregateEffect& part : aggregate.parts) {
    const double margin = aggregate.critical_value * part.standard_error;
    part.band_low = part.effect - margin;
    part.band_high = part.effect + margin;
  }
  return aggregate;
}

}  // namespace headway::evidence
