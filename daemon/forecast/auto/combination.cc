#include "daemon/forecast/auto/combination.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/kinds/atoms.h"
#include "daemon/forecast/kinds/counts.h"
#include "daemon/forecast/kinds/jump.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/models/long_season.h"

namespace headway::forecast {
namespace {

constexpr Member kFastMembers[] = {
    {"auto_ces", Scales::kStraight},
    {"dynamic_theta", Scales::kBent},
    {"damped_holt", Scales::kBent},
};
// On all scales, except CES, which forecasts badly on the bent ones.
constexpr Member kMembers[] = {
    {"auto_ces", Scales::kStraight},
    {"auto_ets"},
    {"dynamic_theta"},
    {"auto_arima"},
};
constexpr Member kBestMembers[] = {
    {"auto_ces", Scales::kStraight},
    {"auto_ets"},
    {"dynamic_theta"},
    {"auto_arima"},
    {"bates_granger", Scales::kStraight, 2},
};
constexpr Member kFastLongSeasonMembers[] = {{"ridge_ar", Scales::kStraight}};
constexpr Member kLongSeasonMembers[] = {{"bates_granger", Scales::kStraight}};
constexpr Combination kCombinations[] = {
    {"auto_fast", kFastMembers, kFastLongSeasonMembers, 1},
    {"auto", kMembers, kLongSeasonMembers},
    {"auto_best", kBestMembers, kLongSeasonMembers},
};
// The shortest season, in periods, that the members for long seasons forecast.
// Chosen with them.
constexpr int kLongSeason = 24;
// A cycle is there if what happened one cycle before says something of what
// happens now, for or against it: the two-sided 95 % level.
constexpr double kCycleScore = 1.96;
// Fewer whole numbers may be so by chance.
constexpr int kLeastCounts = 10;
// A long season counts if this many cycles of it fit into the values. With
// fewer, it cannot be told from anything else.
constexpr int kLeastCycles = 2;

// The cycles of the series that are long, fit, and are there.
struct LongSeasons {
  bool any = false;
  // The season, or 1 for one that is long and not there: most members would
  // take long to find that out.
  int season = 1;
};

LongSeasons FindLongSeasons(absl::Span<const double> values,
                            const Options& options, StopRequest stop) {
  const std::vector<double> filled =
      FillGaps(TrimMissing(values).values, options.season, stop);
  const auto is_there = [&](int cycle) {
    return CountPresent(values) >= kLeastCycles * cycle &&
           std::abs(CycleScore(filled, 1, cycle)) > kCycleScore;
  };
  LongSeasons found;
  found.season = options.season;
  if (options.season >= kLongSeason) {
    found.any = is_there(options.season);
    if (!found.any) found.season = 1;
  }
  found.any = found.any ||
              std::any_of(options.long_seasons.begin(),
                          options.long_seasons.end(), is_there) ||
              FindLongSeason(filled, options.season) > 0;
  return found;
}

// Of a series whose kind was not declared, that which its values show.
Quantity KindOf(absl::Span<const double> values, const Options& options,
                StopRequest stop) {
  if (options.quantity != Quantity::kInferred) return options.quantity;
  const bool may_be_counts =
      options.bounds == Bounds::kNone || options.bounds == Bounds::kNonNegative;
  if (may_be_counts && CountPresent(values) >= kLeastCounts &&
      FitCounts(values, options.season, stop)) {
    return Quantity::kCount;
  }
  return HaveAtoms(values, options.bounds) ? Quantity::kShare
                                           : Quantity::kInferred;
}

void NoteKind(Quantity quantity, Prediction& prediction) {
  if (quantity == Quantity::kCount) {
    prediction.notes.push_back(
        "taken for counts, since all values are small whole numbers; declare "
        "the kind of quantity if it is another");
  } else if (quantity == Quantity::kShare) {
    prediction.notes.push_back(
        "taken for a quantity that is often on a bound, since values are; "
        "declare the kind of quantity if it is another");
  }
}

// What was declared and does not hold of the values, so that they were forecast
// in another way.
void NoteMisfit(absl::Span<const double> values, const Options& options,
                StopRequest stop, Prediction& prediction) {
  if (options.quantity == Quantity::kCount &&
      !FitCounts(TrimMissing(values).values, options.season, stop)) {
    prediction.notes.push_back(
        "declared to be counts and forecast as a level: the model of counts is "
        "for whole numbers, none negative, small, without trend or season");
  } else if (options.quantity == Quantity::kGrowth &&
             std::any_of(values.begin(), values.end(),
                         [](double value) { return value <= 0; })) {
    prediction.notes.push_back(
        "declared to grow by a factor and forecast as a level: a value is not "
        "above zero");
  }
}

// The steps after those that were missing at the end.
Prediction Drop(int steps, Prediction prediction) {
  const auto drop = [steps](auto& all) {
    all.erase(all.begin(), all.begin() + steps);
  };
  drop(prediction.point);
  drop(prediction.mean);
  drop(prediction.quantiles);
  return prediction;
}

absl::StatusOr<Prediction> PredictPool(const Combination& combination,
                                       absl::Span<const double> values,
                                       const Options& options,
                                       absl::Span<const double> probabilities,
                                       StopRequest stop) {
  ASSIGN_OR_RETURN(Pool pool, PoolCombination(combination, values, options,
                                              probabilities, stop));
  return Calibrated(std::move(pool), probabilities);
}

absl::StatusOr<Prediction> PredictKind(Quantity quantity,
                                       const Combination& combination,
                                       absl::Span<const double> values,
                                       const Options& options,
                                       absl::Span<const double> probabilities,
                                       StopRequest stop) {
  const Trimmed trimmed = TrimMissing(values);
  const int horizon = options.horizon + trimmed.trailing;
  if (quantity == Quantity::kCount &&
      FitCounts(trimmed.values, options.season, stop)) {
    return Drop(trimmed.trailing,
                PredictCounts(trimmed.values, horizon, probabilities));
  }
  if (quantity == Quantity::kShare && HaveAtoms(values, options.bounds)) {
    Options between = options;
    between.horizon = horizon;
    // What lies between the bounds does not keep the places of a season.
    between.season = 1;
    between.long_seasons.clear();
    ASSIGN_OR_RETURN(
        Prediction prediction,
        PredictAtoms(trimmed.values, options.bounds, horizon, probabilities,
                     [&](absl::Span<const double> inside,
                         absl::Span<const double> grid) {
                       return PredictPool(combination, inside, between, grid,
                                          stop);
                     }));
    return Drop(trimmed.trailing, std::move(prediction));
  }
  const auto predict = [&](absl::Span<const double> past, int steps,
                           absl::Span<const double> wanted) {
    Options further = options;
    further.horizon = steps;
    return PredictPool(combination, past, further, wanted, stop);
  };
  if (const auto jump = JumpAtEnd(trimmed.values)) {
    ASSIGN_OR_RETURN(Prediction prediction,
                     PredictAfterJump(trimmed.values, *jump, options.bounds,
                                      horizon, probabilities, predict));
    const size_t leading =
        values.size() - trimmed.values.size() - trimmed.trailing;
    prediction.anomalies.back().position += static_cast<int>(leading);
    return Drop(trimmed.trailing, std::move(prediction));
  }
  return predict(values, options.horizon, probabilities);
}

}  // namespace

absl::Span<const Combination> Combinations() { return kCombinations; }

const Combination* FindCombination(absl::string_view name) {
  for (const Combination& combination : kCombinations) {
    if (combination.name == name) return &combination;
  }
  return nullptr;
}

absl::StatusOr<Pool> PoolCombination(const Combination& combination,
                                     absl::Span<const double> values,
                                     const Options& options,
                                     absl::Span<const double> probabilities,
                                     StopRequest stop) {
  const LongSeasons long_seasons = FindLongSeasons(values, options, stop);
  Options found = options;
  found.season = long_seasons.season;
  return MakePool(
      long_seasons.any ? combination.long_season_members : combination.members,
      values, found, probabilities, stop);
}

absl::StatusOr<Prediction> PredictCombination(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities,
    StopRequest stop) {
  // A value outside the bounds is an error of every kind.
  RETURN_IF_ERROR(
      Transform::Create(options.bounds, Curve::kStraight, values).status());
  const Quantity quantity = KindOf(values, options, stop);
  const bool is_declared = quantity == options.quantity;
  absl::StatusOr<Prediction> prediction =
      PredictKind(quantity, combination, values, options, probabilities, stop);
  if (stop.requested()) return GivenUp();
  RETURN_IF_ERROR(prediction.status());
  if (is_declared) {
    NoteMisfit(values, options, stop, *prediction);
  } else {
    NoteKind(quantity, *prediction);
  }
  RETURN_IF_ERROR(CheckFinite(*prediction));
  return prediction;
}

}  // namespace headway::forecast
