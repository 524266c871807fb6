#include "daemon/forecast/scale.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/methods.h"
#include "daemon/forecast/transform.h"

namespace headway::forecast {
namespace {

// The mean of a distribution that was transformed back is the average of its
// quantiles at the middles of this many equal parts.
constexpr int kMeanNodes = 200;

bool IsConstant(absl::Span<const double> values) {
  double first = std::numeric_limits<double>::quiet_NaN();
  for (double value : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    if (value != first) return false;
  }
  return true;
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
                                           Bounds bounds) {
    ASSIGN_OR_RETURN(const Transform transform,
                     Transform::Create(bounds, values));
    return ModelScale(transform, values);
  }

  absl::Span<const double> values() const { return values_; }
  const Transform& transform() const { return transform_; }
  double Back(double value) const {
    return transform_.Inverse(std::ldexp(value, exponent_));
  }

 private:
  // A power of two brings the largest value to size one, so that no method
  // meets overflow, and no rounding is added.
  ModelScale(const Transform& transform, absl::Span<const double> values)
      : transform_(transform), values_(values.size()) {
    double largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      values_[i] = transform_.Forward(values[i]);
      if (!std::isnan(values_[i])) {
        largest = std::max(largest, std::abs(values_[i]));
      }
    }
    std::frexp(largest, &exponent_);
    for (double& value : values_) value = std::ldexp(value, -exponent_);
  }

  Transform transform_;
  std::vector<double> values_;
  int exponent_ = 0;
};

// What lies before the first and after the last present value is cut off.
struct Trimmed {
  absl::Span<const double> values;
  int trailing = 0;
};

Trimmed TrimMissing(absl::Span<const double> values) {
  Trimmed trimmed{values};
  while (std::isnan(trimmed.values.front())) trimmed.values.remove_prefix(1);
  while (std::isnan(trimmed.values.back())) {
    trimmed.values.remove_suffix(1);
    ++trimmed.trailing;
  }
  return trimmed;
}

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
      mean += (quantiles[i] - mean) / static_cast<double>(i - wanted + 1);
    }
    prediction.mean[h] = mean;
    quantiles.resize(wanted);
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
  // Rounding may set neighbours out of order by their last digit.
  for (std::vector<double>& quantiles : prediction.quantiles) {
    for (size_t i = 1; i < quantiles.size(); ++i) {
      quantiles[i] = std::max(quantiles[i], quantiles[i - 1]);
    }
  }
  RETURN_IF_ERROR(CheckFinite(prediction));
  NoteData(trimmed, scale.transform(), prediction.notes);
  return prediction;
}

// One prediction for each of `methods`, which all see the values on the scale
// that `bounds` asks for.
absl::StatusOr<std::vector<absl::StatusOr<Prediction>>> PredictOnOneScale(
    const Trimmed& trimmed, Bounds bounds, const Options& options,
    absl::Span<const std::string> methods,
    absl::Span<const double> probabilities) {
  ASSIGN_OR_RETURN(const ModelScale scale,
                   ModelScale::Create(trimmed.values, bounds));
  std::vector<absl::StatusOr<Prediction>> predictions;
  // Values that differ may all have been moved in to the same place.
  if (IsConstant(scale.values())) {
    predictions.assign(
        methods.size(),
        ConstantPrediction(trimmed.values.back(), options.horizon,
                           probabilities.size()));
    return predictions;
  }
  std::vector<double> nodes(probabilities.begin(), probabilities.end());
  for (int i = 0; !scale.transform().is_identity() && i < kMeanNodes; ++i) {
    nodes.push_back((i + 0.5) / kMeanNodes);
  }
  ModelInput input;
  input.values = scale.values();
  input.season = options.season;
  input.long_seasons = options.long_seasons;
  input.horizon = options.horizon + trimmed.trailing;
  input.probabilities = nodes;
  input.seed = options.seed;
  for (absl::StatusOr<Prediction>& prediction : RunMethods(methods, input)) {
    predictions.push_back(prediction.ok()
                              ? Finish(scale, trimmed, probabilities.size(),
                                       *std::move(prediction))
                              : prediction.status());
  }
  return predictions;
}

// What of a distribution lies beyond a bound is moved onto it: of a curve's
// normal errors, and of the naive method where it stands in for a curve.
void MoveWithin(Bounds bounds, Prediction& prediction) {
  const double upper = UpperBound(bounds);
  const auto move = [upper](double& value) {
    value = std::clamp(value, 0.0, upper);
  };
  for (double& value : prediction.point) move(value);
  for (double& value : prediction.mean) move(value);
  for (std::vector<double>& quantiles : prediction.quantiles) {
    for (double& value : quantiles) move(value);
  }
}

}  // namespace

absl::StatusOr<std::vector<absl::StatusOr<Prediction>>> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    absl::Span<const std::string> methods,
    absl::Span<const double> probabilities) {
  const Trimmed trimmed = TrimMissing(values);
  // Methods that keep to the bound by themselves need the values as they are,
  // and so do curves.
  std::vector<std::string> plain;
  std::vector<std::string> others;
  const auto is_plain = [&options](const std::string& method) {
    return (options.bounds == Bounds::kNonNegative &&
            KeepsNonNegative(method)) ||
           (options.bounds != Bounds::kNone && IsCurve(method));
  };
  for (const std::string& method : methods) {
    (is_plain(method) ? plain : others).push_back(method);
  }
  ASSIGN_OR_RETURN(auto predictions,
                   PredictOnOneScale(trimmed, options.bounds, options, others,
                                     probabilities));
  if (plain.empty()) return predictions;
  ASSIGN_OR_RETURN(
      auto plain_predictions,
      PredictOnOneScale(trimmed, Bounds::kNone, options, plain, probabilities));
  auto next_plain = plain_predictions.begin();
  for (size_t i = 0; i < methods.size(); ++i) {
    if (!is_plain(methods[i])) continue;
    if (next_plain->ok()) MoveWithin(options.bounds, **next_plain);
    predictions.insert(predictions.begin() + i, *std::move(next_plain++));
  }
  return predictions;
}

}  // namespace headway::forecast
