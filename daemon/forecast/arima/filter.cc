#include "daemon/forecast/arima/filter.h"

#include <algorithm>
#include <cmath>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "daemon/forecast/arima/filter.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef HEADWAY_FORECAST_ARMA_FILTER_ONCE_
#define HEADWAY_FORECAST_ARMA_FILTER_ONCE_

namespace headway::forecast {

constexpr int kFilterLanes = ArmaFilter::kLanes;
// The product of the variances of this many values cannot overflow.
constexpr int kBlock = 16;

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
  const int* starts;  // where a column is first not zero
  double* const* whitened;
  double* const* predictions;  // [order + 1] each
  double* gain;                // [order + 1], times the variance
  double* direction;           // [order + 1]
  double* covariances;         // [order + ma_degree + 1]
  double* crossed;             // [order + ma_degree + 1]
  double* dense;               // [ar_degree + 1]
  double* partials;            // [ar_degree + 1]
  double* products;            // [size / kBlock + 1]
  double* variance;
  StopRequest stop;
};

}  // namespace headway::forecast

#endif  // HEADWAY_FORECAST_ARMA_FILTER_ONCE_

HWY_BEFORE_NAMESPACE();
namespace headway::forecast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kFilterLanes>;
using V = hn::Vec<D>;

// If the gain changes by less than this in a step, the filter counts as steady.
// A convention.
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

  // The sum over the autoregressive terms of what `at` gives for the index
  // that each refers to, seen from beyond the last prediction.
  template <typename At>
  HWY_ATTR V Beyond(const At& at) const {
    V sum = hn::Zero(d_);
    for (int i = 0; i < job_.ar_terms; ++i) {
      sum = hn::Add(sum,
                    hn::Mul(Get(job_.ar, i), at(job_.order - job_.ar_lags[i])));
    }
    return sum;
  }

  // One step of the gain (times the variance) and of its direction: how they
  // change with the direction's first element, which is a partial
  // autocorrelation.
  struct Turn {
    V gain_factor;
    V direction_factor;
  };

  // The variance moves on too.
  HWY_ATTR Turn StartTurn(V partial, V& variance) const {
    Turn turn;
    const V change = hn::Mul(variance, partial);
    turn.gain_factor = hn::Neg(change);
    variance = hn::Sub(variance, hn::Mul(change, partial));
    turn.direction_factor = hn::Div(partial, variance);
    return turn;
  }

  // The prediction error of a column, written down whitened; returned over the
  // variance, as the gain wants it.
  HWY_ATTR V TakeError(int column, int t, V prediction, V variance) const {
    const V error = hn::Sub(hn::Set(d_, job_.columns[column][t]), prediction);
    const V scaled = hn::Div(error, variance);
    Put(hn::Mul(scaled, hn::Sqrt(variance)), job_.whitened[column], t);
    return scaled;
  }

  // One value of one column.
  HWY_ATTR void Observe(int column, int t, V variance) const {
    double* const state = job_.predictions[column];
    const double* const gain = job_.gain;
    const int order = job_.order;
    const V error = TakeError(column, t, Get(state, 0), variance);
    Put(Beyond([&](int i) HWY_ATTR { return Get(state, i); }), state, order);
    for (int i = 0; i < order; ++i) {
      Put(hn::Add(Get(state, i + 1), hn::Mul(Get(gain, i), error)), state, i);
    }
  }

  // Values of one column from `t` up to `end`, while the gain does not move.
  HWY_ATTR void ObserveSteadily(int column, int t, int end, V variance) const {
    double* const state = job_.predictions[column];
    const double* const gain = job_.gain;
    const int order = job_.order;
    const V inverse = hn::Div(hn::Set(d_, 1.0), variance);
    const V root = hn::Sqrt(variance);
    for (; t < end; ++t) {
      const V error =
          hn::Mul(hn::Sub(hn::Set(d_, job_.columns[column][t]), Get(state, 0)),
                  inverse);
      Put(hn::Mul(error, root), job_.whitened[column], t);
      Put(Beyond([&](int i) HWY_ATTR { return Get(state, i); }), state, order);
      for (int i = 0; i < order; ++i) {
        Put(hn::Add(Get(state, i + 1), hn::Mul(Get(gain, i), error)), state, i);
      }
    }
  }

  // The gain after one more value.
  HWY_ATTR void Move(V& variance) const {
    double* const gain = job_.gain;
    double* const direction = job_.direction;
    const int order = job_.order;
    const Turn turn = StartTurn(Get(direction, 0), variance);
    Put(Beyond([&](int i) HWY_ATTR { return Get(direction, i); }), direction,
        order);
    for (int i = 0; i < order; ++i) {
      const V moved = Get(direction, i + 1);
      const V next = hn::Add(Get(gain, i), hn::Mul(moved, turn.gain_factor));
      Put(next, gain, i);
      Put(hn::Sub(moved, hn::Mul(next, turn.direction_factor)), direction, i);
    }
  }

  // Two values of all `kColumns` columns and two moves of the gain in one pass,
  // which halves the traffic with memory.
  template <int kColumns>
  HWY_ATTR void ObserveTwo(int t, V& variance, V& product) const {
    double* const gain = job_.gain;
    double* const direction = job_.direction;
    double* state[kColumns];
    V error[kColumns];
    V second_error[kColumns];
    V second_beyond[kColumns];
    const int order = job_.order;

    const V first_variance = variance;
    const Turn turn = StartTurn(Get(direction, 0), variance);
    product = hn::Mul(product, variance);
    Put(Beyond([&](int i) HWY_ATTR { return Get(direction, i); }), direction,
        order);
    // The gain, the direction and a state after the first value.
    const auto gain_at = [&](int i) HWY_ATTR {
      return hn::Add(Get(gain, i),
                     hn::Mul(Get(direction, i + 1), turn.gain_factor));
    };
    const auto direction_at = [&](int i, V gain_there) HWY_ATTR {
      return hn::Sub(Get(direction, i + 1),
                     hn::Mul(gain_there, turn.direction_factor));
    };
    const auto state_at = [&](int c, int i) HWY_ATTR {
      return hn::Add(Get(state[c], i + 1), hn::Mul(Get(gain, i), error[c]));
    };
    for (int c = 0; c < kColumns; ++c) {
      state[c] = job_.predictions[c];
      error[c] = TakeError(c, t, Get(state[c], 0), first_variance);
      Put(Beyond([&](int i) HWY_ATTR { return Get(state[c], i); }), state[c],
          order);
      second_error[c] = TakeError(c, t + 1, state_at(c, 0), variance);
      second_beyond[c] = Beyond([&](int i) HWY_ATTR { return state_at(c, i); });
    }
    const V direction_beyond =
        Beyond([&](int i) HWY_ATTR { return direction_at(i, gain_at(i)); });
    V now = gain_at(0);
    const Turn second = StartTurn(direction_at(0, now), variance);
    const auto finish = [&](int i, V moved) HWY_ATTR {
      const V next = hn::Add(now, hn::Mul(moved, second.gain_factor));
      Put(next, gain, i);
      Put(hn::Sub(moved, hn::Mul(next, second.direction_factor)), direction, i);
    };
    for (int i = 0; i + 1 < order; ++i) {
      V moved[kColumns];
      for (int c = 0; c < kColumns; ++c) moved[c] = state_at(c, i + 1);
      const V following = gain_at(i + 1);
      const V moved_direction = direction_at(i + 1, following);
      for (int c = 0; c < kColumns; ++c) {
        Put(hn::Add(moved[c], hn::Mul(now, second_error[c])), state[c], i);
      }
      finish(i, moved_direction);
      now = following;
    }
    for (int c = 0; c < kColumns; ++c) {
      Put(hn::Add(second_beyond[c], hn::Mul(now, second_error[c])), state[c],
          order - 1);
    }
    finish(order - 1, direction_beyond);
  }

  // Directions that have died out are set to zero, lane by lane; returns
  // whether all have.
  HWY_ATTR bool IsSteady() const {
    V largest = hn::Zero(d_);
    for (int i = 0; i < job_.order; ++i) {
      largest = hn::Max(largest, hn::Abs(Get(job_.direction, i)));
    }
    const auto died = hn::Lt(largest, hn::Set(d_, kSteady));
    if (hn::AllFalse(d_, died)) return false;
    for (int i = 0; i < job_.order; ++i) {
      Put(hn::IfThenZeroElse(died, Get(job_.direction, i)), job_.direction, i);
    }
    return hn::AllTrue(d_, died);
  }

  HWY_ATTR void Start(V variance) const {
    for (int i = 0; i < job_.order; ++i) {
      const V covariance = Get(job_.covariances, i + 1);
      Put(covariance, job_.gain, i);
      Put(hn::Div(covariance, variance), job_.direction, i);
    }
    for (int c = 0; c < job_.column_count; ++c) {
      for (int i = 0; i <= job_.order; ++i) {
        Put(hn::Zero(d_), job_.predictions[c], i);
      }
    }
  }

  // Values from `t` on, at most up to `end`; returns where the next are.
  HWY_ATTR int ObserveSome(int t, int end, V& variance, V& product) const {
    product = hn::Mul(product, variance);
    if (t + 2 <= end && job_.column_count <= 2) {
      if (job_.column_count == 1) {
        ObserveTwo<1>(t, variance, product);
      } else {
        ObserveTwo<2>(t, variance, product);
      }
      return t + 2;
    }
    for (int c = 0; c < job_.column_count; ++c) {
      if (t < job_.starts[c]) {
        Put(hn::Zero(d_), job_.whitened[c], t);
      } else {
        Observe(c, t, variance);
      }
    }
    Move(variance);
    return t + 1;
  }

  HWY_ATTR V Power(V value, int exponent) const {
    V power = hn::Set(d_, 1.0);
    for (int i = 0; i < exponent; ++i) power = hn::Mul(power, value);
    return power;
  }

  HWY_ATTR void Filter() {
    V variance = Get(job_.covariances, 0);
    Start(variance);
    bool steady = job_.order == 0;
    for (int block = 0; block * kBlock < job_.size; ++block) {
      const size_t terms = steady ? job_.ar_terms + job_.ma_terms : job_.order;
      if (job_.stop.RequestedAfter(kBlock * job_.column_count * (terms + 1))) {
        return;
      }
      const int start = block * kBlock;
      const int end = std::min(start + kBlock, job_.size);
      V product = hn::Set(d_, 1.0);
      if (steady) {
        product = Power(variance, end - start);
        for (int c = 0; c < job_.column_count; ++c) {
          ObserveSteadily(c, start, end, variance);
        }
      } else {
        for (int t = start; t < end;) {
          t = ObserveSome(t, end, variance, product);
        }
        steady = IsSteady();
      }
      Put(product, job_.products, block);
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

std::vector<double> ArmaFilter::FirstLane(const Array& array, int size) {
  std::vector<double> result(size);
  for (int i = 0; i < size; ++i) result[i] = array.data()[i * kLanes];
  return result;
}

void ArmaFilter::SetLags(absl::Span<const int> ar_lags,
                         absl::Span<const int> ma_lags) {
  ar_lags_.assign(ar_lags.begin(), ar_lags.end());
  ma_lags_.assign(ma_lags.begin(), ma_lags.end());
  ar_.Reserve(static_cast<int>(ar_lags.size()) + 1);
  ma_.Reserve(static_cast<int>(ma_lags.size()) + 1);
}

void ArmaFilter::Run(absl::Span<const std::vector<double>* const> columns,
                     int lanes, StopRequest stop) {
  FilterJob job;
  job.stop = stop;
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

  const auto prepare = [](Array& array, int size) {
    array.Reserve(size);
    return array.data();
  };
  if (whitened_.size() < columns.size()) {
    whitened_.resize(columns.size());
    predictions_.resize(columns.size());
  }
  std::vector<const double*> inputs;
  starts_.clear();
  std::vector<double*> whitened;
  std::vector<double*> predictions;
  for (size_t c = 0; c < columns.size(); ++c) {
    const std::vector<double>& column = *columns[c];
    inputs.push_back(column.data());
    const auto first = std::find_if(column.begin(), column.end(),
                                    [](double value) { return value != 0; });
    starts_.push_back(static_cast<int>(first - column.begin()));
    whitened.push_back(prepare(whitened_[c], job.size));
    predictions.push_back(prepare(predictions_[c], order_ + 1));
  }
  job.columns = inputs.data();
  job.starts = starts_.data();
  job.whitened = whitened.data();
  job.predictions = predictions.data();
  job.gain = prepare(gain_, order_ + 1);
  job.direction = prepare(direction_, order_ + 1);
  job.covariances = prepare(covariances_, order_ + job.ma_degree + 1);
  job.crossed = prepare(crossed_, order_ + job.ma_degree + 1);
  job.dense = prepare(dense_, job.ar_degree + 1);
  job.partials = prepare(partials_, job.ar_degree + 1);
  job.products = prepare(products_, job.size / kBlock + 1);
  job.variance = variance_;
  HWY_DYNAMIC_DISPATCH(RunFilter)(job);

  const int blocks = (job.size + kBlock - 1) / kBlock;
  for (int lane = 0; lane < lanes; ++lane) {
    double sum = 0;
    for (int i = 0; i < blocks; ++i) {
      sum += std::log(job.products[i * kLanes + lane]);
    }
    log_determinant_[lane] = sum;
  }
}

std::vector<double> ArmaFilter::predictions(int column) const {
  return FirstLane(predictions_[column], order_);
}
std::vector<double> ArmaFilter::gain() const {
  std::vector<double> gain = FirstLane(gain_, order_);
  for (double& part : gain) part /= variance_[0];
  return gain;
}
std::vector<double> ArmaFilter::direction() const {
  return FirstLane(direction_, order_);
}

}  // namespace headway::forecast
#endif  // HWY_ONCE
