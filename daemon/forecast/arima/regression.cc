#include "daemon/forecast/arima/regression.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace headway::forecast {
namespace {

// The power of two that the largest of the numbers lies below.
int ExponentOf(absl::Span<const double> values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  int exponent = 0;
  std::frexp(largest, &exponent);
  return exponent;
}

}  // namespace

Regression::Regression(absl::Span<const double> values,
                       absl::Span<const Regressor> regressors, int horizon)
    : regressors_(regressors) {
  for (size_t i = 0; i < regressors.size(); ++i) {
    const absl::Span<const double> recent =
        absl::MakeConstSpan(regressors[i].values)
            .last(values.size() + static_cast<size_t>(horizon));
    const int exponent = ExponentOf(recent);
    std::vector<double> scaled;
    for (double value : recent) scaled.push_back(std::ldexp(value, -exponent));
    const auto end =
        scaled.begin() + static_cast<std::ptrdiff_t>(values.size());
    places_.push_back(i);
    exponents_.push_back(exponent);
    past_.emplace_back(scaled.begin(), end);
    ahead_.emplace_back(end, scaled.end());
  }
  KeepUsable(values, {});
}

void Regression::KeepUsable(absl::Span<const double> values,
                            const ArimaForm& form) {
  Regression kept = *this;
  kept.places_.clear();
  kept.exponents_.clear();
  kept.past_.clear();
  kept.ahead_.clear();
  for (size_t i : UsableRegressors(values, form, past_)) {
    kept.places_.push_back(places_[i]);
    kept.exponents_.push_back(exponents_[i]);
    kept.past_.push_back(std::move(past_[i]));
    kept.ahead_.push_back(std::move(ahead_[i]));
  }
  *this = std::move(kept);
}

void Regression::AddDoubt(absl::Span<const double> effects,
                          std::vector<double>& variance) const {
  for (size_t i = 0; i < places_.size(); ++i) {
    const std::vector<double>& deviations = regressors_[places_[i]].deviations;
    // Periods that are missing at the end of the series come before them.
    const size_t known =
        variance.size() - std::min(deviations.size(), variance.size());
    for (size_t h = known; h < variance.size(); ++h) {
      const double doubt =
          effects[i] * std::ldexp(deviations[h - known], -exponents_[i]);
      variance[h] += doubt * doubt;
    }
  }
}

std::vector<RegressorEffect> Regression::Effects(
    absl::Span<const double> coefficients,
    absl::Span<const double> variances) const {
  std::vector<RegressorEffect> effects;
  for (size_t i = 0; i < places_.size(); ++i) {
    RegressorEffect& effect = effects.emplace_back();
    effect.name = regressors_[places_[i]].name;
    effect.coefficient = std::ldexp(coefficients[i], -exponents_[i]);
    effect.standard_error = std::ldexp(std::sqrt(variances[i]), -exponents_[i]);
  }
  return effects;
}

void Regression::NoteLeftOut(std::vector<std::string>& notes) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < regressors_.size(); ++i) {
    if (std::find(places_.begin(), places_.end(), i) == places_.end()) {
      names.push_back(regressors_[i].name);
    }
  }
  if (names.empty()) return;
  notes.push_back(absl::StrCat(
      "left out, for over the values that are fitted they never change, or "
      "follow from the others: ",
      absl::StrJoin(names, ", ")));
}

}  // namespace headway::forecast
