#include "daemon/forecast/ets/likelihood.h"

#include <cmath>

#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// A product is turned into a logarithm before it can leave these.
constexpr double kSmallProduct = 1e-100;
constexpr double kLargeProduct = 1e100;

}  // namespace

EtsLikelihood::EtsLikelihood(absl::Span<const double> values,
                             const EtsForm& form, int season)
    : values_(values), form_(form), season_(form.has_season() ? season : 1) {
  double squares = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    ++observed_;
    squares += form.error == kAdditive ? value * value : 1;
  }
  least_squares_ = kEtsLeastSquaresShare * squares;
  const size_t n = values.size();
  for (std::vector<double>* trace :
       {&old_level_, &old_growth_, &damped_, &base_, &old_seasonal_, &surprise_,
        &fitted_}) {
    trace->resize(n);
  }
  if (form.has_season()) seasonal_.resize(season);
  if (form.error == kAdditive) {
    ChooseTrend<kAdditive>();
  } else {
    ChooseTrend<kMultiplicative>();
  }
}

template <EtsComponent kError>
void EtsLikelihood::ChooseTrend() {
  switch (form_.trend) {
    case kNone:
      return ChooseSeason<kError, kNone>();
    case kAdditive:
      return ChooseSeason<kError, kAdditive>();
    case kMultiplicative:
      return ChooseSeason<kError, kMultiplicative>();
  }
}

template <EtsComponent kError, EtsComponent kTrend>
void EtsLikelihood::ChooseSeason() {
  switch (form_.season) {
    case kNone:
      forward_ = &EtsLikelihood::Forward<kError, kTrend, kNone>;
      backward_ = &EtsLikelihood::Backward<kError, kTrend, kNone>;
      break;
    case kAdditive:
      forward_ = &EtsLikelihood::Forward<kError, kTrend, kAdditive>;
      backward_ = &EtsLikelihood::Backward<kError, kTrend, kAdditive>;
      break;
    case kMultiplicative:
      forward_ = &EtsLikelihood::Forward<kError, kTrend, kMultiplicative>;
      backward_ = &EtsLikelihood::Backward<kError, kTrend, kMultiplicative>;
      break;
  }
}

template <EtsComponent kError, EtsComponent kTrend, EtsComponent kSeason>
void EtsLikelihood::Forward(const EtsSmoothing& smoothing) {
  const int n = static_cast<int>(values_.size());
  const double alpha = smoothing.alpha;
  const double beta = smoothing.beta;
  const double gamma = smoothing.gamma;
  const double phi = smoothing.phi;
  const bool damps = phi != 1;
  double level = level_;
  double growth = growth_;
  double squares = least_squares_;
  double logs = 0;
  double product = 1;
  int position = 0;
  for (int t = 0; t < n; ++t) {
    double damped = 0;
    double base = level;
    if constexpr (kTrend == kAdditive) {
      damped = phi * growth;
      base = level + damped;
    } else if constexpr (kTrend == kMultiplicative) {
      damped = damps ? std::pow(growth, phi) : growth;
      base = level * damped;
    }
    double seasonal = 0;
    double fitted = base;
    if constexpr (kSeason == kAdditive) {
      seasonal = seasonal_[position];
      fitted = base + seasonal;
    } else if constexpr (kSeason == kMultiplicative) {
      seasonal = seasonal_[position];
      fitted = base * seasonal;
    }
    const double value = values_[t];
    double surprise = 0;
    const bool present = !std::isnan(value);
    if (present) {
      if constexpr (kSeason == kMultiplicative) {
        surprise = value / seasonal - base;
      } else {
        surprise = value - fitted;
      }
      double error = value - fitted;
      if constexpr (kError == kMultiplicative) {
        error /= fitted;
        product *= std::abs(fitted);
        if (!(product > kSmallProduct && product < kLargeProduct)) {
          logs += std::log(product);
          product = 1;
        }
      }
      squares += error * error;
    }
    if constexpr (kTrend == kMultiplicative) {
      old_level_[t] = level;
      old_growth_[t] = growth;
    } else if constexpr (kTrend == kAdditive) {
      old_growth_[t] = growth;
    }
    damped_[t] = damped;
    base_[t] = base;
    surprise_[t] = surprise;
    fitted_[t] = fitted;
    if constexpr (kTrend == kAdditive) {
      growth = damped + beta * surprise;
    } else if constexpr (kTrend == kMultiplicative) {
      growth = damped + beta * surprise / level;
    }
    if constexpr (kSeason != kNone) {
      old_seasonal_[t] = seasonal;
      if constexpr (kSeason == kAdditive) {
        seasonal_[position] = seasonal + gamma * surprise;
      } else if (present) {
        seasonal_[position] = seasonal + gamma * (value / base - seasonal);
      }
      if (++position == season_) position = 0;
    }
    level = base + alpha * surprise;
  }
  level_ = level;
  growth_ = growth;
  sum_of_squares_ = squares;
  sum_of_logs_ = logs + std::log(product);
}

// Reverse-mode differentiation of Forward: adjoints run from the last period to
// the first.
template <EtsComponent kError, EtsComponent kTrend, EtsComponent kSeason>
void EtsLikelihood::Backward(const EtsSmoothing& smoothing,
                             Gradient& gradient) {
  const int n = static_cast<int>(values_.size());
  const double alpha = smoothing.alpha;
  const double beta = smoothing.beta;
  const double gamma = smoothing.gamma;
  const double phi = smoothing.phi;
  const bool damps = phi != 1;
  const double per_square = observed_ / sum_of_squares_;
  EtsSmoothing d;
  d.phi = 0;
  double d_level = 0;
  double d_growth = 0;
  std::vector<double>& d_seasonal = gradient.initial.seasonal;
  d_seasonal.assign(seasonal_.size(), 0.0);
  int position = n % season_;
  for (int t = n - 1; t >= 0; --t) {
    position = position == 0 ? season_ - 1 : position - 1;
    const double value = values_[t];
    const bool present = !std::isnan(value);
    const double base = base_[t];
    const double surprise = surprise_[t];
    const double fitted = fitted_[t];
    double d_fitted = 0;
    if (present) {
      if constexpr (kError == kAdditive) {
        d_fitted = -2 * per_square * (value - fitted);
      } else {
        const double ratio = value / fitted;
        d_fitted = (2 - 2 * per_square * (ratio - 1) * ratio) / fitted;
      }
    }
    const double d_after_season = kSeason == kNone ? 0 : d_seasonal[position];
    // level = base + alpha * surprise, and so on.
    double d_surprise = alpha * d_level;
    double d_base = d_level;
    d.alpha += d_level * surprise;
    if constexpr (kTrend == kAdditive) {
      d_surprise += beta * d_growth;
      d.beta += d_growth * surprise;
    } else if constexpr (kTrend == kMultiplicative) {
      d_surprise += beta * d_growth / old_level_[t];
      d.beta += d_growth * surprise / old_level_[t];
    }
    double d_old_season = d_after_season;
    if constexpr (kSeason == kAdditive) {
      d_surprise += gamma * d_after_season;
      d.gamma += d_after_season * surprise;
    } else if constexpr (kSeason == kMultiplicative) {
      if (present) {
        const double ratio = value / base;
        d.gamma += d_after_season * (ratio - old_seasonal_[t]);
        d_old_season -= gamma * d_after_season;
        d_base -= gamma * d_after_season * ratio / base;
      }
    }
    if (!present) d_surprise = 0;
    // surprise = value / seasonal - base, or value - seasonal - base.
    d_base -= d_surprise;
    if constexpr (kSeason == kAdditive) {
      d_old_season += d_fitted - d_surprise;
      d_base += d_fitted;
    } else if constexpr (kSeason == kMultiplicative) {
      const double seasonal = old_seasonal_[t];
      d_old_season += d_fitted * base;
      if (present) d_old_season -= d_surprise * value / (seasonal * seasonal);
      d_base += d_fitted * seasonal;
    } else {
      d_base += d_fitted;
    }
    if constexpr (kSeason != kNone) d_seasonal[position] = d_old_season;
    // base = level + damped, or level * damped.
    if constexpr (kTrend == kNone) {
      d_level = d_base;
    } else if constexpr (kTrend == kAdditive) {
      const double d_damped = d_growth + d_base;
      d.phi += d_damped * old_growth_[t];
      d_level = d_base;
      d_growth = phi * d_damped;
    } else {
      const double level = old_level_[t];
      const double damped = damped_[t];
      const double d_damped = d_growth + d_base * level;
      d_level = d_base * damped - d_growth * beta * surprise / (level * level);
      if (damps) {
        d.phi += d_damped * damped * std::log(old_growth_[t]);
        d_growth = d_damped * phi * damped / old_growth_[t];
      } else {
        d_growth = d_damped;
      }
    }
  }
  gradient.smoothing = d;
  gradient.initial.level = d_level;
  gradient.initial.growth = d_growth;
}

double EtsLikelihood::Evaluate(const EtsSmoothing& smoothing,
                               const EtsState& initial) {
  level_ = initial.level;
  growth_ = initial.growth;
  seasonal_ = initial.seasonal;
  (this->*forward_)(smoothing);
  double value = observed_ * std::log(sum_of_squares_);
  if (form_.error == kMultiplicative) value += 2 * sum_of_logs_;
  return std::isfinite(value) ? value : kInfinity;
}

double EtsLikelihood::EvaluateWithGradient(const EtsSmoothing& smoothing,
                                           const EtsState& initial,
                                           Gradient& gradient) {
  const double value = Evaluate(smoothing, initial);
  if (value < kInfinity) (this->*backward_)(smoothing, gradient);
  return value;
}

EtsState EtsLikelihood::FinalState() const {
  EtsState state;
  state.level = level_;
  state.growth = growth_;
  const size_t shift = values_.size() % season_;
  for (size_t i = 0; i < seasonal_.size(); ++i) {
    state.seasonal.push_back(seasonal_[(shift + i) % season_]);
  }
  return state;
}

}  // namespace headway::forecast
