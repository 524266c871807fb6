#include "daemon/forecast/auto/combination.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/auto/scale.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/models/long_season.h"

namespace headway::forecast {
namespace {

constexpr Member kFastMembers[] = {
    {"auto_ces"},
    {"dynamic_theta", Curve::kLog},
    {"damped_holt", Curve::kLog},
};
// Each on both scales, except CES, which forecasts badly on the logarithmic
// one.
constexpr Member kMembers[] = {
    {"auto_ces"},
    {"auto_ets"},
    {"auto_ets", Curve::kLog},
    {"dynamic_theta"},
    {"dynamic_theta", Curve::kLog},
    {"auto_arima"},
    {"auto_arima", Curve::kLog},
};
constexpr Member kBestMembers[] = {
    {"auto_ces"},
    {"auto_ets"},
    {"auto_ets", Curve::kLog},
    {"dynamic_theta"},
    {"dynamic_theta", Curve::kLog},
    {"auto_arima"},
    {"auto_arima", Curve::kLog},
    {"bates_granger", Curve::kStraight, 2},
};
constexpr Member kFastLongSeasonMembers[] = {{"ridge_ar"}};
constexpr Member kLongSeasonMembers[] = {{"bates_granger"}};
// Chosen so that the 95 % intervals of "auto" cover 95 % of the held-out ends,
// with the least mean scaled interval score. combination.h names the series.
constexpr Widening kWidening = {0.96, 0.07, -0.236};
constexpr Widening kLongSeasonWidening = {-0.05, 0, 0};
constexpr Combination kCombinations[] = {
    {"auto_fast", kFastMembers, kWidening, kFastLongSeasonMembers,
     kLongSeasonWidening},
    {"auto", kMembers, kWidening, kLongSeasonMembers, kLongSeasonWidening},
    {"auto_best", kBestMembers, kWidening, kLongSeasonMembers,
     kLongSeasonWidening},
};
// The shortest season, in periods, that the members for long seasons forecast.
// Chosen with them.
constexpr int kLongSeason = 24;
// A long season counts if this many cycles of it fit into the values. With
// fewer, it cannot be told from anything else.
constexpr int kLeastCycles = 2;
// The limits of the widening factor. A convention.
constexpr double kLeastFactor = 0.5;
constexpr double kMostFactor = 4;

bool HasLongSeason(absl::Span<const double> values, const Options& options,
                   StopRequest stop) {
  const int n = CountPresent(values);
  const auto fits = [n](int cycle) { return n >= kLeastCycles * cycle; };
  if (options.season >= kLongSeason && fits(options.season)) return true;
  if (std::any_of(options.long_seasons.begin(), options.long_seasons.end(),
                  fits)) {
    return true;
  }
  const std::vector<double> filled =
      FillGaps(TrimMissing(values).values, options.season, stop);
  return FindLongSeason(filled, options.season) > 0;
}

// The scale on which intervals are widened: that of the bounds, where they are
// about symmetric, or that of the values without bounds.
Curve BoundedCurve(const Options& options) {
  return options.bounds == Bounds::kNone ? Curve::kStraight : Curve::kLog;
}

// On the transformed scale, so that what was within bounds stays there.
void Widen(const Widening& widening, const Transform& transform, int n,
           Prediction& prediction) {
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    const double factor = widening.Factor(static_cast<int>(h) + 1, n);
    const double centre = transform.Forward(prediction.point[h]);
    for (double& quantile : prediction.quantiles[h]) {
      // A quantile without spread may lie on a bound, from which Forward moves
      // it.
      if (quantile == prediction.point[h]) continue;
      quantile = transform.Inverse(
          centre + factor * (transform.Forward(quantile) - centre));
    }
  }
}

}  // namespace

double Widening::Factor(int h, int n) const {
  return std::clamp(
      std::exp(constant + horizon * std::log(h) + length * std::log(n)),
      kLeastFactor, kMostFactor);
}

absl::Span<const Combination> Combinations() { return kCombinations; }

const Combination* FindCombination(absl::string_view name) {
  for (const Combination& combination : kCombinations) {
    if (combination.name == name) return &combination;
  }
  return nullptr;
}

absl::StatusOr<Prediction> PredictCombination(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities,
    StopRequest stop) {
  const bool has_long_season = HasLongSeason(values, options, stop);
  std::vector<Prediction> predictions;
  std::vector<double> weights;
  absl::Status reason;
  for (const Member& member : has_long_season ? combination.long_season_members
                                              : combination.members) {
    absl::StatusOr<Prediction> prediction =
        PredictWithinBounds(values, options, *FindMethod(member.method),
                            member.curve, probabilities, stop);
    if (stop.requested()) return GivenUp();
    if (prediction.ok()) {
      predictions.push_back(*std::move(prediction));
      weights.push_back(member.weight);
    } else {
      reason = prediction.status();
    }
  }
  if (predictions.empty()) return reason;
  Prediction average = AveragePredictions(predictions, weights);
  ASSIGN_OR_RETURN(
      const Transform transform,
      Transform::Create(options.bounds, BoundedCurve(options), values));
  Widen(
      has_long_season ? combination.long_season_widening : combination.widening,
      transform, CountPresent(values), average);
  OrderQuantiles(average);
  RETURN_IF_ERROR(CheckFinite(average));
  return average;
}

}  // namespace headway::forecast
