#include "daemon/forecast/math/stl.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headway::forecast {
namespace {

int NextOdd(double value) {
  const int rounded = static_cast<int>(std::lround(value));
  return rounded % 2 == 0 ? rounded + 1 : rounded;
}

// The values that take part in one local fit: [first, last].
struct Neighbours {
  int first = 0;
  int last = 0;
};

// Smooths a series by loess. Holds the work space; not thread-safe.
class LoessSmoother {
 public:
  explicit LoessSmoother(StopRequest stop) : stop_(stop) {}

  // The local fit at `x`, which counts from 0 and may lie one outside the
  // values; false where no weight is left. Empty `robustness` is all ones.
  bool FitAt(absl::Span<const double> values, const Loess& loess, double x,
             Neighbours near, absl::Span<const double> robustness,
             double& fitted) {
    const int n = static_cast<int>(values.size());
    double reach = std::max(x - near.first, near.last - x);
    if (loess.window > n) reach += (loess.window - n) / 2;
    weights_.resize(near.last - near.first + 1);
    const double one_over_reach = reach > 0 ? 1 / reach : 0;
    double sum = 0;
    for (int j = near.first; j <= near.last; ++j) {
      const double distance = std::abs(j - x);
      double weight = 0;
      if (distance <= 0.001 * reach) {
        weight = 1;
      } else if (distance <= 0.999 * reach) {
        const double r = distance * one_over_reach;
        const double t = 1 - r * r * r;
        weight = t * t * t;
      }
      if (!robustness.empty()) weight *= robustness[j];
      weights_[j - near.first] = weight;
      sum += weight;
    }
    if (!(sum > 0)) return false;
    for (double& weight : weights_) weight /= sum;
    if (reach > 0 && loess.degree > 0) Tilt(x, near.first, n);
    fitted = 0;
    for (int j = near.first; j <= near.last; ++j) {
      fitted += weights_[j - near.first] * values[j];
    }
    return true;
  }

  // smoothed[i] for each value.
  void Smooth(absl::Span<const double> values, const Loess& loess,
              absl::Span<const double> robustness,
              absl::Span<double> smoothed) {
    const int n = static_cast<int>(values.size());
    if (n < 2) {
      smoothed[0] = values[0];
      return;
    }
    const int jump = std::min(loess.jump, n - 1);
    Neighbours near;
    for (int i = 0; i < n; i += jump) {
      near = NeighboursOf(i, n, loess.window);
      if (!FitAt(values, loess, i, near, robustness, smoothed[i])) {
        smoothed[i] = values[i];
      }
      if (stop_.RequestedAfter(4 * weights_.size())) return;
    }
    if (jump == 1) return;
    int last = 0;
    for (; last + jump < n; last += jump) Join(last, last + jump, smoothed);
    if (last == n - 1) return;
    // The last fit keeps the neighbours of the one before, as the authors have
    // it.
    if (!FitAt(values, loess, n - 1, near, robustness, smoothed[n - 1])) {
      smoothed[n - 1] = values[n - 1];
    }
    Join(last, n - 1, smoothed);
  }

 private:
  static Neighbours NeighboursOf(int i, int n, int window) {
    if (window >= n) return {0, n - 1};
    const int first = std::clamp(i - (window - 1) / 2, 0, n - window);
    return {first, first + window - 1};
  }

  // Turns the weights of a mean into those of a line at `x`.
  void Tilt(double x, int first, int n) {
    double centre = 0;
    for (size_t k = 0; k < weights_.size(); ++k) {
      centre += weights_[k] * (first + static_cast<double>(k));
    }
    double spread = 0;
    for (size_t k = 0; k < weights_.size(); ++k) {
      const double distance = first + static_cast<double>(k) - centre;
      spread += weights_[k] * distance * distance;
    }
    if (std::sqrt(spread) <= 0.001 * (n - 1)) return;
    const double slope = (x - centre) / spread;
    for (size_t k = 0; k < weights_.size(); ++k) {
      const double distance = first + static_cast<double>(k) - centre;
      weights_[k] *= slope * distance + 1;
    }
  }

  static void Join(int from, int to, absl::Span<double> smoothed) {
    const double step = (smoothed[to] - smoothed[from]) / (to - from);
    for (int i = from + 1; i < to; ++i) {
      smoothed[i] = smoothed[from] + step * (i - from);
    }
  }

  const StopRequest stop_;
  std::vector<double> weights_;
};

// Averages over `length` neighbours, in place; the series loses length - 1.
void MovingAverage(std::vector<double>& values, int length) {
  const int n = static_cast<int>(values.size());
  double sum = 0;
  for (int i = 0; i < length; ++i) sum += values[i];
  for (int i = 0;; ++i) {
    const double leaving = values[i];
    values[i] = sum / length;
    if (i + length >= n) break;
    sum += values[i + length] - leaving;
  }
  values.resize(n - length + 1);
}

class Stl {
 public:
  Stl(absl::Span<const double> values, const StlOptions& options,
      StopRequest stop)
      : values_(values),
        options_(options),
        stop_(stop),
        n_(static_cast<int>(values.size())),
        result_{std::vector<double>(n_), std::vector<double>(n_),
                std::vector<double>(n_, 1.0)},
        smoother_(stop),
        adjusted_(n_),
        low_(n_) {}

  StlDecomposition Run() && {
    for (int pass = 0;; ++pass) {
      const absl::Span<const double> robustness =
          pass == 0 ? absl::Span<const double>() : result_.weights;
      for (int i = 0; i < options_.inner; ++i) {
        InnerPass(robustness);
        if (stop_.requested()) return std::move(result_);
      }
      if (pass == options_.outer) break;
      UpdateWeights();
    }
    return std::move(result_);
  }

 private:
  void InnerPass(absl::Span<const double> robustness) {
    for (int t = 0; t < n_; ++t) adjusted_[t] = values_[t] - result_.trend[t];
    SmoothCycles(robustness);
    if (stop_.requested()) return;
    passed_ = cycles_;
    MovingAverage(passed_, options_.season);
    MovingAverage(passed_, options_.season);
    MovingAverage(passed_, 3);
    smoother_.Smooth(passed_, options_.low_pass, {}, absl::MakeSpan(low_));
    for (int t = 0; t < n_; ++t) {
      result_.seasonal[t] = cycles_[options_.season + t] - low_[t];
      adjusted_[t] = values_[t] - result_.seasonal[t];
    }
    smoother_.Smooth(adjusted_, options_.trend, robustness,
                     absl::MakeSpan(result_.trend));
  }

  // Smooths the values of each season by themselves, and one more at either
  // end: cycles_ has a cycle before the first value and one after the last.
  void SmoothCycles(absl::Span<const double> robustness) {
    const int season = options_.season;
    const Loess& loess = options_.seasonal;
    cycles_.resize(n_ + 2 * season);
    for (int s = 0; s < season && !stop_.requested(); ++s) {
      one_season_.clear();
      one_robustness_.clear();
      for (int t = s; t < n_; t += season) {
        one_season_.push_back(adjusted_[t]);
        if (!robustness.empty()) one_robustness_.push_back(robustness[t]);
      }
      const int k = static_cast<int>(one_season_.size());
      smoothed_.resize(k + 2);
      smoother_.Smooth(one_season_, loess, one_robustness_,
                       absl::MakeSpan(smoothed_).subspan(1, k));
      const int window = std::min(loess.window, k);
      if (!smoother_.FitAt(one_season_, loess, -1, {0, window - 1},
                           one_robustness_, smoothed_[0])) {
        smoothed_[0] = smoothed_[1];
      }
      if (!smoother_.FitAt(one_season_, loess, k, {k - window, k - 1},
                           one_robustness_, smoothed_[k + 1])) {
        smoothed_[k + 1] = smoothed_[k];
      }
      for (int i = 0; i < k + 2; ++i) {
        cycles_[s + i * season] = smoothed_[i];
      }
    }
  }

  // Bisquare weights from the remainders, with six times their median.
  void UpdateWeights() {
    std::vector<double>& sizes = adjusted_;
    for (int t = 0; t < n_; ++t) {
      sizes[t] = std::abs(values_[t] - result_.seasonal[t] - result_.trend[t]);
    }
    std::vector<double> sorted = sizes;
    const auto upper = sorted.begin() + n_ / 2;
    std::nth_element(sorted.begin(), upper, sorted.end());
    const double lower =
        n_ % 2 == 1 ? *upper : *std::max_element(sorted.begin(), upper);
    const double limit = 3 * (*upper + lower);
    for (int t = 0; t < n_; ++t) {
      if (sizes[t] <= 0.001 * limit) {
        result_.weights[t] = 1;
      } else if (sizes[t] <= 0.999 * limit) {
        const double r = sizes[t] / limit;
        result_.weights[t] = (1 - r * r) * (1 - r * r);
      } else {
        result_.weights[t] = 0;
      }
    }
  }

  absl::Span<const double> values_;
  const StlOptions& options_;
  const StopRequest stop_;
  const int n_;
  StlDecomposition result_;
  LoessSmoother smoother_;
  std::vector<double> adjusted_;  // less the trend, or less the season
  std::vector<double> low_;
  std::vector<double> cycles_;
  std::vector<double> passed_;
  std::vector<double> one_season_;
  std::vector<double> one_robustness_;
  std::vector<double> smoothed_;
};

}  // namespace

StlOptions DefaultStlOptions(int season, int seasonal_window, bool robust) {
  const auto with_jump = [](int window) {
    return Loess{window, 1, (window + 9) / 10};
  };
  StlOptions options;
  options.season = season;
  options.seasonal = with_jump(seasonal_window);
  options.seasonal.degree = 0;
  options.trend =
      with_jump(NextOdd(std::ceil(1.5 * season / (1 - 1.5 / seasonal_window))));
  options.low_pass = with_jump(NextOdd(season));
  options.inner = robust ? 1 : 2;
  options.outer = robust ? 15 : 0;
  return options;
}

StlDecomposition DecomposeStl(absl::Span<const double> values,
                              const StlOptions& options, StopRequest stop) {
  return Stl(values, options, stop).Run();
}

MstlDecomposition DecomposeMstl(absl::Span<const double> values,
                                absl::Span<const int> cycles,
                                StopRequest stop) {
  constexpr int kIterations = 2;
  constexpr int kFirstWindow = 11;
  constexpr int kWindowStep = 4;
  MstlDecomposition result;
  result.cycles.assign(cycles.begin(), cycles.end());
  result.seasonal.assign(cycles.size(),
                         std::vector<double>(values.size(), 0.0));
  std::vector<double> adjusted(values.begin(), values.end());
  // With one cycle there is nothing that a second round could take from others.
  const int iterations = cycles.size() == 1 ? 1 : kIterations;
  for (int iteration = 0; iteration < iterations; ++iteration) {
    for (size_t i = 0; i < cycles.size(); ++i) {
      std::vector<double>& seasonal = result.seasonal[i];
      for (size_t t = 0; t < adjusted.size(); ++t) adjusted[t] += seasonal[t];
      StlDecomposition one = DecomposeStl(
          adjusted,
          DefaultStlOptions(cycles[i],
                            kFirstWindow + kWindowStep * static_cast<int>(i)),
          stop);
      seasonal = std::move(one.seasonal);
      for (size_t t = 0; t < adjusted.size(); ++t) adjusted[t] -= seasonal[t];
      result.trend = std::move(one.trend);
    }
  }
  return result;
}

}  // namespace headway::forecast
