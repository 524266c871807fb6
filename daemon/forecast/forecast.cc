#include "daemon/forecast/forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/backtest.h"
#include "daemon/forecast/model.h"
#include "daemon/forecast/simple.h"
#include "daemon/forecast/transform.h"

namespace headway::forecast {
namespace {

constexpr int kMaxHorizon = 1000;
constexpr int kMaxSeason = 1000;
constexpr absl::string_view kMethodNames[] = {"auto", "naive", "seasonal_naive",
                                              "drift"};
// What "auto" chooses among; the first where nothing can be held back.
constexpr absl::string_view kCandidates[] = {"naive", "seasonal_naive",
                                             "drift"};
// Of the mean of a distribution that was transformed back: it is the average of
// its quantiles at the middles of this many equal parts.
constexpr int kMeanNodes = 200;

absl::Status CheckOptions(const Options& options) {
  if (!IsMethodName(options.method)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown method \"", options.method, "\"; the methods are ",
        absl::StrJoin(MethodNames(), ", ")));
  }
  if (options.horizon < 1 || options.horizon > kMaxHorizon) {
    return absl::InvalidArgumentError(
        absl::StrCat("horizon ", options.horizon,
                     " is out of range; choose 1 to ", kMaxHorizon));
  }
  if (options.season < 1 || options.season > kMaxSeason) {
    return absl::InvalidArgumentError(absl::StrCat(
        "season ", options.season, " is out of range; choose 1 to ", kMaxSeason,
        " periods (1 for no season)"));
  }
  double previous = 0;
  for (double probability : options.probabilities) {
    if (!(probability > previous && probability < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("probability ", probability,
                       " is out of order or range; give probabilities that "
                       "rise, each above 0 and below 1"));
    }
    previous = probability;
  }
  return absl::OkStatus();
}

absl::Status CheckValues(absl::Span<const double> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("value ", values[i], " at position ", i + 1,
                       " is infinite; correct it, or leave it missing"));
    }
  }
  if (const int present = CountPresent(values); present < 2) {
    return absl::FailedPreconditionError(
        absl::StrCat("the series has ", present, " value",
                     present == 1 ? "" : "s", "; a forecast needs at least 2"));
  }
  return absl::OkStatus();
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

Prediction ConstantPrediction(double value, int horizon, size_t probabilities) {
  Prediction prediction;
  prediction.model = "Constant";
  prediction.point.assign(horizon, value);
  prediction.mean = prediction.point;
  prediction.quantiles.assign(horizon,
                              std::vector<double>(probabilities, value));
  prediction.notes.push_back(
      "every value is the same, which leaves nothing to estimate a spread "
      "from");
  return prediction;
}

absl::StatusOr<Prediction> Predict(absl::string_view method,
                                   const ModelInput& input) {
  if (method == "seasonal_naive") return SeasonalNaive(input);
  if (method == "drift") return Drift(input);
  return Naive(input);
}

// A method that the series is too short for gives way to the naive one.
absl::StatusOr<Prediction> PredictOrFallBack(absl::string_view method,
                                             const ModelInput& input) {
  absl::StatusOr<Prediction> prediction = Predict(method, input);
  if (prediction.ok() || !absl::IsFailedPrecondition(prediction.status())) {
    return prediction;
  }
  const absl::Status reason = prediction.status();
  prediction = Naive(input);
  if (prediction.ok()) {
    prediction->notes.push_back(
        absl::StrCat(reason.message(), "; the naive method was used instead"));
  }
  return prediction;
}

// The values on the scale that the methods see, and the way back.
class ModelScale {
 public:
  static absl::StatusOr<ModelScale> Create(absl::Span<const double> values,
                                           Bounds bounds) {
    ASSIGN_OR_RETURN(Transform transform, Transform::Create(bounds, values));
    return ModelScale(std::move(transform), values);
  }

  absl::Span<const double> values() const { return values_; }
  const Transform& transform() const { return transform_; }
  double Back(double value) const {
    return transform_.Inverse(std::ldexp(value, exponent_));
  }

 private:
  // A power of two brings the largest value to size one, so that no method
  // meets overflow, and no rounding is added.
  ModelScale(Transform transform, absl::Span<const double> values)
      : transform_(std::move(transform)), values_(values.size()) {
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

// A forecast without its score. `values` are checked.
absl::StatusOr<Prediction> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    absl::Span<const double> probabilities) {
  const Trimmed trimmed = TrimMissing(values);
  ASSIGN_OR_RETURN(ModelScale scale,
                   ModelScale::Create(trimmed.values, options.bounds));
  if (IsConstant(trimmed.values)) {
    return ConstantPrediction(trimmed.values.back(), options.horizon,
                              probabilities.size());
  }
  std::vector<double> nodes(probabilities.begin(), probabilities.end());
  if (!scale.transform().is_identity()) {
    for (int i = 0; i < kMeanNodes; ++i)
      nodes.push_back((i + 0.5) / kMeanNodes);
  }
  ModelInput input;
  input.values = scale.values();
  input.season = options.season;
  input.horizon = options.horizon + trimmed.trailing;
  input.probabilities = nodes;
  input.seed = options.seed;
  ASSIGN_OR_RETURN(Prediction prediction,
                   PredictOrFallBack(options.method, input));
  // The periods that are missing at the end were forecast on the way.
  const auto drop = [&trimmed](auto& steps) {
    steps.erase(steps.begin(), steps.begin() + trimmed.trailing);
  };
  drop(prediction.point);
  drop(prediction.mean);
  drop(prediction.quantiles);
  TransformBack(scale, probabilities.size(), prediction);
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

std::optional<BacktestScore> ScoreMethod(absl::Span<const double> values,
                                         const Options& options) {
  const BacktestPlan plan = PlanBacktest(static_cast<int>(values.size()),
                                         options.season, options.horizon);
  const auto forecast = [&options](
                            absl::Span<const double> past,
                            int horizon) -> std::optional<BacktestForecast> {
    if (!CheckValues(past).ok()) return std::nullopt;
    Options past_options = options;
    past_options.horizon = horizon;
    const absl::StatusOr<Prediction> prediction =
        PredictWithinBounds(past, past_options, {0.1, 0.9});
    if (!prediction.ok()) return std::nullopt;
    BacktestForecast answer;
    answer.point = prediction->point;
    for (const std::vector<double>& quantiles : prediction->quantiles) {
      answer.lower.push_back(quantiles[0]);
      answer.upper.push_back(quantiles[1]);
    }
    return answer;
  };
  return Backtest(values, options.season, plan, forecast);
}

// The candidate with the least error on the series' own past.
Options ChooseMethod(absl::Span<const double> values, Options options) {
  double best = std::numeric_limits<double>::infinity();
  std::string chosen(kCandidates[0]);
  for (absl::string_view candidate : kCandidates) {
    options.method = std::string(candidate);
    const std::optional<BacktestScore> score = ScoreMethod(values, options);
    if (score && score->mase < best) {
      best = score->mase;
      chosen = options.method;
    }
  }
  options.method = chosen;
  return options;
}

}  // namespace

absl::StatusOr<Forecast> MakeForecast(absl::Span<const double> values,
                                      const Options& requested) {
  RETURN_IF_ERROR(CheckOptions(requested));
  RETURN_IF_ERROR(CheckValues(values));
  const Options options =
      requested.method == "auto" ? ChooseMethod(values, requested) : requested;
  ASSIGN_OR_RETURN(Prediction prediction,
                   PredictWithinBounds(values, options, options.probabilities));
  Forecast forecast;
  forecast.model = std::move(prediction.model);
  if (requested.method == "auto") {
    forecast.model = absl::StrCat("auto: ", forecast.model);
  }
  forecast.point = std::move(prediction.point);
  forecast.mean = std::move(prediction.mean);
  forecast.probabilities = options.probabilities;
  forecast.quantiles = std::move(prediction.quantiles);
  forecast.notes = std::move(prediction.notes);
  forecast.backtest = ScoreMethod(values, options);
  if (!forecast.backtest) {
    forecast.notes.push_back(
        "no backtest: the series is too short, or too constant, to hold a part "
        "of it back");
  }
  return forecast;
}

absl::Span<const absl::string_view> MethodNames() { return kMethodNames; }

bool IsMethodName(absl::string_view name) {
  return std::find(std::begin(kMethodNames), std::end(kMethodNames), name) !=
         std::end(kMethodNames);
}

}  // namespace headway::forecast
