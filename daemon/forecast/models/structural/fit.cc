#include "daemon/forecast/models/structural/fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/constants.h"
#include "daemon/forecast/math/optimize.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

// Evaluations from each starting point before only the best search goes on. A
// convention.
constexpr int kFirstLook = 12;
// The sum of squares cannot fall below this share of that of the values, so
// that a perfect fit has a finite likelihood.
constexpr double kLeastSquaresShare = 1e-24;
// Standard deviations below this share of the largest are tried as zero.
constexpr double kNearZero = 1e-3;
// The value from which a variance that fell to zero is tried again.
constexpr double kAfresh = 0.03;

// The gain in twice the log-likelihood that a random slope must bring; 2 would
// be Akaike's. Chosen among 2, 4, 6, 10, 15 and 20 on the ends of the training
// parts of M3 (yearly, quarterly, other) and M4 yearly: a slope that follows
// the noise harms forecasts more than the fit shows.
constexpr double kSlopeCharge = 15;

// Relative standard deviations of irregular, level, slope and season: noise
// about a slow trend, a walk, and noise about a lively one.
using Deviations = std::array<double, kStructuralVariances>;
constexpr Deviations kStarts[] = {
    {1, 0.3, 0.05, 0.05}, {0.2, 1, 0.1, 0.1}, {1, 0.5, 0.5, 0.3}};

// Those of a fit, with none at zero, for a form with more components.
Deviations DeviationsOf(const StructuralVariances& variances) {
  Deviations deviations = {
      std::sqrt(variances.irregular), std::sqrt(variances.level),
      std::sqrt(variances.slope), std::sqrt(variances.season)};
  const double largest =
      *std::max_element(deviations.begin(), deviations.end());
  for (double& deviation : deviations) {
    deviation = std::max(largest > 0 ? deviation / largest : 1, kAfresh);
  }
  return deviations;
}

StructuralVariances FromArray(
    const std::array<double, kStructuralVariances>& variances) {
  return {variances[0], variances[1], variances[2], variances[3]};
}

// Minus twice the diffuse likelihood with the scale concentrated out, without
// the constant, as a function of relative standard deviations. Only their
// ratios matter, so that a box from zero to one leaves nothing out.
class StructuralObjective {
 public:
  // A run of the filter takes `steps` steps.
  StructuralObjective(StructuralFilter& filter, absl::Span<const double> values,
                      size_t steps, StopRequest stop)
      : filter_(filter),
        free_(FreeVariances(filter.form())),
        steps_(steps),
        stop_(stop) {
    for (double value : values) {
      if (!std::isnan(value)) least_squares_ += value * value;
    }
    least_squares_ *= kLeastSquaresShare;
    box_.lower.assign(free_.size(), 0.0);
    box_.upper.assign(free_.size(), 1.0);
  }

  const Box& box() const { return box_; }

  std::vector<double> Start(const Deviations& start) const {
    std::vector<double> x;
    for (int variance : free_) x.push_back(start[variance]);
    return x;
  }

  StopRequest stop() const { return stop_; }

  double operator()(absl::Span<const double> x, absl::Span<double> gradient) {
    stop_.RequestedAfter(steps_);
    const StructuralFilter::Likelihood likelihood =
        filter_.RunWithGradient(Variances(x, 1), gradient_);
    const double squares = likelihood.sum_of_squares + least_squares_;
    const double value =
        likelihood.counted * std::log(squares) + likelihood.sum_of_logs;
    if (!(value < kInfinity)) return kInfinity;
    for (size_t k = 0; k < x.size(); ++k) {
      slopes_[k] = likelihood.counted * gradient_.sum_of_squares[k] / squares +
                   gradient_.sum_of_logs[k];
      gradient[k] = 2 * x[k] * slopes_[k];
    }
    return value;
  }

  // The derivative of the last evaluation in each variance.
  double slope(size_t k) const { return slopes_[k]; }

  StructuralVariances Variances(absl::Span<const double> x,
                                double scale) const {
    std::array<double, kStructuralVariances> variances = {};
    for (size_t k = 0; k < x.size(); ++k) {
      variances[free_[k]] = x[k] * x[k] * scale;
    }
    return FromArray(variances);
  }

  // With the scale of greatest likelihood.
  StructuralVariances Scaled(absl::Span<const double> x) {
    const StructuralFilter::Likelihood likelihood =
        filter_.Run(Variances(x, 1));
    return Variances(
        x, (likelihood.sum_of_squares + least_squares_) / likelihood.counted);
  }

 private:
  StructuralFilter& filter_;
  const std::vector<int> free_;
  const size_t steps_;
  const StopRequest stop_;
  double least_squares_ = 0;
  Box box_;
  StructuralFilter::Gradient gradient_;
  std::array<double, kStructuralVariances> slopes_ = {};
};

// At zero the derivative in a standard deviation vanishes whatever that in its
// variance is, so that the search never leaves zero, and only creeps towards
// it. Sets small deviations to zero where that is better, and others off again
// from zero. False where there is nothing to do.
bool RevisitZeros(StructuralObjective& objective, Minimum& best) {
  std::vector<double> gradient(best.x.size());
  const auto evaluate = [&](const std::vector<double>& x) {
    return objective(x, absl::MakeSpan(gradient));
  };
  for (size_t k = 0; k < best.x.size(); ++k) {
    if (best.x[k] == 0 || best.x[k] > kNearZero) continue;
    std::vector<double> x = best.x;
    x[k] = 0;
    const double value = evaluate(x);
    if (value > best.value) continue;
    best.x = std::move(x);
    best.value = value;
  }
  evaluate(best.x);
  bool changed = false;
  for (size_t k = 0; k < best.x.size(); ++k) {
    if (best.x[k] > 0 || !(objective.slope(k) * kAfresh * kAfresh < -1e-6)) {
      continue;
    }
    best.x[k] = kAfresh;
    changed = true;
  }
  return changed;
}

absl::Status CheckForm(absl::Span<const double> values,
                       const StructuralForm& form, int season) {
  if (form.has_season() && (season < 2 || season > kMaxStructuralSeason)) {
    return absl::FailedPreconditionError(
        absl::StrCat(StructuralName(form), " takes a season of 2 to ",
                     kMaxStructuralSeason, " periods, not ", season));
  }
  if (std::all_of(values.begin(), values.end(), [](double value) {
        return value == 0 || std::isnan(value);
      })) {
    return absl::FailedPreconditionError(absl::StrCat(
        StructuralName(form), " needs values that are not all zero"));
  }
  // As many values for the variances as serve to start the states.
  const int states = form.CountStates(season);
  const int variances = static_cast<int>(FreeVariances(form).size());
  const int least = states + std::max(states, variances + 2);
  const int present = CountPresent(values);
  if (present < least) {
    return absl::FailedPreconditionError(
        absl::StrCat(StructuralName(form), " needs at least ", least,
                     " values, and there are ", present));
  }
  return absl::OkStatus();
}

double Aicc(const StructuralFit& fit, absl::Span<const char> comparable) {
  double sum = 0;
  int compared = 0;
  for (size_t t = 0; t < comparable.size(); ++t) {
    if (!comparable[t]) continue;
    sum += fit.surprises[t];
    ++compared;
  }
  const double k = static_cast<double>(FreeVariances(fit.form).size());
  return sum + 2 * k + 2 * k * (k + 1) / (compared - k - 1);
}

StructuralFit LeastAicc(std::vector<StructuralFit> fits) {
  std::vector<char> comparable(fits.front().surprises.size(), 1);
  for (const StructuralFit& fit : fits) {
    for (size_t t = 0; t < comparable.size(); ++t) {
      if (std::isnan(fit.surprises[t])) comparable[t] = 0;
    }
  }
  size_t best = 0;
  for (size_t i = 1; i < fits.size(); ++i) {
    if (Aicc(fits[i], comparable) < Aicc(fits[best], comparable)) best = i;
  }
  return std::move(fits[best]);
}

absl::Span<const double> LastValues(absl::Span<const double> values) {
  const size_t most = kMaxStructuralValues;
  return values.size() > most ? values.last(most) : values;
}

Minimum FollowToTheEnd(StructuralObjective& objective, Minimum best) {
  constexpr int kRounds = 3;
  const auto minimize = [&objective](std::vector<double> x) {
    return MinimizeInBox(
        [&objective](absl::Span<const double> at, absl::Span<double> gradient) {
          return objective(at, gradient);
        },
        std::move(x), objective.box(), MinimizeOptions{}, objective.stop());
  };
  best = minimize(std::move(best.x));
  for (int round = 0; round < kRounds && !objective.stop().requested();
       ++round) {
    Minimum afresh = best;
    if (!RevisitZeros(objective, afresh)) return afresh;
    afresh = minimize(std::move(afresh.x));
    if (!(afresh.value < best.value)) return best;
    best = std::move(afresh);
  }
  return best;
}

absl::StatusOr<StructuralFit> FitFrom(absl::Span<const Deviations> starts,
                                      absl::Span<const double> values,
                                      const StructuralForm& form, int season,
                                      StopRequest stop) {
  RETURN_IF_ERROR(CheckForm(values, form, season));
  if (stop.requested()) return GivenUp();
  StructuralFilter filter(values, form, season);
  // There and back, each with a few products of the states' covariance.
  const size_t states = form.CountStates(season);
  StructuralObjective objective(
      filter, values, 4 * values.size() * (1 + states * states), stop);
  const auto function = [&objective](absl::Span<const double> x,
                                     absl::Span<double> gradient) {
    return objective(x, gradient);
  };
  Minimum best;
  best.value = kInfinity;
  MinimizeOptions first_look;
  first_look.max_evaluations = kFirstLook;
  for (const Deviations& start : starts) {
    Minimum minimum = MinimizeInBox(function, objective.Start(start),
                                    objective.box(), first_look, stop);
    if (stop.requested()) return GivenUp();
    if (minimum.value < best.value) best = std::move(minimum);
  }
  if (best.value == kInfinity || !filter.is_identified()) {
    return absl::FailedPreconditionError(
        absl::StrCat(StructuralName(form), " needs a value in each of the ",
                     season, " seasons, some of them in two cycles"));
  }
  best = FollowToTheEnd(objective, std::move(best));
  if (stop.requested()) return GivenUp();
  StructuralFit fit;
  fit.form = form;
  fit.season = form.has_season() ? season : 1;
  fit.variances = objective.Scaled(best.x);
  fit.log_likelihood = filter.Run(fit.variances).Log();
  fit.surprises.assign(filter.surprises().begin(), filter.surprises().end());
  return fit;
}

}  // namespace

absl::StatusOr<StructuralFit> FitStructural(absl::Span<const double> values,
                                            const StructuralForm& form,
                                            int season, StopRequest stop) {
  return FitFrom(kStarts, values, form, season, stop);
}

absl::StatusOr<StructuralFit> SearchStructural(absl::Span<const double> values,
                                               int season, StopRequest stop) {
  using enum StructuralTrend;
  using enum StructuralSeason;
  ASSIGN_OR_RETURN(StructuralFit plain,
                   FitStructural(values, {kLevel, kNone}, season, stop));
  std::vector<StructuralFit> fits = {std::move(plain)};
  absl::StatusOr<StructuralFit> seasonal =
      FitStructural(values, {kLevel, kDummy}, season, stop);
  absl::StatusOr<StructuralFit> harmonic =
      FitStructural(values, {kLevel, kTrigonometric}, season, stop);
  // Both have the same number of states and variances.
  if (harmonic.ok() &&
      (!seasonal.ok() || harmonic->log_likelihood > seasonal->log_likelihood)) {
    seasonal = std::move(harmonic);
  }
  if (seasonal.ok()) fits.push_back(*std::move(seasonal));
  for (size_t i = 0, levels = fits.size(); i < levels; ++i) {
    const Deviations start = DeviationsOf(fits[i].variances);
    absl::StatusOr<StructuralFit> drift = FitFrom(
        {&start, 1}, values, {kDrift, fits[i].form.season}, season, stop);
    if (drift.ok()) fits.push_back(*std::move(drift));
  }
  if (stop.requested()) return GivenUp();
  StructuralFit best = LeastAicc(std::move(fits));
  if (best.form.trend != kDrift) return best;
  const Deviations starts[] = {DeviationsOf(best.variances), kStarts[2]};
  absl::StatusOr<StructuralFit> linear =
      FitFrom(starts, values, {kLinear, best.form.season}, season, stop);
  if (stop.requested()) return GivenUp();
  if (linear.ok() &&
      2 * (linear->log_likelihood - best.log_likelihood) > kSlopeCharge) {
    return linear;
  }
  return best;
}

Prediction PredictStructural(absl::Span<const double> values,
                             const StructuralFit& fit, int horizon,
                             absl::Span<const double> probabilities) {
  StructuralFilter filter(values, fit.form, fit.season);
  filter.Run(fit.variances);
  std::vector<double> mean(horizon);
  std::vector<double> variance(horizon);
  filter.Forecast(fit.variances, absl::MakeSpan(mean),
                  absl::MakeSpan(variance));
  return NormalPrediction(StructuralName(fit.form), std::move(mean), variance,
                          probabilities);
}

absl::StatusOr<Prediction> Structural(const ModelInput& input) {
  if (input.season <= kMaxStructuralSeason) {
    const absl::Span<const double> values = LastValues(input.values);
    ASSIGN_OR_RETURN(const StructuralFit fit,
                     SearchStructural(values, input.season, input.stop));
    return PredictStructural(values, fit, input.horizon, input.probabilities);
  }
  const SeasonalAdjustment adjustment(input.values, input.season, input.stop);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  const absl::Span<const double> values = LastValues(adjusted);
  ASSIGN_OR_RETURN(const StructuralFit fit,
                   SearchStructural(values, 1, input.stop));
  Prediction prediction =
      PredictStructural(values, fit, input.horizon, input.probabilities);
  if (!adjustment.is_seasonal()) return prediction;
  RestoreSeason(adjustment, static_cast<int>(adjusted.size()), prediction);
  absl::StrAppend(&prediction.model, " on seasonally adjusted values");
  return prediction;
}

}  // namespace headway::forecast
