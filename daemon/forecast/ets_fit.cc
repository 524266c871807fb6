#include "daemon/forecast/ets_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets_objective.h"
#include "daemon/forecast/ets_start.h"
#include "daemon/forecast/model.h"
#include "daemon/forecast/optimize.h"
#include "daemon/forecast/seasonality.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// Evaluations from each starting point before the best is followed to the end.
constexpr int kFirstLook = 30;
// Where each search ends: full likelihood to be compared with R's, shrunk
// estimates when forecasts have ceased to move.
constexpr double kFullTolerance = 1e-6;
constexpr double kShrunkTolerance = 1e-3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool IsPositive(absl::Span<const double> values) {
  return std::none_of(values.begin(), values.end(),
                      [](double value) { return value <= 0; });
}

absl::Status CheckForm(absl::Span<const double> values, const EtsForm& form,
                       int season) {
  if (form.has_season() && (season < 2 || season > kMaxEtsSeason)) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " takes a season of 2 to ", kMaxEtsSeason,
                     " periods, not ", season));
  }
  if ((form.error == kMultiplicative || form.season == kMultiplicative ||
       form.trend == kMultiplicative) &&
      !IsPositive(values)) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " needs values above zero"));
  }
  // AICc counts the variance too and divides by what is left.
  const int least = CountEtsParameters(form, season) + 3;
  const int present = CountPresent(values);
  if (present < least) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " needs at least ", least,
                     " values, and there are ", present));
  }
  return absl::OkStatus();
}

// The fit of a checked form. `filled` are the values without gaps.
absl::StatusOr<EtsFit> FitCheckedForm(absl::Span<const double> values,
                                      absl::Span<const double> filled,
                                      const EtsForm& form, int season,
                                      const EtsShrinkage& shrinkage) {
  EtsLikelihood likelihood(values, form, season);
  EtsObjective objective(values, form, season,
                         StartingState(filled, form, season), shrinkage);
  EtsLikelihood::Gradient slope;
  const auto function = [&](absl::Span<const double> x,
                            absl::Span<double> gradient) {
    if (!objective.Unpack(x)) return kInfinity;
    const double value = likelihood.EvaluateWithGradient(
        objective.smoothing(), objective.state(), slope);
    if (!(value < kInfinity)) return value;
    objective.PackGradient(x, slope, gradient);
    return value + objective.Charge(x);
  };
  Minimum best;
  best.value = kInfinity;
  MinimizeOptions options;
  options.tolerance =
      shrinkage.alpha_weight > 0 ? kShrunkTolerance : kFullTolerance;
  MinimizeOptions first_look = options;
  first_look.max_evaluations = kFirstLook;
  for (const EtsStartingPoint& point : EtsStartingPoints(form, shrinkage)) {
    Minimum minimum = MinimizeInBox(function, objective.Start(point),
                                    objective.box(), first_look);
    if (minimum.value < best.value) best = std::move(minimum);
  }
  if (best.value == kInfinity) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " has no finite likelihood here"));
  }
  best = MinimizeInBox(function, std::move(best.x), objective.box(), options);
  objective.Unpack(best.x);
  EtsFit fit;
  fit.form = form;
  fit.season = likelihood.season();
  fit.smoothing = objective.smoothing();
  fit.initial = objective.state();
  const double value = likelihood.Evaluate(fit.smoothing, fit.initial);
  fit.final = likelihood.FinalState();
  fit.log_likelihood = -value / 2;
  const int observed = likelihood.observed();
  const int parameters = CountEtsParameters(form, season);
  const double k = parameters + 1;
  fit.aicc = value + 2 * k + 2 * k * (k + 1) / (observed - k - 1);
  fit.charged_aic = value + objective.Charge(best.x) + 2 * k;
  fit.variance = likelihood.sum_of_squares() / (observed - parameters);
  return fit;
}

}  // namespace

EtsShrinkage ForecastShrinkage(int season) {
  EtsShrinkage shrinkage;
  season = std::min(season, kMaxEtsSeason);
  // The longer the cycle, the further ahead forecasts go, and the less the
  // error of one period should move the level.
  shrinkage.alpha_mean = 0.92 * std::exp(-season / 12.0);
  shrinkage.alpha_weight = 0.5 * std::sqrt(season);
  shrinkage.beta_weight = 1;
  shrinkage.state_weight = 1;
  return shrinkage;
}

absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              const EtsShrinkage& shrinkage) {
  RETURN_IF_ERROR(CheckForm(values, form, season));
  return FitCheckedForm(values, FillGaps(values, season), form, season,
                        shrinkage);
}

std::vector<EtsForm> DefaultEtsForms(absl::Span<const double> values,
                                     int season) {
  std::vector<EtsForm> forms;
  for (EtsComponent error : {kAdditive, kMultiplicative}) {
    for (EtsComponent trend : {kNone, kAdditive}) {
      for (bool damped : {false, true}) {
        for (EtsComponent seasonal : {kNone, kAdditive, kMultiplicative}) {
          const EtsForm form = {error, trend, damped, seasonal};
          if (damped && !form.has_trend()) continue;
          if (error == kAdditive && seasonal == kMultiplicative) continue;
          if (CheckForm(values, form, season).ok()) forms.push_back(form);
        }
      }
    }
  }
  return forms;
}

absl::StatusOr<std::vector<EtsFit>> FitEtsForms(absl::Span<const double> values,
                                                int season,
                                                const EtsShrinkage& shrinkage) {
  std::vector<EtsFit> fits;
  const std::vector<double> filled = FillGaps(values, season);
  for (const EtsForm& form : DefaultEtsForms(values, season)) {
    absl::StatusOr<EtsFit> fit =
        FitCheckedForm(values, filled, form, season, shrinkage);
    if (fit.ok()) fits.push_back(*std::move(fit));
  }
  if (fits.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "exponential smoothing needs at least 5 values, and there are ",
        CountPresent(values)));
  }
  return fits;
}

absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season) {
  ASSIGN_OR_RETURN(std::vector<EtsFit> fits,
                   FitEtsForms(values, season, EtsShrinkage{}));
  return *std::min_element(
      fits.begin(), fits.end(),
      [](const EtsFit& a, const EtsFit& b) { return a.aicc < b.aicc; });
}

}  // namespace headway::forecast
