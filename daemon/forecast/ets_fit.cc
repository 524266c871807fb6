#include "daemon/forecast/ets_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets_start.h"
#include "daemon/forecast/model.h"
#include "daemon/forecast/optimize.h"
#include "daemon/forecast/seasonality.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// Evaluations from each starting point before the best is followed to the end.
constexpr int kFirstLook = 30;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeast = 0.0001;
constexpr double kMost = 0.9999;
constexpr double kLeastPhi = 0.8;
constexpr double kMostPhi = 0.98;
// The roots of the characteristic equation may lie this far outside the unit
// circle, as much as R allows and more than rounding needs.
constexpr double kRadius = 1 + 1e-10;

// Smoothing parameters and initial states that are free, the last seasonal
// state not being so.
int CountParameters(const EtsForm& form, int season) {
  return 2 + (form.has_trend() ? 2 : 0) + (form.damped ? 1 : 0) +
         (form.has_season() ? season : 0);
}

// Whether all roots of the polynomial (leading coefficient first, not zero) lie
// within kRadius, by the Schur-Cohn recursion. Overwrites its argument.
bool RootsWithin(std::vector<double>& p) {
  double power = 1;
  for (double& coefficient : p) {
    coefficient /= power;
    power *= kRadius;
  }
  for (size_t degree = p.size() - 1; degree > 0; --degree) {
    const double k = p[degree] / p[0];
    if (!(std::abs(k) < 1)) return false;
    const double scale = 1 / (1 - k * k);
    for (size_t i = 0, j = degree; i <= j; ++i, --j) {
      const double low = p[i];
      const double high = p[j];
      p[i] = (low - k * high) * scale;
      p[j] = (high - k * low) * scale;
    }
  }
  return true;
}

struct StartingPoint {
  double alpha = 0;
  double beta_share = 0;
  double gamma_share = 0;
};

// The likelihood has several maxima: near a fixed level, near a random walk,
// and where trend or season take all change.
std::vector<StartingPoint> StartingPoints(const EtsForm& form) {
  std::vector<StartingPoint> points = {{0.1, 0.1, 0.05}, {0.6, 0.1, 0.05}};
  if (form.has_trend()) points.push_back({0.9, 0.9, 0.05});
  if (form.has_season()) points.push_back({0.3, 0.1, 0.6});
  if (form.has_trend() && form.has_season())
    points.push_back({0.95, 0.1, 0.001});
  return points;
}

// The objective of one form in scaled variables. The box is a product of
// intervals because beta and gamma are given as shares of what alpha leaves
// them:
//   alpha; (beta - least) / (alpha - least); (gamma - least) / (1 - alpha -
//   least); phi; then states, as distances from the starting state.
class EtsObjective {
 public:
  EtsObjective(EtsLikelihood& likelihood, EtsState start, double trend_penalty)
      : likelihood_(likelihood),
        trend_penalty_(trend_penalty),
        form_(likelihood.form()),
        season_(likelihood.season()),
        start_(std::move(start)),
        state_(start_),
        polynomial_(season_ + 2) {
    gradient_.initial.seasonal.resize(start_.seasonal.size());
    SetScales();
    SetBox();
  }

  const Box& box() const { return box_; }

  // Smoothing parameters as shares of their intervals, and the starting state.
  std::vector<double> Start(const StartingPoint& point) const {
    std::vector<double> x = {point.alpha};
    if (form_.has_trend()) x.push_back(point.beta_share);
    if (form_.has_season()) x.push_back(point.gamma_share);
    if (form_.damped) x.push_back(kLeastPhi + 0.99 * (kMostPhi - kLeastPhi));
    x.resize(box_.lower.size(), 0.0);
    return x;
  }

  double operator()(absl::Span<const double> x, absl::Span<double> gradient) {
    Unpack(x);
    if (!IsAllowed()) return kInfinity;
    const double value =
        likelihood_.EvaluateWithGradient(smoothing_, state_, gradient_);
    if (!(value < kInfinity)) return value;
    PackGradient(x, gradient);
    if (!form_.has_trend()) return value;
    gradient[1] += trend_penalty_;
    return value + trend_penalty_ * x[1];
  }

  void Unpack(absl::Span<const double> x) {
    size_t i = 0;
    smoothing_.alpha = x[i++];
    if (form_.has_trend()) {
      smoothing_.beta = kLeast + (smoothing_.alpha - kLeast) * x[i++];
    }
    if (form_.has_season()) {
      smoothing_.gamma = kLeast + (1 - smoothing_.alpha - kLeast) * x[i++];
    }
    if (form_.damped) smoothing_.phi = x[i++];
    state_.level = start_.level + level_scale_ * x[i++];
    if (form_.has_trend()) {
      state_.growth = start_.growth + growth_scale_ * x[i++];
    }
    if (!form_.has_season()) return;
    double sum = form_.season == kMultiplicative ? season_ : 0;
    for (int s = 1; s < season_; ++s) {
      state_.seasonal[s] = start_.seasonal[s] + seasonal_scale_ * x[i++];
      sum -= state_.seasonal[s];
    }
    state_.seasonal[0] = sum;
  }

  const EtsSmoothing& smoothing() const { return smoothing_; }
  const EtsState& state() const { return state_; }

 private:
  // A step of one in a variable should matter about as much as in any other.
  void SetScales() {
    const absl::Span<const double> values = likelihood_.values();
    double squares = 0;
    double largest = 0;
    int count = 0;
    double last = std::numeric_limits<double>::quiet_NaN();
    for (double value : values) {
      if (std::isnan(value)) continue;
      if (!std::isnan(last)) {
        squares += (value - last) * (value - last);
        ++count;
      }
      last = value;
      largest = std::max(largest, std::abs(value));
    }
    const double change =
        std::max(std::sqrt(squares / std::max(count, 1)), 1e-6 * largest);
    level_scale_ = change;
    growth_scale_ = change / 4;
    seasonal_scale_ = change / 2;
    const double size = std::max(std::abs(start_.level), 1e-3 * largest);
    if (form_.season == kMultiplicative) seasonal_scale_ = change / (2 * size);
    if (form_.trend == kMultiplicative) growth_scale_ = change / (4 * size);
  }

  void Add(double lower, double upper) {
    box_.lower.push_back(lower);
    box_.upper.push_back(upper);
  }

  void SetBox() {
    Add(kLeast, kMost);
    if (form_.has_trend()) Add(0, 1);
    if (form_.has_season()) Add(0, 1);
    if (form_.damped) Add(kLeastPhi, kMostPhi);
    Add(-kInfinity, kInfinity);
    if (form_.has_trend()) Add(-kInfinity, kInfinity);
    for (int s = 1; form_.has_season() && s < season_; ++s) {
      // A multiplicative index must not be negative.
      Add(form_.season == kMultiplicative
              ? -start_.seasonal[s] / seasonal_scale_
              : -kInfinity,
          kInfinity);
    }
  }

  bool IsAllowed() {
    if (form_.season == kMultiplicative && state_.seasonal[0] < 0) return false;
    // Without both, the box lies within the admissible region.
    if (!form_.has_trend() || !form_.has_season()) return true;
    const auto& [alpha, beta, gamma, phi] = smoothing_;
    polynomial_[0] = 1;
    polynomial_[1] = alpha + beta - phi;
    std::fill(polynomial_.begin() + 2, polynomial_.end() - 2,
              alpha + beta - alpha * phi);
    polynomial_[season_] = alpha + beta - alpha * phi + gamma - 1;
    polynomial_[season_ + 1] = phi * (1 - alpha - gamma);
    return RootsWithin(polynomial_);
  }

  void PackGradient(absl::Span<const double> x, absl::Span<double> gradient) {
    size_t i = 1;
    double d_alpha = gradient_.smoothing.alpha;
    if (form_.has_trend()) {
      d_alpha += gradient_.smoothing.beta * x[i];
      gradient[i++] = gradient_.smoothing.beta * (smoothing_.alpha - kLeast);
    }
    if (form_.has_season()) {
      d_alpha -= gradient_.smoothing.gamma * x[i];
      gradient[i++] =
          gradient_.smoothing.gamma * (1 - smoothing_.alpha - kLeast);
    }
    gradient[0] = d_alpha;
    if (form_.damped) gradient[i++] = gradient_.smoothing.phi;
    gradient[i++] = gradient_.initial.level * level_scale_;
    if (form_.has_trend()) {
      gradient[i++] = gradient_.initial.growth * growth_scale_;
    }
    for (int s = 1; form_.has_season() && s < season_; ++s) {
      gradient[i++] =
          (gradient_.initial.seasonal[s] - gradient_.initial.seasonal[0]) *
          seasonal_scale_;
    }
  }

  EtsLikelihood& likelihood_;
  const double trend_penalty_;
  const EtsForm form_;
  const int season_;
  const EtsState start_;
  double level_scale_ = 1;
  double growth_scale_ = 1;
  double seasonal_scale_ = 1;
  Box box_;
  EtsSmoothing smoothing_;
  EtsState state_;
  EtsLikelihood::Gradient gradient_;
  std::vector<double> polynomial_;
};

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
  const int least = CountParameters(form, season) + 3;
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
                                      double trend_penalty) {
  EtsLikelihood likelihood(values, form, season);
  EtsObjective objective(likelihood, StartingState(filled, form, season),
                         trend_penalty);
  const auto function = [&objective](absl::Span<const double> x,
                                     absl::Span<double> gradient) {
    return objective(x, gradient);
  };
  Minimum best;
  best.value = kInfinity;
  MinimizeOptions first_look;
  first_look.max_evaluations = kFirstLook;
  for (const StartingPoint& point : StartingPoints(form)) {
    Minimum minimum = MinimizeInBox(function, objective.Start(point),
                                    objective.box(), first_look);
    if (minimum.value < best.value) best = std::move(minimum);
  }
  if (best.value == kInfinity) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " has no finite likelihood here"));
  }
  best = MinimizeInBox(function, std::move(best.x), objective.box(),
                       MinimizeOptions{});
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
  const int parameters = CountParameters(form, season);
  const double k = parameters + 1;
  fit.aicc = value + 2 * k + 2 * k * (k + 1) / (observed - k - 1);
  fit.variance = likelihood.sum_of_squares() / (observed - parameters);
  return fit;
}

}  // namespace

absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              double trend_penalty) {
  RETURN_IF_ERROR(CheckForm(values, form, season));
  return FitCheckedForm(values, FillGaps(values, season), form, season,
                        trend_penalty);
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

absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season,
                                 double trend_penalty) {
  const std::vector<EtsForm> forms = DefaultEtsForms(values, season);
  absl::StatusOr<EtsFit> best = absl::FailedPreconditionError(absl::StrCat(
      "exponential smoothing needs at least 5 values, and there are ",
      CountPresent(values)));
  const std::vector<double> filled = FillGaps(values, season);
  for (const EtsForm& form : forms) {
    absl::StatusOr<EtsFit> fit =
        FitCheckedForm(values, filled, form, season, trend_penalty);
    if (fit.ok() && (!best.ok() || fit->aicc < best->aicc)) {
      best = std::move(fit);
    }
  }
  return best;
}

}  // namespace headway::forecast
