#include "daemon/forecast/ets/lanes.h"

#include <cmath>
#include <limits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "daemon/forecast/ets/lanes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef HEADWAY_FORECAST_ETS_LANES_ONCE_
#define HEADWAY_FORECAST_ETS_LANES_ONCE_

namespace headway::forecast {

constexpr int kEtsLanes = EtsLanes::kLanes;
// The product of this many fitted values, each divided by the typical size,
// cannot leave the range of a double where the likelihood has any merit.
constexpr int kEtsProductLength = 4;

// Everything the kernel touches. Arrays are [index * kEtsLanes + lane].
struct EtsLanesJob {
  int lanes;
  const double* values;
  int size;
  int season;
  double observed;
  double least_squares;
  double inverse_size;

  const double* alpha;
  const double* beta;
  const double* gamma;
  const double* phi;
  const double* level;
  const double* growth;
  double* seasonal;  // overwritten by its last state

  double* squares;
  double* product;      // of fitted values, in [1, 2)
  uint64_t* exponents;  // the powers of two taken out of the product
  int normalisations;   // each left 1023 too many in them
  double* d_alpha;
  double* d_beta;
  double* d_gamma;
  double* d_phi;
  double* d_level;
  double* d_growth;
  double* d_seasonal;

  double* trace_growth;
  double* trace_surprise;
  double* trace_inverse;
  double* trace_base;
  double* trace_seasonal;
};

}  // namespace headway::forecast

#endif  // HEADWAY_FORECAST_ETS_LANES_ONCE_

HWY_BEFORE_NAMESPACE();
namespace headway::forecast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kEtsLanes>;
using V = hn::Vec<D>;
using DU = hn::RebindToUnsigned<D>;
using VU = hn::Vec<DU>;
using enum EtsComponent;

// One group of lanes, as many as a register holds, from `first` on. See
// EtsLikelihood::Forward and Backward for the recursion.
template <EtsComponent kError, EtsComponent kSeason>
class EtsKernel {
 public:
  HWY_ATTR EtsKernel(EtsLanesJob& job, int first) : job_(job), first_(first) {}

  HWY_ATTR void Run() {
    Forward();
    Backward();
  }

 private:
  static constexpr bool kDivides =
      kError == kMultiplicative || kSeason == kMultiplicative;

  HWY_ATTR V Get(const double* array, int i = 0) const {
    return hn::LoadU(d_, array + i * kEtsLanes + first_);
  }
  HWY_ATTR void Put(V value, double* array, int i = 0) const {
    hn::StoreU(value, d_, array + i * kEtsLanes + first_);
  }

  // Level and growth are the sums of three products each, so that the chain
  // from one period to the next is a product and two sums long; all else,
  // division included, stays off it.
  HWY_ATTR void Forward() {
    const V alpha = Get(job_.alpha);
    const V beta = Get(job_.beta);
    const V gamma = Get(job_.gamma);
    const V phi = Get(job_.phi);
    const V one = hn::Set(d_, 1.0);
    const V level_keeps = hn::Sub(one, alpha);
    const V level_takes = hn::Mul(level_keeps, phi);
    const V growth_keeps = hn::Mul(hn::Sub(one, beta), phi);
    const V inverse_size = hn::Set(d_, job_.inverse_size);
    V level = Get(job_.level);
    V growth = Get(job_.growth);
    V squares = hn::Set(d_, job_.least_squares);
    V product = one;
    VU exponents = hn::Zero(du_);
    int in_product = 0;
    job_.normalisations = 0;
    int position = 0;
    for (int t = 0; t < job_.size; ++t) {
      const V damped = hn::Mul(phi, growth);
      const V base = hn::Add(level, damped);
      Put(growth, job_.trace_growth, t);
      V seasonal = hn::Zero(d_);
      if constexpr (kSeason != kNone) seasonal = Get(job_.seasonal, position);
      if constexpr (kSeason == kMultiplicative) {
        Put(base, job_.trace_base, t);
        Put(seasonal, job_.trace_seasonal, t);
      }
      if (std::isnan(job_.values[t])) {
        growth = damped;
        level = base;
      } else {
        const V value = hn::Set(d_, job_.values[t]);
        V adjusted = value;
        V fitted = base;
        if constexpr (kSeason == kAdditive) {
          adjusted = hn::Sub(value, seasonal);
          fitted = hn::Add(base, seasonal);
        } else if constexpr (kSeason == kMultiplicative) {
          adjusted = hn::Div(value, seasonal);
          fitted = hn::Mul(base, seasonal);
        }
        const V surprise = hn::Sub(adjusted, base);
        Put(surprise, job_.trace_surprise, t);
        V error = surprise;
        if constexpr (kSeason == kMultiplicative) {
          error = hn::Sub(value, fitted);
        }
        V relative = error;
        if constexpr (kDivides) {
          const V inverse = hn::Div(one, fitted);
          relative = hn::Mul(error, inverse);
          Put(inverse, job_.trace_inverse, t);
        }
        if constexpr (kError == kMultiplicative) {
          squares = hn::Add(squares, hn::Mul(relative, relative));
          product = hn::Mul(product, hn::Abs(hn::Mul(fitted, inverse_size)));
          if (++in_product == kEtsProductLength) {
            in_product = 0;
            TakeExponent(product, exponents);
          }
        } else {
          squares = hn::Add(squares, hn::Mul(error, error));
        }
        if constexpr (kSeason == kAdditive) {
          Put(hn::Add(seasonal, hn::Mul(gamma, surprise)), job_.seasonal,
              position);
        } else if constexpr (kSeason == kMultiplicative) {
          const V change = hn::Mul(gamma, hn::Mul(relative, seasonal));
          Put(hn::Add(seasonal, change), job_.seasonal, position);
        }
        const V next_level = hn::Add(
            hn::Add(hn::Mul(level_keeps, level), hn::Mul(level_takes, growth)),
            hn::Mul(alpha, adjusted));
        growth = hn::Add(
            hn::Sub(hn::Mul(growth_keeps, growth), hn::Mul(beta, level)),
            hn::Mul(beta, adjusted));
        level = next_level;
      }
      if (++position == job_.season) position = 0;
    }
    TakeExponent(product, exponents);
    Put(squares, job_.squares);
    Put(product, job_.product);
    hn::StoreU(exponents, du_, job_.exponents + first_);
  }

  HWY_ATTR void TakeExponent(V& product, VU& exponents) {
    const VU bits = hn::BitCast(du_, product);
    exponents = hn::Add(exponents, hn::ShiftRight<52>(bits));
    const VU mantissa = hn::And(bits, hn::Set(du_, 0x000FFFFFFFFFFFFFull));
    product =
        hn::BitCast(d_, hn::Or(mantissa, hn::Set(du_, 0x3FF0000000000000ull)));
    ++job_.normalisations;
  }

  // The chain is as short as that of Forward.
  HWY_ATTR void Backward() {
    const V alpha = Get(job_.alpha);
    const V beta = Get(job_.beta);
    const V gamma = Get(job_.gamma);
    const V phi = Get(job_.phi);
    const V one = hn::Set(d_, 1.0);
    const V two = hn::Set(d_, 2.0);
    const V level_keeps = hn::Sub(one, alpha);
    const V level_takes = hn::Mul(level_keeps, phi);
    const V growth_keeps = hn::Mul(hn::Sub(one, beta), phi);
    // Minus twice the observed values over the sum of squares.
    const V weight =
        hn::Div(hn::Set(d_, -2 * job_.observed), Get(job_.squares));
    V d_alpha = hn::Zero(d_);
    V d_beta = hn::Zero(d_);
    V d_gamma = hn::Zero(d_);
    V d_phi = hn::Zero(d_);
    V d_level = hn::Zero(d_);
    V d_growth = hn::Zero(d_);
    for (int s = 0; kSeason != kNone && s < job_.season; ++s) {
      Put(hn::Zero(d_), job_.d_seasonal, s);
    }
    int position = job_.size % job_.season;
    for (int t = job_.size - 1; t >= 0; --t) {
      position = position == 0 ? job_.season - 1 : position - 1;
      const V growth = Get(job_.trace_growth, t);
      if (std::isnan(job_.values[t])) {
        const V d_damped = hn::Add(d_growth, d_level);
        d_phi = hn::Add(d_phi, hn::Mul(d_damped, growth));
        d_growth = hn::Mul(phi, d_damped);
        continue;
      }
      const V surprise = Get(job_.trace_surprise, t);
      d_alpha = hn::Add(d_alpha, hn::Mul(d_level, surprise));
      d_beta = hn::Add(d_beta, hn::Mul(d_growth, surprise));
      // The ratio of value to fitted value, and the error relative to it.
      V inverse = one;
      V ratio = one;
      V relative = surprise;
      if constexpr (kDivides) {
        inverse = Get(job_.trace_inverse, t);
        ratio = hn::Mul(hn::Set(d_, job_.values[t]), inverse);
        relative = hn::Sub(ratio, one);
      }
      V d_fitted;
      if constexpr (kError == kMultiplicative) {
        d_fitted = hn::Mul(
            hn::Add(two, hn::Mul(hn::Mul(weight, relative), ratio)), inverse);
      } else if constexpr (kSeason == kMultiplicative) {
        d_fitted =
            hn::Mul(weight, hn::Mul(surprise, Get(job_.trace_seasonal, t)));
      } else {
        d_fitted = hn::Mul(weight, surprise);
      }
      // The derivative in the base other than through level and growth.
      V d_rest = d_fitted;
      if constexpr (kSeason == kAdditive) {
        const V d_after = Get(job_.d_seasonal, position);
        const V by_gamma = hn::Mul(gamma, d_after);
        const V d_states =
            hn::Add(hn::Mul(alpha, d_level), hn::Mul(beta, d_growth));
        d_gamma = hn::Add(d_gamma, hn::Mul(d_after, surprise));
        d_rest = hn::Sub(d_fitted, by_gamma);
        Put(hn::Sub(hn::Add(d_after, d_rest), d_states), job_.d_seasonal,
            position);
      } else if constexpr (kSeason == kMultiplicative) {
        const V d_after = Get(job_.d_seasonal, position);
        const V base = Get(job_.trace_base, t);
        const V seasonal = Get(job_.trace_seasonal, t);
        const V by_gamma = hn::Mul(gamma, d_after);
        const V d_states =
            hn::Add(hn::Mul(alpha, d_level), hn::Mul(beta, d_growth));
        const V per_base = hn::Mul(inverse, seasonal);
        const V per_seasonal = hn::Mul(inverse, base);
        const V value_per_base = hn::Mul(ratio, seasonal);
        const V value_per_seasonal = hn::Mul(ratio, base);
        d_gamma =
            hn::Add(d_gamma, hn::Mul(d_after, hn::Mul(relative, seasonal)));
        d_rest = hn::Sub(hn::Mul(d_fitted, seasonal),
                         hn::Mul(by_gamma, hn::Mul(value_per_base, per_base)));
        const V d_old =
            hn::Add(hn::Sub(d_after, by_gamma), hn::Mul(d_fitted, base));
        Put(hn::Sub(d_old, hn::Mul(d_states,
                                   hn::Mul(value_per_seasonal, per_seasonal))),
            job_.d_seasonal, position);
      }
      const V d_base = hn::Add(
          hn::Sub(hn::Mul(level_keeps, d_level), hn::Mul(beta, d_growth)),
          d_rest);
      d_phi = hn::Add(d_phi, hn::Mul(hn::Add(d_growth, d_base), growth));
      d_growth = hn::Add(hn::Add(hn::Mul(level_takes, d_level),
                                 hn::Mul(growth_keeps, d_growth)),
                         hn::Mul(phi, d_rest));
      d_level = d_base;
    }
    Put(d_alpha, job_.d_alpha);
    Put(d_beta, job_.d_beta);
    Put(d_gamma, job_.d_gamma);
    Put(d_phi, job_.d_phi);
    Put(d_level, job_.d_level);
    Put(d_growth, job_.d_growth);
  }

  const D d_;
  const DU du_;
  EtsLanesJob& job_;
  const int first_;
};

template <EtsComponent kError, EtsComponent kSeason>
HWY_ATTR void RunKernel(EtsLanesJob& job) {
  const int width = static_cast<int>(hn::Lanes(D()));
  for (int first = 0; first < job.lanes; first += width) {
    EtsKernel<kError, kSeason>(job, first).Run();
  }
}

HWY_ATTR void RunAdditiveErrors(EtsLanesJob& job, EtsComponent season) {
  if (season == kNone) return RunKernel<kAdditive, kNone>(job);
  if (season == kAdditive) return RunKernel<kAdditive, kAdditive>(job);
  return RunKernel<kAdditive, kMultiplicative>(job);
}

HWY_ATTR void RunMultiplicativeErrors(EtsLanesJob& job, EtsComponent season) {
  if (season == kNone) return RunKernel<kMultiplicative, kNone>(job);
  if (season == kAdditive) return RunKernel<kMultiplicative, kAdditive>(job);
  return RunKernel<kMultiplicative, kMultiplicative>(job);
}

}  // namespace headway::forecast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headway::forecast {

HWY_EXPORT(RunAdditiveErrors);
HWY_EXPORT(RunMultiplicativeErrors);

EtsLanes::EtsLanes(absl::Span<const double> values, const EtsForm& form,
                   int season)
    : values_(values), form_(form), season_(form.has_season() ? season : 1) {
  double sizes = 0;
  double squares = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    ++observed_;
    sizes += std::abs(value);
    squares += form.error == EtsComponent::kAdditive ? value * value : 1;
  }
  least_squares_ = kEtsLeastSquaresShare * squares;
  if (sizes > 0) size_ = sizes / observed_;
  seasonal_.resize(static_cast<size_t>(season_) * kLanes);
  d_seasonal_.resize(seasonal_.size());
  const size_t length = values.size() * kLanes;
  const bool product = form.season == EtsComponent::kMultiplicative;
  trace_growth_.resize(length);
  trace_surprise_.resize(length);
  if (product || form.error == EtsComponent::kMultiplicative) {
    trace_inverse_.resize(length);
  }
  if (product) {
    trace_base_.resize(length);
    trace_seasonal_.resize(length);
  }
}

void EtsLanes::Set(int lane, const EtsSmoothing& smoothing,
                   const EtsState& initial) {
  alpha_[lane] = smoothing.alpha;
  beta_[lane] = smoothing.beta;
  gamma_[lane] = smoothing.gamma;
  phi_[lane] = smoothing.phi;
  level_[lane] = initial.level;
  growth_[lane] = initial.growth;
  for (size_t s = 0; s < initial.seasonal.size(); ++s) {
    seasonal_[s * kLanes + lane] = initial.seasonal[s];
  }
}

void EtsLanes::Evaluate(int lanes) {
  Lanes squares;
  Lanes product;
  uint64_t exponents[kLanes];
  EtsLanesJob job;
  job.lanes = lanes;
  job.values = values_.data();
  job.size = static_cast<int>(values_.size());
  job.season = season_;
  job.observed = observed_;
  job.least_squares = least_squares_;
  job.inverse_size = 1 / size_;
  job.alpha = alpha_;
  job.beta = beta_;
  job.gamma = gamma_;
  job.phi = phi_;
  job.level = level_;
  job.growth = growth_;
  job.seasonal = seasonal_.data();
  job.squares = squares;
  job.product = product;
  job.exponents = exponents;
  job.d_alpha = d_alpha_;
  job.d_beta = d_beta_;
  job.d_gamma = d_gamma_;
  job.d_phi = d_phi_;
  job.d_level = d_level_;
  job.d_growth = d_growth_;
  job.d_seasonal = d_seasonal_.data();
  job.trace_growth = trace_growth_.data();
  job.trace_surprise = trace_surprise_.data();
  job.trace_inverse = trace_inverse_.data();
  job.trace_base = trace_base_.data();
  job.trace_seasonal = trace_seasonal_.data();
  const bool relative = form_.error == EtsComponent::kMultiplicative;
  if (relative) {
    HWY_DYNAMIC_DISPATCH(RunMultiplicativeErrors)(job, form_.season);
  } else {
    HWY_DYNAMIC_DISPATCH(RunAdditiveErrors)(job, form_.season);
  }
  for (int lane = 0; lane < lanes; ++lane) {
    double value = observed_ * std::log(squares[lane]);
    if (relative) {
      const double power =
          static_cast<double>(exponents[lane]) - 1023.0 * job.normalisations;
      value += 2 * (observed_ * std::log(size_) + std::log(product[lane]) +
                    power * std::log(2.0));
    }
    value_[lane] =
        std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
  }
}

void EtsLanes::GetGradient(int lane, EtsLikelihood::Gradient& gradient) const {
  gradient.smoothing = {d_alpha_[lane], d_beta_[lane], d_gamma_[lane],
                        d_phi_[lane]};
  gradient.initial.level = d_level_[lane];
  gradient.initial.growth = d_growth_[lane];
  std::vector<double>& seasonal = gradient.initial.seasonal;
  seasonal.resize(form_.has_season() ? season_ : 0);
  for (size_t s = 0; s < seasonal.size(); ++s) {
    seasonal[s] = d_seasonal_[s * kLanes + lane];
  }
}

}  // namespace headway::forecast
#endif  // HWY_ONCE
