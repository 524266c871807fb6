#include "daemon/forecast/auto/pool.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/auto/scale.h"
#include "daemon/forecast/calibration/curve_weights.h"
#include "daemon/forecast/calibration/traits.h"
#include "daemon/forecast/math/normal.h"

namespace headway::forecast {
namespace {

// A member that counts less, beside the one that counts most, is not worth its
// time.
constexpr double kLeastCount = 0.02;

// From this evidence for logarithms on, per value, the pool is described and
// corrected on them: on the straight scale the changes of a series that has
// grown manifold are those of its end. A convention.
constexpr double kDescribedInLogarithms = 0.7;

// A member on one scale.
struct Run {
  absl::string_view method;
  Curve curve = Curve::kStraight;
  double weight = 1;
};

bool IsStraight(Quantity quantity) {
  return quantity == Quantity::kRate || quantity == Quantity::kBalance;
}

// Whether there is more than one scale to forecast on.
bool CurvesDiffer(absl::Span<const double> values, const Options& options) {
  if (IsStraight(options.quantity)) return false;
  if (options.bounds == Bounds::kNonNegative) return true;
  return options.bounds == Bounds::kNone &&
         std::none_of(values.begin(), values.end(),
                      [](double value) { return value <= 0; });
}

std::vector<Run> PlanRuns(absl::Span<const Member> members,
                          const CurveWeights& weights, bool curves_differ) {
  std::vector<Run> runs;
  for (const Member& member : members) {
    const double bent = weights.log + weights.exponential;
    if (!curves_differ) {
      const double scales = member.scales == Scales::kAll ? 2 : 1;
      runs.push_back({member.method, Curve::kStraight, scales * member.weight});
    } else if (member.scales == Scales::kStraight) {
      runs.push_back(
          {member.method, Curve::kStraight, weights.straight * member.weight});
    } else {
      if (member.scales == Scales::kAll) {
        runs.push_back({member.method, Curve::kStraight,
                        weights.straight * member.weight});
      }
      // Scales of little weight leave it to the other bent one.
      const bool has_log = weights.log >= kLeastCount;
      const bool has_exponential = weights.exponential >= kLeastCount;
      if (has_log) {
        runs.push_back(
            {member.method, Curve::kLog,
             member.weight * (has_exponential ? weights.log : bent)});
      }
      if (has_exponential) {
        runs.push_back(
            {member.method, Curve::kExponential,
             member.weight * (has_log ? weights.exponential : bent)});
      }
    }
  }
  double most = 0;
  for (const Run& run : runs) most = std::max(most, run.weight);
  runs.erase(std::remove_if(runs.begin(), runs.end(),
                            [most](const Run& run) {
                              return run.weight < kLeastCount * most;
                            }),
             runs.end());
  return runs;
}

absl::string_view ScaleName(Curve curve) {
  switch (curve) {
    case Curve::kStraight:
      break;
    case Curve::kLog:
      return " on a bent scale";
    case Curve::kExponential:
      return " on logarithms";
  }
  return "";
}

// The probabilities that were asked for and kAnchors, in rising order.
std::vector<double> WithAnchors(absl::Span<const double> wanted) {
  std::vector<double> all(wanted.begin(), wanted.end());
  all.insert(all.end(), kAnchors.begin(), kAnchors.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<size_t> Positions(absl::Span<const double> all,
                              absl::Span<const double> wanted) {
  std::vector<size_t> positions;
  for (double probability : wanted) {
    positions.push_back(std::lower_bound(all.begin(), all.end(), probability) -
                        all.begin());
  }
  return positions;
}

// The scale on which the pool is described.
Curve DescribingCurve(const CurveWeights& weights, const Options& options) {
  const bool in_logarithms =
      !IsStraight(options.quantity) &&
      weights.bend + weights.further_bend >= kDescribedInLogarithms;
  return in_logarithms ? Curve::kExponential : Curve::kStraight;
}

// Turns values into the unit of the traits: the describing scale, from the
// least value on, times powers of two that bring the range to size one.
class Unit {
 public:
  Unit(const Transform& transform, absl::Span<const double> values)
      : transform_(transform) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (double value : values) {
      if (std::isnan(value)) continue;
      least = std::min(least, transform.Forward(value));
      most = std::max(most, transform.Forward(value));
    }
    std::frexp(std::max(std::abs(least), std::abs(most)), &size_);
    origin_ = std::ldexp(least, -size_);
    std::frexp(std::ldexp(most, -size_) - origin_, &range_);
  }

  double Of(double value) const {
    const double sized = std::ldexp(transform_.Forward(value), -size_);
    return std::ldexp(sized - origin_, -range_);
  }
  std::vector<double> Of(absl::Span<const double> values) const {
    std::vector<double> converted;
    for (double value : values) converted.push_back(Of(value));
    return converted;
  }

 private:
  Transform transform_;
  int size_ = 0;
  double origin_ = 0;
  int range_ = 0;
};

// Step h of the pool, without its distance.
PooledStep DescribeStep(absl::Span<const Prediction> predictions,
                        absl::Span<const double> weights,
                        const Prediction& average,
                        absl::Span<const size_t> anchors, const Unit& unit,
                        size_t h) {
  PooledStep step;
  step.point = unit.Of(average.point[h]);
  for (size_t k = 0; k < anchors.size(); ++k) {
    step.quantiles[k] = unit.Of(average.quantiles[h][anchors[k]]);
  }
  double sum = 0;
  double squares = 0;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const std::vector<double>& quantiles = predictions[i].quantiles[h];
    const double spread = SpreadBetween(unit.Of(quantiles[anchors[1]]),
                                        unit.Of(quantiles[anchors[3]]));
    step.narrowest = i == 0 ? spread : std::min(step.narrowest, spread);
    step.widest = std::max(step.widest, spread);
    const double distance = unit.Of(predictions[i].point[h]) - step.point;
    sum += weights[i];
    squares += weights[i] * distance * distance;
  }
  step.disagreement = std::sqrt(squares / sum);
  return step;
}

bool HasSpread(const PooledStep& step) {
  return step.quantiles[3] > step.quantiles[1] && std::isfinite(step.widest) &&
         std::isfinite(step.disagreement);
}

std::vector<SpreadFeatures> DescribePool(
    absl::Span<const double> values, const Options& options,
    const CurveWeights& scales, absl::Span<const Prediction> predictions,
    absl::Span<const double> weights, const Pool& pool, StopRequest stop) {
  const Trimmed trimmed = TrimMissing(values);
  const Unit unit(pool.transform, trimmed.values);
  const std::vector<double> converted = unit.Of(trimmed.values);
  if (IsConstant(converted)) return {};
  const Traits traits = DescribeSeries(
      converted, options.season, options.horizon + trimmed.trailing, stop);
  const std::vector<size_t> anchors = Positions(pool.probabilities, kAnchors);
  std::vector<PooledStep> steps;
  for (int h = 0; h < options.horizon; ++h) {
    steps.push_back(DescribeStep(predictions, weights, pool.average, anchors,
                                 unit, static_cast<size_t>(h)));
    steps.back().distance = h + 1 + trimmed.trailing;
    if (!HasSpread(steps.back())) return {};
  }
  std::vector<SpreadFeatures> features;
  for (const PooledStep& step : steps) {
    features.push_back(DescribeSpread(traits, scales, step, steps.front()));
  }
  return features;
}

}  // namespace

absl::StatusOr<Pool> MakePool(absl::Span<const Member> members,
                              absl::Span<const double> values,
                              const Options& options,
                              absl::Span<const double> probabilities,
                              StopRequest stop) {
  CurveWeights curve_weights =
      WeighCurves(values, options.bounds, options.season);
  if (options.quantity == Quantity::kGrowth) {
    // What is known to grow by a factor is forecast on logarithms alone.
    curve_weights.straight = 0;
    curve_weights.log = 0;
    curve_weights.exponential = 2;
  }
  Pool pool;
  pool.probabilities = WithAnchors(probabilities);
  std::vector<Prediction> predictions;
  std::vector<double> weights;
  absl::Status reason;
  for (const Run& run :
       PlanRuns(members, curve_weights, CurvesDiffer(values, options))) {
    absl::StatusOr<Prediction> prediction =
        PredictWithinBounds(values, options, *FindMethod(run.method), run.curve,
                            pool.probabilities, stop);
    if (stop.requested()) return GivenUp();
    if (!prediction.ok()) {
      reason = prediction.status();
      continue;
    }
    absl::StrAppend(&prediction->model, ScaleName(run.curve));
    predictions.push_back(*std::move(prediction));
    weights.push_back(run.weight);
  }
  if (predictions.empty()) return reason;
  pool.average = AveragePredictions(predictions, weights);
  ASSIGN_OR_RETURN(
      pool.transform,
      Transform::Create(options.bounds, DescribingCurve(curve_weights, options),
                        values));
  pool.features = DescribePool(values, options, curve_weights, predictions,
                               weights, pool, stop);
  return pool;
}

Prediction Calibrated(Pool pool, absl::Span<const double> wanted) {
  const std::vector<size_t> positions = Positions(pool.probabilities, wanted);
  std::vector<double> scores(wanted.size());
  std::transform(wanted.begin(), wanted.end(), scores.begin(), NormalQuantile);
  Prediction calibrated = std::move(pool.average);
  for (size_t h = 0; h < calibrated.quantiles.size(); ++h) {
    const std::vector<double> all = std::move(calibrated.quantiles[h]);
    std::vector<double>& quantiles = calibrated.quantiles[h];
    quantiles.clear();
    for (size_t position : positions) quantiles.push_back(all[position]);
    if (pool.features.empty()) continue;
    const SpreadFactors factors(pool.features[h]);
    const double centre = pool.transform.Forward(calibrated.point[h]);
    for (size_t i = 0; i < quantiles.size(); ++i) {
      quantiles[i] = pool.transform.Inverse(
          centre + factors.At(scores[i]) *
                       (pool.transform.Forward(quantiles[i]) - centre));
    }
  }
  OrderQuantiles(calibrated);
  return calibrated;
}

}  // namespace headway::forecast
