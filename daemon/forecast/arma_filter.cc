#include "daemon/forecast/arma_filter.h"

#include <algorithm>
#include <cmath>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "daemon/forecast/arma_filter.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef HEADWAY_FORECAST_ARMA_FILTER_ONCE_
#define HEADWAY_FORECAST_ARMA_FILTER_ONCE_

namespace headway::forecast {

constexpr int kFilterLanes = ArmaFilter::kLanes;
// The product of this many variances cannot overflow.
constexpr int kProductLength = 16;

// Everything the kernel touches. Arrays are [index * kFilterLanes + lane].
struct FilterJob {
  int lanes;
  const int* ar_lags;
  int ar_terms;
  const double* ar;
  const int* ma_lags;
  int ma_terms;
  const double* ma;
  int ar_degree;
  int ma_degree;
  int order;  // the larger degree
  int size;   // of the columns
  int column_count;
  const double* const* columns;
  double* const* whitened;
  double* const* predictions;
  double* gain;
  double* direction;
  double* covariances;  // [order + ma_degree + 1]
  double* crossed;      // [order + ma_degree + 1]
  double* dense;        // [ar_degree + 1]
  double* partials;     // [ar_degree + 1]
  double* products;     // [size / kProductLength + 1]
  double* variance;
};

}  // namespace headway::forecast

#endif  // HEADWAY_FORECAST_ARMA_FILTER_ONCE_

HWY_BEFORE_NAMESPACE();
namespace headway::forecast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kFilterLanes>;
using V = hn::Vec<D>;

// Where the gain moves by less than this, it does not move at all.
constexpr double kSteady = 1e-9;

// One group of lanes, as many as a register holds, from `first` on.
class FilterKernel {
 public:
  FilterKernel(const FilterJob& job, int first) : job_(job), first_(first) {}

  HWY_ATTR void Run() {
    FindArCovariances();
    FindArmaCovariances();
    Filter();
  }

 private:
  HWY_ATTR V Get(const double* array, int i) const {
    return hn::LoadU(d_, array + i * kFilterLanes + first_);
  }
  HWY_ATTR void Put(V value, double* array, int i) const {
    hn::StoreU(value, d_, array + i * kFilterLanes + first_);
  }

  // The autocovariances of the autoregressive part alone: partial
  // autocorrelations by the recursion of Durbin and Levinson downwards, then
  // covariances upwards.
  HWY_ATTR void FindArCovariances() {
    double* a = job_.dense;
    double* covariance = job_.covariances;
    const int p = job_.ar_degree;
    const V one = hn::Set(d_, 1.0);
    for (int k = 1; k <= p; ++k) Put(hn::Zero(d_), a, k);
    for (int i = 0; i < job_.ar_terms; ++i) {
      Put(Get(job_.ar, i), a, job_.ar_lags[i]);
    }
    V variance = one;
    for (int k = p; k >= 1; --k) {
      const V partial = Get(a, k);
      Put(partial, job_.partials, k);
      const V scale = hn::Div(one, hn::Sub(one, hn::Mul(partial, partial)));
      variance = hn::Mul(variance, scale);
      for (int j = 1; 2 * j <= k; ++j) {
        const V near = Get(a, j);
        const V far = Get(a, k - j);
        Put(hn::Mul(hn::Add(far, hn::Mul(partial, near)), scale), a, k - j);
        Put(hn::Mul(hn::Add(near, hn::Mul(partial, far)), scale), a, j);
      }
    }
    Put(variance, covariance, 0);
    for (int k = 1; k <= p; ++k) {
      const V partial = Get(job_.partials, k);
      V sum = hn::Mul(partial, variance);
      for (int j = 1; j < k; ++j) {
        sum = hn::Add(sum, hn::Mul(Get(a, j), Get(covariance, k - j)));
      }
      Put(sum, covariance, k);
      for (int j = 1; 2 * j <= k; ++j) {
        const V near = Get(a, j);
        const V far = Get(a, k - j);
        Put(hn::Sub(far, hn::Mul(partial, near)), a, k - j);
        Put(hn::Sub(near, hn::Mul(partial, far)), a, j);
      }
      Put(partial, a, k);
      variance = hn::Mul(variance, hn::Sub(one, hn::Mul(partial, partial)));
    }
    for (int k = p + 1; k <= job_.order + job_.ma_degree; ++k) {
      V sum = hn::Zero(d_);
      for (int i = 0; i < job_.ar_terms; ++i) {
        sum = hn::Add(sum, hn::Mul(Get(job_.ar, i),
                                   Get(covariance, k - job_.ar_lags[i])));
      }
      Put(sum, covariance, k);
    }
  }

  // Those of the whole process, by applying the moving average twice.
  HWY_ATTR void FindArmaCovariances() {
    double* covariance = job_.covariances;
    if (job_.ma_terms == 0) return;
    for (int k = 0; k <= job_.order + job_.ma_degree; ++k) {
      V sum = Get(covariance, k);
      for (int i = 0; i < job_.ma_terms; ++i) {
        const int lag = k - job_.ma_lags[i];
        sum = hn::Add(sum, hn::Mul(Get(job_.ma, i),
                                   Get(covariance, lag < 0 ? -lag : lag)));
      }
      Put(sum, job_.crossed, k);
    }
    for (int k = 0; k <= job_.order; ++k) {
      V sum = Get(job_.crossed, k);
      for (int i = 0; i < job_.ma_terms; ++i) {
        sum = hn::Add(sum, hn::Mul(Get(job_.ma, i),
                                   Get(job_.crossed, k + job_.ma_lags[i])));
      }
      Put(sum, covariance, k);
    }
  }

  // The next prediction beyond the last one, and all move up by one.
  HWY_ATTR V Beyond(const double* predictions) const {
    V sum = hn::Zero(d_);
    for (int i = 0; i < job_.ar_terms; ++i) {
      sum =
          hn::Add(sum, hn::Mul(Get(job_.ar, i),
                               Get(predictions, job_.order - job_.ar_lags[i])));
    }
    return sum;
  }

  HWY_ATTR void Observe(int column, V error) {
    double* state = job_.predictions[column];
    const V beyond = Beyond(state);
    const int last = job_.order - 1;
    for (int i = 0; i < last; ++i) {
      Put(hn::Add(Get(state, i + 1), hn::Mul(Get(job_.gain, i), error)), state,
          i);
    }
    Put(hn::Add(beyond, hn::Mul(Get(job_.gain, last), error)), state, last);
  }

  // The gain and the direction of its change after one more value; returns the
  // factor of the variance. A direction that has died out stays at zero.
  HWY_ATTR V UpdateGain(bool& steady) {
    const V one = hn::Set(d_, 1.0);
    const V partial = Get(job_.direction, 0);
    const V factor = hn::Sub(one, hn::Mul(partial, partial));
    const V scale = hn::Div(one, factor);
    const V beyond = Beyond(job_.direction);
    const int last = job_.order - 1;
    V largest = hn::Zero(d_);
    for (int i = 0; i <= last; ++i) {
      const V moved = i < last ? Get(job_.direction, i + 1) : beyond;
      const V gain = Get(job_.gain, i);
      const V next = hn::Mul(hn::Sub(moved, hn::Mul(partial, gain)), scale);
      Put(hn::Mul(hn::Sub(gain, hn::Mul(partial, moved)), scale), job_.gain, i);
      Put(next, job_.direction, i);
      largest = hn::Max(largest, hn::Abs(next));
    }
    const auto died = hn::Lt(largest, hn::Set(d_, kSteady));
    if (!hn::AllFalse(d_, died)) {
      for (int i = 0; i <= last; ++i) {
        Put(hn::IfThenZeroElse(died, Get(job_.direction, i)), job_.direction,
            i);
      }
      steady = hn::AllTrue(d_, died);
    }
    return factor;
  }

  HWY_ATTR void Filter() {
    const V one = hn::Set(d_, 1.0);
    V variance = Get(job_.covariances, 0);
    const V scale = hn::Div(one, variance);
    for (int i = 0; i < job_.order; ++i) {
      const V correlation = hn::Mul(Get(job_.covariances, i + 1), scale);
      Put(correlation, job_.gain, i);
      Put(correlation, job_.direction, i);
    }
    for (int c = 0; c < job_.column_count; ++c) {
      for (int i = 0; i < job_.order; ++i) {
        Put(hn::Zero(d_), job_.predictions[c], i);
      }
    }
    bool steady = job_.order == 0;
    V product = one;
    for (int t = 0; t < job_.size; ++t) {
      product = hn::Mul(product, variance);
      if (t % kProductLength == kProductLength - 1 || t + 1 == job_.size) {
        Put(product, job_.products, t / kProductLength);
        product = one;
      }
      const V weight = hn::Div(one, hn::Sqrt(variance));
      for (int c = 0; c < job_.column_count; ++c) {
        V error = hn::Set(d_, job_.columns[c][t]);
        if (job_.order > 0) error = hn::Sub(error, Get(job_.predictions[c], 0));
        Put(hn::Mul(error, weight), job_.whitened[c], t);
        if (job_.order > 0) Observe(c, error);
      }
      if (!steady) variance = hn::Mul(variance, UpdateGain(steady));
    }
    Put(variance, job_.variance, 0);
  }

  const D d_;
  const FilterJob& job_;
  const int first_;
};

HWY_ATTR void RunFilter(const FilterJob& job) {
  const int width = static_cast<int>(hn::Lanes(D()));
  for (int first = 0; first < job.lanes; first += width) {
    FilterKernel(job, first).Run();
  }
}

}  // namespace headway::forecast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headway::forecast {

HWY_EXPORT(RunFilter);

namespace {

// Lane 0 of an array over lanes.
std::vector<double> FirstLane(const std::vector<double>& array, int size) {
  std::vector<double> result(size);
  for (int i = 0; i < size; ++i) result[i] = array[i * kFilterLanes];
  return result;
}

}  // namespace

void ArmaFilter::SetLags(absl::Span<const int> ar_lags,
                         absl::Span<const int> ma_lags) {
  ar_lags_.assign(ar_lags.begin(), ar_lags.end());
  ma_lags_.assign(ma_lags.begin(), ma_lags.end());
  ar_.assign(ar_lags.size() * kLanes, 0.0);
  ma_.assign(ma_lags.size() * kLanes, 0.0);
}

void ArmaFilter::Run(absl::Span<const std::vector<double>* const> columns,
                     int lanes) {
  FilterJob job;
  job.lanes = lanes;
  job.ar_lags = ar_lags_.data();
  job.ar_terms = static_cast<int>(ar_lags_.size());
  job.ar = ar_.data();
  job.ma_lags = ma_lags_.data();
  job.ma_terms = static_cast<int>(ma_lags_.size());
  job.ma = ma_.data();
  job.ar_degree = ar_lags_.empty() ? 0 : ar_lags_.back();
  job.ma_degree = ma_lags_.empty() ? 0 : ma_lags_.back();
  job.order = order_ = std::max(job.ar_degree, job.ma_degree);
  job.size = static_cast<int>(columns[0]->size());
  job.column_count = static_cast<int>(columns.size());

  const auto prepare = [](std::vector<double>& array, int size) {
    const size_t needed = static_cast<size_t>(size) * kLanes;
    if (array.size() < needed) array.resize(needed);
    return array.data();
  };
  if (whitened_.size() < columns.size()) {
    whitened_.resize(columns.size());
    predictions_.resize(columns.size());
  }
  std::vector<const double*> inputs;
  std::vector<double*> whitened;
  std::vector<double*> predictions;
  for (size_t c = 0; c < columns.size(); ++c) {
    inputs.push_back(columns[c]->data());
    whitened.push_back(prepare(whitened_[c], job.size));
    predictions.push_back(prepare(predictions_[c], order_));
  }
  job.columns = inputs.data();
  job.whitened = whitened.data();
  job.predictions = predictions.data();
  job.gain = prepare(gain_, order_);
  job.direction = prepare(direction_, order_);
  job.covariances = prepare(covariances_, order_ + job.ma_degree + 1);
  job.crossed = prepare(crossed_, order_ + job.ma_degree + 1);
  job.dense = prepare(dense_, job.ar_degree + 1);
  job.partials = prepare(partials_, job.ar_degree + 1);
  job.products = prepare(products_, job.size / kProductLength + 1);
  job.variance = variance_;
  HWY_DYNAMIC_DISPATCH(RunFilter)(job);

  const int products = (job.size + kProductLength - 1) / kProductLength;
  for (int lane = 0; lane < lanes; ++lane) {
    double sum = 0;
    for (int i = 0; i < products; ++i) {
      sum += std::log(products_[i * kLanes + lane]);
    }
    log_determinant_[lane] = sum;
  }
}

std::vector<double> ArmaFilter::predictions(int column) const {
  return FirstLane(predictions_[column], order_);
}
std::vector<double> ArmaFilter::gain() const {
  return FirstLane(gain_, order_);
}
std::vector<double> ArmaFilter::direction() const {
  return FirstLane(direction_, order_);
}

}  // namespace headway::forecast
#endif  // HWY_ONCE
