#include "daemon/forecast/models/ridge_ar.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/box_cox.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/ridge.h"
#include "daemon/forecast/models/long_season.h"

namespace headway::forecast {
namespace {

constexpr int kLeastRidgeValues = 12;
// The settings of lags were chosen on three windows at the ends of the training
// parts of M4 weekly and hourly, see docs/forecasting.md.
constexpr int kShortLags = 4;
// Lags lie around the season and its double, up to this part of the season away
// and no further than the most: a year is not a whole number of weeks.
constexpr int kNearSeason = 8;
constexpr int kMostNear = 8;
// The most multiples of the season that are lags, all below the next cycle.
constexpr int kMostMultiples = 6;
// A lag must fit this many times into the values that a model is fitted to.
constexpr int kLagRepeats = 3;
constexpr int kHeldOutOrigins = 3;
// A model is left out if its forecast leaves the values by more than so many of
// their ranges. A convention.
constexpr double kReach = 2;

// The values on the scale of one model: transformed, less their mean and over
// their standard deviation.
class Scale {
 public:
  Scale(absl::Span<const double> values, BoxCox transform)
      : transform_(transform) {
    const double n = static_cast<double>(values.size());
    for (double value : values) {
      scaled_.push_back(transform_.Forward(value));
      mean_ += scaled_.back() / n;
    }
    double squares = 0;
    for (double value : scaled_) squares += (value - mean_) * (value - mean_);
    deviation_ = std::sqrt(squares / n);
    if (!(deviation_ > 0)) deviation_ = 1;
    for (double& value : scaled_) value = (value - mean_) / deviation_;
  }

  absl::Span<const double> values() const { return scaled_; }
  double Back(double scaled) const {
    return transform_.Inverse(mean_ + deviation_ * scaled);
  }
  // The mean of what has `variance` about `scaled`.
  double BackMean(double scaled, double variance) const {
    return transform_.InverseMean(mean_ + deviation_ * scaled,
                                  variance * deviation_ * deviation_);
  }

 private:
  BoxCox transform_;
  double mean_ = 0;
  double deviation_ = 0;
  std::vector<double> scaled_;
};

// Square roots and logarithms where the values allow.
std::vector<Scale> Scales(absl::Span<const double> values) {
  const double least = *std::min_element(values.begin(), values.end());
  std::vector<Scale> scales;
  scales.emplace_back(values, BoxCox(least < 0 ? 1 : 0.5));
  if (least > 0) scales.emplace_back(values, BoxCox(0));
  return scales;
}

// Normal equations of the changes on their lags, to which observations can be
// added as the end of the series moves on.
class LagRegression {
 public:
  LagRegression(absl::Span<const double> values, absl::Span<const int> lags,
                int difference, StopRequest stop)
      : difference_(difference), stop_(stop), equations_(0) {
    changes_.assign(values.begin() + difference, values.end());
    for (size_t t = 0; difference > 0 && t < changes_.size(); ++t) {
      changes_[t] -= values[t];
    }
    next_ = 0;
    for (int lag : lags) {
      if (static_cast<size_t>(lag) * kLagRepeats > changes_.size()) break;
      lags_.push_back(lag);
      next_ = lag;
    }
    equations_ = NormalEquations(static_cast<int>(lags_.size()));
  }

  // The model of the first `end` values, or of fewer once stopped; `end` must
  // not fall.
  Autoregression FitUpTo(int end) {
    std::vector<double> row(lags_.size());
    for (; next_ < end - difference_; ++next_) {
      for (size_t i = 0; i < lags_.size(); ++i) {
        row[i] = changes_[next_ - lags_[i]];
      }
      equations_.Add(row, changes_[next_]);
      if (stop_.RequestedAfter(lags_.size() * lags_.size() / 2)) break;
    }
    const RidgeFit fit = FitRidge(equations_);
    std::map<int, double> terms;
    if (difference_ > 0) terms[difference_] += 1;
    for (size_t i = 0; i < lags_.size(); ++i) {
      terms[lags_[i]] += fit.coefficients[i];
      if (difference_ > 0) terms[lags_[i] + difference_] -= fit.coefficients[i];
    }
    Autoregression model;
    model.variance = fit.variance;
    for (const auto& [lag, coefficient] : terms) {
      model.lags.push_back(lag);
      model.coefficients.push_back(coefficient);
    }
    return model;
  }

 private:
  int difference_;
  StopRequest stop_;
  std::vector<double> changes_;
  std::vector<int> lags_;
  int next_;
  NormalEquations equations_;
};

// The variance of the errors ahead. [horizon]
std::vector<double> Variances(const Autoregression& model, int horizon) {
  std::vector<double> response(horizon);
  std::vector<double> variances(horizon);
  double squares = 0;
  for (int h = 0; h < horizon; ++h) {
    response[h] = h == 0 ? 1 : 0;
    for (size_t i = 0; i < model.lags.size() && model.lags[i] <= h; ++i) {
      response[h] += model.coefficients[i] * response[h - model.lags[i]];
    }
    squares += response[h] * response[h];
    variances[h] = model.variance * squares;
  }
  return variances;
}

// The interval in which forecasts may lie.
struct Reach {
  double low;
  double high;

  explicit Reach(absl::Span<const double> values) {
    const auto [least, most] =
        std::minmax_element(values.begin(), values.end());
    low = *least - kReach * (*most - *least);
    high = *most + kReach * (*most - *least);
  }
  double width() const { return high - low; }
  bool Holds(double point) const { return point >= low && point <= high; }
};

struct Member {
  double weight = 0;
  // On the scale of the model. [horizon]
  std::vector<double> point;
  std::vector<double> variance;
};

class RidgeArForecaster {
 public:
  RidgeArForecaster(absl::Span<const double> values,
                    absl::Span<const int> cycles, int horizon, StopRequest stop)
      : values_(values),
        lags_(SeasonalLags(cycles)),
        horizon_(horizon),
        held_out_(std::min(horizon, static_cast<int>(values.size()) / 4)),
        reach_(values),
        stop_(stop) {}

  // The weight is zero if the model is of no use.
  Member Run(const Scale& scale, int difference) const {
    const int n = static_cast<int>(values_.size());
    Member member;
    if (difference * kLagRepeats > n) return member;
    LagRegression regression(scale.values(), lags_, difference, stop_);
    const double error = HeldOutError(scale, regression.FitUpTo(n - held_out_));
    const Autoregression model = regression.FitUpTo(n);
    member.point = Continue(model, scale.values(), horizon_);
    member.variance = Variances(model, horizon_);
    const bool within = std::all_of(
        member.point.begin(), member.point.end(),
        [&](double point) { return reach_.Holds(scale.Back(point)); });
    // The constants leave an exact model a finite weight.
    if (within && std::isfinite(error)) {
      member.weight =
          1 / (error + 1e-12 * reach_.width() * reach_.width() + 1e-100);
    }
    return member;
  }

 private:
  // The mean squared error from several origins over the held-out end.
  double HeldOutError(const Scale& scale, const Autoregression& model) const {
    const int n = static_cast<int>(values_.size());
    double squares = 0;
    int count = 0;
    for (int i = 0; i < std::min(kHeldOutOrigins, held_out_); ++i) {
      const int origin = n - held_out_ + i * held_out_ / kHeldOutOrigins;
      const std::vector<double> path =
          Continue(model, scale.values().first(origin), n - origin);
      for (int t = origin; t < n; ++t) {
        const double error = scale.Back(path[t - origin]) - values_[t];
        squares += error * error;
        ++count;
      }
    }
    return squares / count;
  }

  absl::Span<const double> values_;
  std::vector<int> lags_;
  int horizon_;
  int held_out_;
  Reach reach_;
  StopRequest stop_;
};

// Adds a member's distribution, with its share of the whole.
void AddMember(const Member& member, const Scale& scale, double share,
               absl::Span<const double> scores, Prediction& sum) {
  for (size_t h = 0; h < member.point.size(); ++h) {
    const double point = member.point[h];
    const double variance = member.variance[h];
    sum.point[h] += share * scale.Back(point);
    sum.mean[h] += share * scale.BackMean(point, variance);
    for (size_t i = 0; i < scores.size(); ++i) {
      sum.quantiles[h][i] +=
          share * scale.Back(point + scores[i] * std::sqrt(variance));
    }
  }
}

}  // namespace

std::vector<int> SeasonalLags(absl::Span<const int> cycles) {
  std::set<int> lags;
  for (int lag = 1; lag <= kShortLags; ++lag) lags.insert(lag);
  const auto add_around = [&lags](int centre, int reach) {
    for (int lag = std::max(1, centre - reach); lag <= centre + reach; ++lag) {
      lags.insert(lag);
    }
  };
  for (int cycle : cycles) {
    if (cycle != cycles[0]) {
      add_around(cycle, 1);
      continue;
    }
    const int reach = std::clamp(cycle / kNearSeason, 1, kMostNear);
    add_around(cycle, reach);
    add_around(2 * cycle, reach);
    for (int k = 3; cycles.size() > 1 && k <= kMostMultiples; ++k) {
      if (k * cycle < cycles[1]) lags.insert(k * cycle);
    }
  }
  return std::vector<int>(lags.begin(), lags.end());
}

Autoregression FitAutoregression(absl::Span<const double> values,
                                 absl::Span<const int> lags, int difference) {
  return LagRegression(values, lags, difference, StopRequest())
      .FitUpTo(static_cast<int>(values.size()));
}

std::vector<double> Continue(const Autoregression& model,
                             absl::Span<const double> values, int horizon) {
  const size_t longest = model.lags.empty() ? 0 : model.lags.back();
  std::vector<double> path(values.end() - longest, values.end());
  path.resize(longest + horizon);
  for (size_t t = longest; t < path.size(); ++t) {
    double sum = 0;
    for (size_t i = 0; i < model.lags.size(); ++i) {
      sum += model.coefficients[i] * path[t - model.lags[i]];
    }
    path[t] = sum;
  }
  path.erase(path.begin(), path.begin() + longest);
  return path;
}

absl::StatusOr<Prediction> RidgeAr(const ModelInput& input) {
  if (CountPresent(input.values) < kLeastRidgeValues) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the ridge autoregression needs at least ", kLeastRidgeValues,
        " values, and there are ", CountPresent(input.values)));
  }
  const std::vector<double> values =
      FillGaps(input.values, input.season, input.stop);
  const std::vector<int> cycles = Cycles(input, values, kLagRepeats);
  std::vector<int> differences = {0, 1};
  differences.insert(differences.end(), cycles.begin(), cycles.end());
  const std::vector<Scale> scales = Scales(values);
  const RidgeArForecaster forecaster(values, cycles, input.horizon, input.stop);
  std::vector<std::pair<const Scale*, Member>> members;
  double weights = 0;
  for (const Scale& scale : scales) {
    for (int difference : differences) {
      members.emplace_back(&scale, forecaster.Run(scale, difference));
      if (input.stop.requested()) return GivenUp();
      weights += members.back().second.weight;
    }
  }
  if (!(weights > 0)) {
    return absl::FailedPreconditionError(
        "no ridge autoregression has a forecast within two ranges of the "
        "values");
  }
  std::vector<double> scores(input.probabilities.size());
  std::transform(input.probabilities.begin(), input.probabilities.end(),
                 scores.begin(), NormalQuantile);
  Prediction sum;
  sum.model = absl::StrCat("Ridge autoregression", CyclesSuffix(cycles));
  sum.point.assign(input.horizon, 0.0);
  sum.mean = sum.point;
  sum.quantiles.assign(input.horizon, std::vector<double>(scores.size(), 0.0));
  for (const auto& [scale, member] : members) {
    if (member.weight > 0) {
      AddMember(member, *scale, member.weight / weights, scores, sum);
    }
  }
  return sum;
}

}  // namespace headway::forecast
