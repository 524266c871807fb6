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
         std::all_of(path.variance.begin(), path.variance.end(), is_finite);
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

  ArimaPath Path() && { return {std::move(mean_), std::move(square_)}; }

 private:
  std::vector<double> mean_;
  std::vector<double> square_;
  double weight_ = 0;
};

// The weighted average over one search, and how many models it has.
struct Average {
  ArimaPath path;
  int models = 0;
};

Average AverageModels(const ArimaSearch& search, int horizon,
                      StopRequest stop) {
  Mixture mixture(horizon);
  Average average;
  const auto add = [&](const ArimaFit& fit, double weight) {
    const absl::StatusOr<ArimaPath> path =
        PredictArima(search.design, fit, horizon, {}, stop);
    if (!path.ok() || !IsFinite(*path)) return;
    mixture.Add(*path, weight);
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
  return average;
}

// Half of each.
Average Half(const Average& first, const Average& second) {
  Mixture mixture(static_cast<int>(first.path.mean.size()));
  mixture.Add(first.path, 0.5);
  mixture.Add(second.path, 0.5);
  return {std::move(mixture).Path(), first.models + second.models};
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

void NoteBridges(const ArimaDesign& design, Prediction& prediction) {
  if (design.bridged == 0) return;
  prediction.notes.push_back(absl::StrCat(
      design.bridged, " missing values were bridged by straight lines"));
}

}  // namespace

absl::StatusOr<Prediction> Arima(const ModelInput& input) {
  const absl::Span<const double> values = RecentValues(input.values);
  ASSIGN_OR_RETURN(const ArimaForm form,
                   FindDifferences(values, input.season, {}, input.stop));
  ASSIGN_OR_RETURN(const ArimaSearch search,
                   SearchArima(values, form, {}, input.stop));
  ASSIGN_OR_RETURN(ArimaPath path, PredictArima(search.design, search.best,
                                                input.horizon, {}, input.stop));
  if (!IsFinite(path)) return NoFiniteForecast();
  Prediction prediction =
      NormalPrediction(search.best.form.Name(), std::move(path.mean),
                       path.variance, input.probabilities);
  NoteBridges(search.design, prediction);
  return prediction;
}

absl::StatusOr<Prediction> AutoArima(const ModelInput& input) {
  const absl::Span<const double> values = RecentValues(input.values);
  ASSIGN_OR_RETURN(ArimaForm form,
                   FindDifferences(values, input.season, {}, input.stop));
  ASSIGN_OR_RETURN(const ArimaSearch search,
                   SearchArima(values, form, {}, input.stop));
  Average average = AverageModels(search, input.horizon, input.stop);
  if (average.models == 0) return NoFiniteForecast();
  if (form.differences == 2 ||
      form.differences + form.seasonal_differences == 0) {
    form.differences = 1;
    const absl::StatusOr<ArimaSearch> other =
        SearchArima(values, form, {}, input.stop);
    if (other.ok()) {
      const Average second = AverageModels(*other, input.horizon, input.stop);
      if (second.models > 0) average = Half(average, second);
    }
  }
  std::string name = search.best.form.Name();
  if (average.models > 1) {
    name = absl::StrCat("Average of ", average.models, " models, first ", name);
  }
  Prediction prediction = StudentPrediction(
      std::move(name), std::move(average.path.mean), average.path.variance,
      DegreesOfFreedom(search), input.probabilities);
  NoteBridges(search.design, prediction);
  return prediction;
}

}  // namespace headway::forecast
