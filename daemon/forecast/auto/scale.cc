#include "daemon/forecast/auto/scale.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::forecast {
namespace {

// The mean of a distribution that was transformed back is a sum over its
// quantiles at the nodes of the Gauss-Hermite rule of nine points (Abramowitz
// and Stegun 1964, 25.4.46, for the standard normal weight).
struct Node {
  double score;
  double weight;
};
constexpr Node kMeanNodes[] = {
    {-4.512745863399783, 2.234584400774658e-5},
    {-3.205429002856470, 2.789141321231769e-3},
    {-2.076847978677830, 4.991640676521788e-2},
    {-1.023255663789133, 2.440975028949394e-1},
    {0, 4.063492063492063e-1},
    {1.023255663789133, 2.440975028949394e-1},
    {2.076847978677830, 4.991640676521788e-2},
    {3.205429002856470, 2.789141321231769e-3},
    {4.512745863399783, 2.234584400774658e-5},
};

// The range of values over their size below which they are taken from one of
// them. A convention.
constexpr double kLeastRange = 1e-5;

double NormalProbability(double score) {
  return 0.5 * std::erfc(-score / std::numbers::sqrt2);
}

Prediction ConstantPrediction(double value, int horizon, size_t probabilities) {
  Prediction prediction;
  prediction.model = "Constant";
  prediction.point.assign(horizon, value);
  prediction.mean = prediction.point;
  prediction.quantiles.assign(horizon,
                              std::vector<double>(probabilities, value));
  prediction.notes.push_back(
      "every value is the same, or as good as on a bound, which leaves nothing "
      "to estimate a spread from");
  return prediction;
}

// The values on the scale that the methods see, and the way back.
class ModelScale {
 public:
  static absl::StatusOr<ModelScale> Create(absl::Span<const double> values,
                                           Bounds bounds, Curve curve) {
    ASSIGN_OR_RETURN(const Transform transform,
                     Transform::Create(bounds, curve, values));
    return ModelScale(transform, values);
  }

  absl::Span<const double> values() const { return values_; }
  const Transform& transform() const { return transform_; }
  // A difference on the scale of the methods, on that of the transform.
  double PerUnit(double difference) const {
    return std::ldexp(difference, exponent_);
  }
  double Back(double value) const {
    return transform_.Inverse(std::ldexp(value, exponent_) + origin_);
  }

 private:
  // A power of two brings the largest value to size one, so that no method
  // meets overflow, and no rounding is added. Values that lie together far from
  // zero are taken from one of them, which leaves them exact: methods would
  // lose their differences in the rounding of their sums.
  ModelScale(const Transform& transform, absl::Span<const double> values)
      : transform_(transform), values_(values.size()) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (size_t i = 0; i < values.size(); ++i) {
      values_[i] = transform_.Forward(values[i]);
      if (std::isnan(values_[i])) continue;
      least = std::min(least, values_[i]);
      most = std::max(most, values_[i]);
    }
    const double largest = std::max(std::abs(least), std::abs(most));
    if (most - least < kLeastRange * largest) origin_ = least;
    std::frexp(origin_ == 0 ? largest : most - least, &exponent_);
    for (double& value : values_) {
      value = std::ldexp(value - origin_, -exponent_);
    }
  }

  Transform transform_;
  std::vector<double> values_;
  double origin_ = 0;
  int exponent_ = 0;
};

void NoteData(const Trimmed& trimmed, const Transform& transform,
              std::vector<std::string>& notes) {
  const int gaps =
      static_cast<int>(trimmed.values.size()) - CountPresent(trimmed.values);
  if (gaps > 0) {
    notes.push_back(absl::StrCat(gaps, " missing values within the series"));
  }
  if (trimmed.trailing > 0) {
    notes.push_back(absl::StrCat(trimmed.trailing,
                                 " missing values at the end of the series"));
  }
  if (transform.moved() > 0) {
    notes.push_back(absl::StrCat(
        transform.moved(), " values on or close to a bound were moved in"));
  }
}

// Turns a prediction on the model's scale into one on the scale of the values.
// The quantiles beyond `wanted` are nodes for the mean.
void TransformBack(const ModelScale& scale, size_t wanted,
                   Prediction& prediction) {
  for (size_t h = 0; h < prediction.point.size(); ++h) {
    prediction.point[h] = scale.Back(prediction.point[h]);
    std::vector<double>& quantiles = prediction.quantiles[h];
    for (double& quantile : quantiles) quantile = scale.Back(quantile);
    if (scale.transform().is_identity()) {
      prediction.mean[h] = scale.Back(prediction.mean[h]);
      continue;
    }
    double mean = 0;
    for (size_t i = wanted; i < quantiles.size(); ++i) {
      mean += kMeanNodes[i - wanted].weight * quantiles[i];
    }
    prediction.mean[h] = mean;
    quantiles.resize(wanted);
  }
}

// Those of the trimmed values, which begin `leading` values later.
std::vector<Regressor> RegressorsAfter(absl::Span<const Regressor> regressors,
                                       size_t leading) {
  std::vector<Regressor> after(regressors.begin(), regressors.end());
  for (Regressor& regressor : after) {
    regressor.values.erase(
        regressor.values.begin(),
        regressor.values.begin() + static_cast<std::ptrdiff_t>(leading));
  }
  return after;
}

// From the scale of the methods to that of the values, without the periods that
// were missing at the end, which were forecast on the way.
absl::StatusOr<Prediction> Finish(const ModelScale& scale,
                                  const Trimmed& trimmed, size_t wanted,
                                  Prediction prediction) {
  const auto drop = [&trimmed](auto& steps) {
    steps.erase(steps.begin(), steps.begin() + trimmed.trailing);
  };
  drop(prediction.point);
  drop(prediction.mean);
  drop(prediction.quantiles);
  TransformBack(scale, wanted, prediction);
  for (RegressorEffect& effect : prediction.effects) {
    effect.coefficient = scale.PerUnit(effect.coefficient);
    effect.standard_error = scale.PerUnit(effect.standard_error);
    effect.scale = scale.transform().scale();
  }
  OrderQuantiles(prediction);
  RETURN_IF_ERROR(CheckFinite(prediction));
  NoteData(trimmed, scale.transform(), prediction.notes);
  return prediction;
}

// Moves the part of a distribution that lies beyond a bound onto it.
void MoveWithin(Bounds bounds, Prediction& prediction) {
  const double upper = UpperBound(bounds);
  const auto move = [upper](double& value) {
    value = std::clamp(value, 0.0, upper);
  };
  std::for_each(prediction.point.begin(), prediction.point.end(), move);
  std::for_each(prediction.mean.begin(), prediction.mean.end(), move);
  for (std::vector<double>& quantiles : prediction.quantiles) {
    std::for_each(quantiles.begin(), quantiles.end(), move);
  }
}

bool SeesValuesAsTheyAre(const Method& method, Bounds bounds) {
  return method.under_bounds == UnderBounds::kPlain ||
         (method.under_bounds == UnderBounds::kNonNegative &&
          bounds == Bounds::kNonNegative);
}

}  // namespace

absl::StatusOr<Prediction> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    const Method& method, Curve curve, absl::Span<const double> probabilities,
    StopRequest stop) {
  const Trimmed trimmed = TrimMissing(values);
  ASSIGN_OR_RETURN(ModelScale scale,
                   ModelScale::Create(trimmed.values, options.bounds, curve));
  // Values that differ may all have been moved in to the same place.
  if (IsConstant(scale.values())) {
    return ConstantPrediction(trimmed.values.back(), options.horizon,
                              probabilities.size());
  }
  const bool as_they_are = SeesValuesAsTheyAre(method, options.bounds);
  if (as_they_are && options.bounds != Bounds::kNone) {
    ASSIGN_OR_RETURN(scale, ModelScale::Create(trimmed.values, Bounds::kNone,
                                               Curve::kStraight));
  }
  std::vector<double> nodes(probabilities.begin(), probabilities.end());
  if (!scale.transform().is_identity()) {
    for (const Node& node : kMeanNodes) {
      nodes.push_back(NormalProbability(node.score));
    }
  }
  ModelInput input;
  input.values = scale.values();
  input.season = options.season;
  input.long_seasons = options.long_seasons;
  input.horizon = options.horizon + trimmed.trailing;
  input.probabilities = nodes;
  const std::vector<Regressor> regressors =
      RegressorsAfter(options.regressors,
                      values.size() - trimmed.values.size() - trimmed.trailing);
  if (method.takes_regressors) input.regressors = regressors;
  input.seed = options.seed;
  input.stop = stop;
  absl::StatusOr<Prediction> made = method.run(input);
  // Whatever a method that was stopped makes of it.
  if (stop.Ask()) return GivenUp();
  RETURN_IF_ERROR(made.status());
  ASSIGN_OR_RETURN(
      Prediction prediction,
      Finish(scale, trimmed, probabilities.size(), *std::move(made)));
  if (as_they_are && options.bounds != Bounds::kNone) {
    MoveWithin(options.bounds, prediction);
  }
  return prediction;
}

}  // namespace headway::forecast
