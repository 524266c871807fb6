#include "daemon/forecast/arima/auto.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/arima/regression.h"
#include "daemon/forecast/arima/search.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

// Models whose weight, relative to the best, is below this are left out. A
// convention.
constexpr double kLeastWeight = 0.02;
// Older values tell little about the next ones and cost as much as recent ones.
// A convention.
constexpr size_t kMostValues = 3000;
// Values for each coefficient of a regression. A convention.
constexpr size_t kValuesPerRegressor = 3;

// The last values, beginning with one that is not missing.
absl::Span<const double> RecentValues(absl::Span<const double> values) {
  if (values.size() > kMostValues)
    values.remove_prefix(values.size() - kMostValues);
  while (std::isnan(values.front())) values.remove_prefix(1);
  return values;
}

bool IsFinite(const ArimaPath& path) {
  const auto is_finite = [](double value) { return std::isfinite(value); };
  return std::all_of(path.mean.begin(), path.mean.end(), is_finite) &&
         std::all_of(path.variance.begin(), path.variance.end(), is_finite) &&
         std::all_of(path.effect_variance.begin(), path.effect_variance.end(),
                     is_finite);
}

// The coefficients of the regressors.
absl::Span<const double> EffectsOf(const ArimaFit& fit) {
  return absl::MakeConstSpan(fit.regression)
      .subspan(fit.form.has_constant ? 1 : 0);
}

// A mixture of the paths added to it.
class Mixture {
 public:
  explicit Mixture(int horizon) : mean_(horizon), square_(horizon) {}

  void Add(const ArimaPath& path, double weight) {
    for (size_t h = 0; h < mean_.size(); ++h) {
      // A running mean avoids subtracting large squares.
      const double share = weight / (weight_ + weight);
      const double change = path.mean[h] - mean_[h];
      square_[h] = (1 - share) * square_[h] + share * path.variance[h] +
                   share * (1 - share) * change * change;
      mean_[h] += share * change;
    }
    weight_ += weight;
  }

  ArimaPath Path() && { return {std::move(mean_), std::move(square_), {}}; }

 private:
  std::vector<double> mean_;
  std::vector<double> square_;
  double weight_ = 0;
};

// What a fit forecasts, with what is not known of the regressors ahead.
absl::StatusOr<ArimaPath> PredictWith(const Regression& regression,
                                      const ArimaSearch& search,
                                      const ArimaFit& fit, int horizon,
                                      StopRequest stop) {
  ASSIGN_OR_RETURN(ArimaPath path, PredictArima(search.design, fit, horizon,
                                                regression.ahead(), stop));
  regression.AddDoubt(EffectsOf(fit), path.variance);
  return path;
}

// The weighted average over one search, and how many models it has.
struct Average {
  ArimaPath path;
  // The coefficients of the regressors and their variances.
  ArimaPath effects;
  int models = 0;
};

Average AverageModels(const ArimaSearch& search, const Regression& regression,
                      int horizon, StopRequest stop) {
  Mixture mixture(horizon);
  Mixture effects(static_cast<int>(regression.past().size()));
  Average average;
  const auto add = [&](const ArimaFit& fit, double weight) {
    const absl::StatusOr<ArimaPath> path =
        PredictWith(regression, search, fit, horizon, stop);
    if (!path.ok() || !IsFinite(*path)) return;
    mixture.Add(*path, weight);
    const absl::Span<const double> own = EffectsOf(fit);
    effects.Add({{own.begin(), own.end()}, path->effect_variance, {}}, weight);
    ++average.models;
  };
  add(search.best, 1);
  for (const ArimaFit& fit : search.considered) {
    const double weight = std::exp((search.best.aicc - fit.aicc) / 2);
    if (weight >= kLeastWeight && fit.form != search.best.form) {
      add(fit, weight);
    }
  }
  average.path = std::move(mixture).Path();
  average.effects = std::move(effects).Path();
  return average;
}

// Half of each.
Average Half(const Average& first, const Average& second) {
  const auto mixed = [](const ArimaPath& a, const ArimaPath& b) {
    Mixture mixture(static_cast<int>(a.mean.size()));
    mixture.Add(a, 0.5);
    mixture.Add(b, 0.5);
    return std::move(mixture).Path();
  };
  return {mixed(first.path, second.path), mixed(first.effects, second.effects),
          first.models + second.models};
}

absl::Status CheckIsLongEnough(absl::Span<const double> values,
                               absl::Span<const Regressor> regressors) {
  const size_t needed = kValuesPerRegressor * (regressors.size() + 1);
  const auto present = static_cast<size_t>(CountPresent(values));
  if (regressors.empty() || present >= needed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "a regression on ", regressors.size(), " regressors needs at least ",
      needed, " values, and there are ", present));
}

absl::Status NoFiniteForecast() {
  return absl::FailedPreconditionError(
      "no ARIMA model of the series has a finite forecast");
}

// The degrees of freedom of the errors' estimated variance.
double DegreesOfFreedom(const ArimaSearch& search) {
  const ArimaForm& form = search.best.form;
  return std::max(1, search.design.observations - form.coefficients() -
                         static_cast<int>(form.has_constant));
}

// "Regression with ARIMA(1,0,0) errors", as R writes it.
std::string NameOf(const ArimaSearch& search, const Regression& regression) {
  const std::string name = search.best.form.Name();
  if (regression.past().empty()) return name;
  return absl::StrCat("Regression with ", name, " errors");
}

void NoteBridges(const ArimaDesign& design, Prediction& prediction) {
  if (design.bridged == 0) return;
  prediction.notes.push_back(absl::StrCat(
      design.bridged, " missing values were bridged by straight lines"));
}

}  // namespace

absl::StatusOr<Prediction> Arima(const ModelInput& input) {
  const absl::Span<const double> values = RecentValues(input.values);
  RETURN_IF_ERROR(CheckIsLongEnough(values, input.regressors));
  Regression regression(values, input.regressors, input.horizon);
  ASSIGN_OR_RETURN(
      const ArimaForm form,
      FindDifferences(values, input.season, regression.past(), input.stop));
  regression.KeepUsable(values, form);
  ASSIGN_OR_RETURN(const ArimaSearch search,
                   SearchArima(values, form, regression.past(), input.stop));
  ASSIGN_OR_RETURN(ArimaPath path, PredictWith(regression, search, search.best,
                                               input.horizon, input.stop));
  if (!IsFinite(path)) return NoFiniteForecast();
  Prediction prediction =
      NormalPrediction(NameOf(search, regression), std::move(path.mean),
                       path.variance, input.probabilities);
  prediction.effects =
      regression.Effects(EffectsOf(search.best), path.effect_variance);
  regression.NoteLeftOut(prediction.notes);
  NoteBridges(search.design, prediction);
  return prediction;
}

absl::StatusOr<Prediction> AutoArima(const ModelInput& input) {
  const absl::Span<const double> values = RecentValues(input.values);
  RETURN_IF_ERROR(CheckIsLongEnough(values, input.regressors));
  Regression regression(values, input.regressors, input.horizon);
  ASSIGN_OR_RETURN(
      ArimaForm form,
      FindDifferences(values, input.season, regression.past(), input.stop));
  regression.KeepUsable(values, form);
  ASSIGN_OR_RETURN(const ArimaSearch search,
                   SearchArima(values, form, regression.past(), input.stop));
  Average average =
      AverageModels(search, regression, input.horizon, input.stop);
  if (average.models == 0) return NoFiniteForecast();
  if (form.differences == 2 ||
      form.differences + form.seasonal_differences == 0) {
    form.differences = 1;
    // An error where a regressor says nothing once the values are differenced.
    const absl::StatusOr<ArimaSearch> other =
        SearchArima(values, form, regression.past(), input.stop);
    if (other.ok()) {
      const Average second =
          AverageModels(*other, regression, input.horizon, input.stop);
      if (second.models > 0) average = Half(average, second);
    }
  }
  std::string name = NameOf(search, regression);
  if (average.models > 1) {
    name = absl::StrCat("Average of ", average.models, " models, first ", name);
  }
  Prediction prediction = StudentPrediction(
      std::move(name), std::move(average.path.mean), average.path.variance,
      DegreesOfFreedom(search), input.probabilities);
  prediction.effects =
      regression.Effects(average.effects.mean, average.effects.variance);
  regression.NoteLeftOut(prediction.notes);
  NoteBridges(search.design, prediction);
  return prediction;
}

}  // namespace headway::forecast
