#include "daemon/forecast/ets/predict.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "daemon/forecast/math/normal.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// The default of R's forecast.ets.
constexpr int kPaths = 5000;

// One period of the model: observes `innovation` and moves the state.
double Advance(const EtsFit& fit, int period, double innovation,
               EtsState& state) {
  const EtsForm& form = fit.form;
  const auto& [alpha, beta, gamma, phi] = fit.smoothing;
  double damped = phi * state.growth;
  double base = state.level + damped;
  if (form.trend == kNone) {
    damped = 0;
    base = state.level;
  } else if (form.trend == kMultiplicative) {
    damped = std::pow(state.growth, phi);
    base = state.level * damped;
  }
  double* seasonal =
      form.has_season() ? &state.seasonal[period % fit.season] : nullptr;
  double fitted = base;
  if (form.season == kAdditive) fitted += *seasonal;
  if (form.season == kMultiplicative) fitted *= *seasonal;
  const double error =
      form.error == kAdditive ? innovation : fitted * innovation;
  const double surprise =
      form.season == kMultiplicative ? error / *seasonal : error;
  if (form.trend == kAdditive) state.growth = damped + beta * surprise;
  if (form.trend == kMultiplicative) {
    state.growth = damped + beta * surprise / state.level;
  }
  if (form.season == kAdditive) *seasonal += gamma * error;
  if (form.season == kMultiplicative) *seasonal += gamma * error / base;
  state.level = base + alpha * surprise;
  return fitted + error;
}

// What an innovation of one does to the value `lag` periods later, for forms
// without multiplicative components: c_j in the book.
std::vector<double> Responses(const EtsFit& fit, int horizon) {
  const auto& [alpha, beta, gamma, phi] = fit.smoothing;
  std::vector<double> responses(horizon, 1.0);
  double damping = 0;
  double power = 1;
  for (int lag = 1; lag < horizon; ++lag) {
    power *= phi;
    damping += power;
    responses[lag] = alpha;
    if (fit.form.has_trend()) responses[lag] += beta * damping;
    if (fit.form.has_season() && lag % fit.season == 0) responses[lag] += gamma;
  }
  return responses;
}

// A difference that rounding may turn negative where the fit is exact.
double NotNegative(double variance) { return std::max(variance, 0.0); }

// Classes 1 and 2: linear in the states.
EtsMoments LinearMoments(const EtsFit& fit, int horizon, StopRequest stop) {
  EtsMoments moments;
  moments.mean = EtsPoint(fit, horizon);
  const std::vector<double> responses = Responses(fit, horizon);
  if (fit.form.error == kAdditive) {
    double sum = 0;
    for (int h = 0; h < horizon; ++h) {
      sum += responses[h] * responses[h];
      moments.variance.push_back(fit.variance * sum);
    }
    return moments;
  }
  // theta_h in the book: the second moment of the one-step forecast made at h.
  std::vector<double> theta(horizon);
  for (int h = 0; h < horizon; ++h) {
    double sum = 0;
    for (int lag = 1; lag <= h; ++lag) {
      sum += responses[lag] * responses[lag] * theta[h - lag];
    }
    const double squared_mean = moments.mean[h] * moments.mean[h];
    theta[h] = squared_mean + fit.variance * sum;
    moments.variance.push_back(
        NotNegative((1 + fit.variance) * theta[h] - squared_mean));
    if (stop.RequestedAfter(h)) break;
  }
  moments.variance.resize(horizon);
  return moments;
}

struct Matrix2 {
  double a = 0, b = 0, c = 0, d = 0;

  friend Matrix2 operator*(const Matrix2& x, const Matrix2& y) {
    return {x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d, x.c * y.a + x.d * y.c,
            x.c * y.b + x.d * y.d};
  }
  friend Matrix2 operator+(const Matrix2& x, const Matrix2& y) {
    return {x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d};
  }
  friend Matrix2 operator*(double s, const Matrix2& x) {
    return {s * x.a, s * x.b, s * x.c, s * x.d};
  }
  Matrix2 Transposed() const { return {a, c, b, d}; }
};

// Class 3: multiplicative errors and season. The product z of (level, growth)
// with one seasonal state follows z' = (A + e B + e^2 C) z with a normal e, so
// that its first two moments have a recursion of their own for each season.
class ProductMoments {
 public:
  ProductMoments(const EtsFit& fit, double seasonal)
      : variance_(fit.variance), gamma_(fit.smoothing.gamma) {
    const double phi = fit.form.has_trend() ? fit.smoothing.phi : 0;
    drift_ = {1, phi, 0, phi};
    shock_ = {fit.smoothing.alpha, fit.smoothing.alpha * phi,
              fit.smoothing.beta, fit.smoothing.beta * phi};
    const double level = fit.final.level * seasonal;
    const double growth = fit.final.growth * seasonal;
    first_ = {level, 0, growth, 0};
    second_ = first_ * first_.Transposed();
  }

  // The moments of the value at this period, if it were of this season.
  double Mean() const { return drift_.a * first_.a + drift_.b * first_.c; }
  double Variance() const {
    const Matrix2 moved = drift_ * second_ * drift_.Transposed();
    return NotNegative((1 + variance_) * moved.a - Mean() * Mean());
  }

  // `active`: the present period is of this season.
  void Advance(bool active) {
    const Matrix2& a = drift_;
    const Matrix2 b = active ? shock_ + gamma_ * drift_ : shock_;
    const Matrix2 c = active ? gamma_ * shock_ : Matrix2{};
    const double v = variance_;
    second_ = a * second_ * a.Transposed() +
              v * (a * second_ * c.Transposed() + c * second_ * a.Transposed() +
                   b * second_ * b.Transposed()) +
              3 * v * v * (c * second_ * c.Transposed());
    first_ = (a + v * c) * first_;
  }

 private:
  double variance_;
  double gamma_;
  Matrix2 drift_;
  Matrix2 shock_;
  Matrix2 first_;  // a column: the second is zero
  Matrix2 second_;
};

EtsMoments SeasonalProductMoments(const EtsFit& fit, int horizon,
                                  StopRequest stop) {
  EtsMoments moments;
  moments.mean.resize(horizon);
  moments.variance.resize(horizon);
  for (int s = 0; s < fit.season && s < horizon; ++s) {
    // Each step multiplies a few small matrices.
    if (stop.RequestedAfter(static_cast<size_t>(horizon) * 50)) break;
    ProductMoments product(fit, fit.final.seasonal[s]);
    for (int h = 0; h < horizon; ++h) {
      const bool active = h % fit.season == s;
      if (active) {
        moments.mean[h] = product.Mean();
        moments.variance[h] = product.Variance();
      }
      product.Advance(active);
    }
  }
  return moments;
}

// Between the two nearest of the sorted values.
double SampleQuantile(absl::Span<const double> sorted, double probability) {
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = position - static_cast<double>(below);
  return sorted[below] + share * (sorted[above] - sorted[below]);
}

Prediction PredictBySimulation(const EtsFit& fit, int horizon,
                               absl::Span<const double> probabilities,
                               uint64_t seed) {
  Prediction prediction;
  prediction.model = EtsName(fit.form);
  prediction.point = EtsPoint(fit, horizon);
  for (const std::vector<double>& sorted :
       SimulateEts(fit, horizon, kPaths, seed)) {
    double mean = 0;
    for (size_t i = 0; i < sorted.size(); ++i) {
      mean += (sorted[i] - mean) / static_cast<double>(i + 1);
    }
    prediction.mean.push_back(mean);
    std::vector<double>& quantiles = prediction.quantiles.emplace_back();
    for (double probability : probabilities) {
      quantiles.push_back(SampleQuantile(sorted, probability));
    }
  }
  return prediction;
}

}  // namespace

std::vector<double> EtsPoint(const EtsFit& fit, int horizon) {
  EtsState state = fit.final;
  std::vector<double> point(horizon);
  for (int h = 0; h < horizon; ++h) point[h] = Advance(fit, h, 0, state);
  return point;
}

bool HasClosedMoments(const EtsForm& form) {
  if (form.trend == kMultiplicative) return false;
  return form.error == kMultiplicative || form.season != kMultiplicative;
}

EtsMoments EtsClosedMoments(const EtsFit& fit, int horizon, StopRequest stop) {
  return fit.form.season == kMultiplicative
             ? SeasonalProductMoments(fit, horizon, stop)
             : LinearMoments(fit, horizon, stop);
}

std::vector<std::vector<double>> SimulateEts(const EtsFit& fit, int horizon,
                                             int paths, uint64_t seed) {
  NormalGenerator normal(seed);
  const double deviation = std::sqrt(fit.variance);
  std::vector<std::vector<double>> samples(horizon, std::vector<double>(paths));
  EtsState state;
  for (int path = 0; path < paths; ++path) {
    state = fit.final;
    for (int h = 0; h < horizon; ++h) {
      samples[h][path] = Advance(fit, h, deviation * normal.Next(), state);
    }
  }
  // A path that left the reals (a root of a negative growth) has no value from
  // there on; it counts as infinitely low, so that it cannot hide.
  for (std::vector<double>& step : samples) {
    for (double& value : step) {
      if (std::isnan(value)) value = -std::numeric_limits<double>::infinity();
    }
    std::sort(step.begin(), step.end());
  }
  return samples;
}

Prediction PredictEts(const EtsFit& fit, int horizon,
                      absl::Span<const double> probabilities, uint64_t seed) {
  if (!HasClosedMoments(fit.form)) {
    return PredictBySimulation(fit, horizon, probabilities, seed);
  }
  EtsMoments moments = EtsClosedMoments(fit, horizon);
  Prediction prediction =
      NormalPrediction(EtsName(fit.form), std::move(moments.mean),
                       moments.variance, probabilities);
  prediction.point = EtsPoint(fit, horizon);
  return prediction;
}

}  // namespace headway::forecast
