#include "daemon/forecast/ets/objective.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

constexpr double kLeast = 0.0001;
constexpr double kMost = 0.9999;
constexpr double kLeastPhi = 0.8;
constexpr double kMostPhi = 0.98;
// The roots of the characteristic equation may lie this far outside the unit
// circle: the tolerance of R's `ets`, larger than rounding errors.
constexpr double kRadius = 1 + 1e-10;

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

double Square(double x) { return x * x; }

}  // namespace

std::vector<EtsStartingPoint> EtsStartingPoints(const EtsForm& form,
                                                const EtsShrinkage& shrinkage) {
  if (shrinkage.alpha_weight > 0) {
    const double alpha = shrinkage.alpha_mean;
    if (form.has_season()) {
      return {{alpha, 0.05, 0.05}, {0.5 * alpha, 0.05, 0.6}};
    }
    return {{alpha, 0.05, 0.05}, {0.3 * alpha, 0.05, 0.05}};
  }
  // Near a fixed level, near a random walk, and where trend or season take all
  // change.
  std::vector<EtsStartingPoint> points = {{0.1, 0.1, 0.05}, {0.6, 0.1, 0.05}};
  if (form.has_trend()) points.push_back({0.9, 0.9, 0.05});
  if (form.has_season()) points.push_back({0.3, 0.1, 0.6});
  if (form.has_trend() && form.has_season())
    points.push_back({0.95, 0.1, 0.001});
  return points;
}

EtsObjective::EtsObjective(absl::Span<const double> values, const EtsForm& form,
                           int season, EtsState start,
                           const EtsShrinkage& shrinkage)
    : form_(form),
      season_(form.has_season() ? season : 1),
      start_(std::move(start)),
      shrinkage_(shrinkage),
      state_(start_),
      polynomial_(season_ + 2) {
  SetScales(values);
  SetBox();
}

// A step of one in a variable should matter about as much as in any other.
void EtsObjective::SetScales(absl::Span<const double> values) {
  double squares = 0;
  double largest = 0;
  double last = std::numeric_limits<double>::quiet_NaN();
  for (double value : values) {
    if (std::isnan(value)) continue;
    if (observed_ > 0) squares += Square(value - last);
    ++observed_;
    last = value;
    largest = std::max(largest, std::abs(value));
  }
  const double change =
      std::max(std::sqrt(squares / std::max(observed_ - 1, 1)), 1e-6 * largest);
  level_scale_ = change;
  growth_scale_ = change / 4;
  seasonal_scale_ = change / 2;
  const double size = std::max(std::abs(start_.level), 1e-3 * largest);
  if (form_.season == kMultiplicative) seasonal_scale_ = change / (2 * size);
  if (form_.trend == kMultiplicative) growth_scale_ = change / (4 * size);
}

void EtsObjective::Add(double lower, double upper) {
  box_.lower.push_back(lower);
  box_.upper.push_back(upper);
}

void EtsObjective::SetBox() {
  Add(kLeast, kMost);
  if (form_.has_trend()) Add(0, 1);
  if (form_.has_season()) Add(0, 1);
  if (form_.damped) Add(kLeastPhi, kMostPhi);
  Add(-kInfinity, kInfinity);
  if (form_.has_trend()) Add(-kInfinity, kInfinity);
  for (int s = 1; form_.has_season() && s < season_; ++s) {
    // A multiplicative index must not be negative.
    Add(form_.season == kMultiplicative ? -start_.seasonal[s] / seasonal_scale_
                                        : -kInfinity,
        kInfinity);
  }
}

std::vector<double> EtsObjective::Start(const EtsStartingPoint& point) const {
  std::vector<double> x = {std::clamp(point.alpha, kLeast, kMost)};
  if (form_.has_trend()) x.push_back(point.beta_share);
  if (form_.has_season()) x.push_back(point.gamma_share);
  if (form_.damped) x.push_back(kLeastPhi + 0.99 * (kMostPhi - kLeastPhi));
  x.resize(box_.lower.size(), 0.0);
  return x;
}

bool EtsObjective::Unpack(absl::Span<const double> x) {
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
  if (form_.has_season()) {
    double sum = form_.season == kMultiplicative ? season_ : 0;
    for (int s = 1; s < season_; ++s) {
      state_.seasonal[s] = start_.seasonal[s] + seasonal_scale_ * x[i++];
      sum -= state_.seasonal[s];
    }
    state_.seasonal[0] = sum;
  }
  return IsAllowed();
}

bool EtsObjective::IsAllowed() {
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

size_t EtsObjective::FirstState() const {
  return 1 + (form_.has_trend() ? 1 : 0) + (form_.has_season() ? 1 : 0) +
         (form_.damped ? 1 : 0);
}

// The second derivatives of the penalty, plus rough guesses of those of the
// likelihood. Only their proportions matter: the search finds a common factor.
std::vector<double> EtsObjective::Curvature() const {
  const double n = observed_;
  std::vector<double> curvature = {2 * (shrinkage_.alpha_weight + 1) * n};
  if (form_.has_trend()) {
    curvature.push_back(2 * (shrinkage_.beta_weight + 1) * n);
  }
  if (form_.has_season()) curvature.push_back(n);
  if (form_.damped) curvature.push_back(n);
  curvature.resize(box_.lower.size(), 2 * (shrinkage_.state_weight + 4));
  return curvature;
}

double EtsObjective::Charge(absl::Span<const double> x) const {
  double charge = shrinkage_.alpha_weight * observed_ *
                  Square(x[0] - shrinkage_.alpha_mean);
  if (form_.has_trend()) {
    charge += shrinkage_.beta_weight * observed_ * Square(x[1]);
  }
  for (size_t i = FirstState(); i < x.size(); ++i) {
    charge += shrinkage_.state_weight * Square(x[i]);
  }
  return charge;
}

void EtsObjective::PackGradient(absl::Span<const double> x,
                                const EtsLikelihood::Gradient& likelihood,
                                absl::Span<double> gradient) const {
  const auto& [smoothing, initial] = likelihood;
  size_t i = 1;
  const double alpha = x[0];
  double d_alpha = smoothing.alpha;
  if (form_.has_trend()) {
    d_alpha += smoothing.beta * x[i];
    gradient[i] = smoothing.beta * (alpha - kLeast) +
                  2 * shrinkage_.beta_weight * observed_ * x[i];
    ++i;
  }
  if (form_.has_season()) {
    d_alpha -= smoothing.gamma * x[i];
    gradient[i++] = smoothing.gamma * (1 - alpha - kLeast);
  }
  gradient[0] = d_alpha + 2 * shrinkage_.alpha_weight * observed_ *
                              (alpha - shrinkage_.alpha_mean);
  if (form_.damped) gradient[i++] = smoothing.phi;
  gradient[i++] = initial.level * level_scale_;
  if (form_.has_trend()) gradient[i++] = initial.growth * growth_scale_;
  for (int s = 1; form_.has_season() && s < season_; ++s) {
    gradient[i++] =
        (initial.seasonal[s] - initial.seasonal[0]) * seasonal_scale_;
  }
  for (i = FirstState(); i < x.size(); ++i) {
    gradient[i] += 2 * shrinkage_.state_weight * x[i];
  }
}

}  // namespace headway::forecast
