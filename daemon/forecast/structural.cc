#include "daemon/forecast/structural.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "absl/strings/str_cat.h"

namespace headway::forecast {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLogTwoPi = 1.8378770664093454836;
// An infinite part of a variance below this is rounding: the matrix starts at
// one, and what remains of it in a direction not yet seen is of that size.
constexpr double kNoInfinitePart = 1e-8;

enum Variance { kIrregular, kLevel, kSlope, kSeason };

double Get(const StructuralVariances& variances, int i) {
  const double all[] = {variances.irregular, variances.level, variances.slope,
                        variances.season};
  return all[i];
}

double Dot(const double* a, const double* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

int StructuralForm::CountStates(int season_length) const {
  return 1 + (has_slope() ? 1 : 0) + (has_season() ? season_length - 1 : 0);
}

std::string StructuralName(const StructuralForm& form) {
  std::string name;
  switch (form.trend) {
    case StructuralTrend::kLevel:
      name = "Local level";
      break;
    case StructuralTrend::kDrift:
      name = "Local level with drift";
      break;
    case StructuralTrend::kSmooth:
      name = "Smooth trend";
      break;
    case StructuralTrend::kLinear:
      name = "Local linear trend";
      break;
  }
  switch (form.season) {
    case StructuralSeason::kNone:
      return name;
    case StructuralSeason::kDummy:
      return absl::StrCat(name, " and dummy season");
    case StructuralSeason::kTrigonometric:
      return absl::StrCat(name, " and trigonometric season");
  }
  return name;
}

std::vector<int> FreeVariances(const StructuralForm& form) {
  std::vector<int> free = {kIrregular};
  if (form.trend != StructuralTrend::kSmooth) free.push_back(kLevel);
  if (form.trend == StructuralTrend::kSmooth ||
      form.trend == StructuralTrend::kLinear) {
    free.push_back(kSlope);
  }
  if (form.has_season()) free.push_back(kSeason);
  return free;
}

double StructuralFilter::Likelihood::Log() const {
  return -(sum_of_squares + sum_of_logs + (counted + diffuse) * kLogTwoPi) / 2;
}

StructuralFilter::StructuralFilter(absl::Span<const double> values,
                                   const StructuralForm& form, int season)
    : values_(values),
      form_(form),
      season_(form.has_season() ? season : 1),
      states_(form.CountStates(season)),
      first_seasonal_(form.has_slope() ? 2 : 1),
      seasonal_states_(std::max(1, season_ - 1)),
      free_(FreeVariances(form)),
      shown_(states_),
      means_((1 + free_.size()) * states_),
      covariances_((1 + free_.size()) * states_ * states_),
      products_(means_.size()),
      gains_(means_.size()),
      sums_(states_),
      infinite_(states_ * states_),
      infinite_product_(states_),
      surprises_(values.size()) {
  if (form.season != StructuralSeason::kTrigonometric) return;
  waves_.resize(season_ * seasonal_states_);
  for (int t = 0; t < season_; ++t) {
    double* wave = &waves_[t * seasonal_states_];
    for (int j = 1; 2 * j <= season_; ++j) {
      // The angle is reduced by integers, so that it is exact.
      const double angle = 2 * std::numbers::pi * (j * t % season_) / season_;
      *wave++ = std::cos(angle);
      if (2 * j < season_) *wave++ = std::sin(angle);
    }
  }
}

StructuralFilter::Likelihood StructuralFilter::Run(
    const StructuralVariances& variances) {
  return Filter<false>(variances, nullptr);
}

StructuralFilter::Likelihood StructuralFilter::RunWithGradient(
    const StructuralVariances& variances, Gradient& gradient) {
  return Filter<true>(variances, &gradient);
}

template <bool kGradient>
StructuralFilter::Likelihood StructuralFilter::Filter(
    const StructuralVariances& variances, Gradient* gradient) {
  const int matrices = kGradient ? 1 + static_cast<int>(free_.size()) : 1;
  std::fill(means_.begin(), means_.end(), 0.0);
  std::fill(covariances_.begin(), covariances_.end(), 0.0);
  std::fill(infinite_.begin(), infinite_.end(), 0.0);
  for (int i = 0; i < states_; ++i) infinite_[i * states_ + i] = 1;
  diffuse_left_ = states_;
  if constexpr (kGradient) *gradient = Gradient{};
  Likelihood likelihood;
  for (int t = 0; t < static_cast<int>(values_.size()); ++t) {
    SetShown(t);
    surprises_[t] = std::numeric_limits<double>::quiet_NaN();
    if (!std::isnan(values_[t])) {
      Observe<kGradient>(t, values_[t], variances.irregular, likelihood,
                         gradient);
    }
    Move(t, variances, matrices);
  }
  return likelihood;
}

template <bool kGradient>
void StructuralFilter::Observe(int t, double value, double irregular,
                               Likelihood& likelihood, Gradient* gradient) {
  const int matrices = kGradient ? 1 + static_cast<int>(free_.size()) : 1;
  const int m = states_;
  for (int i = 0; i < matrices; ++i) {
    TimesShown(Covariance(i), Vector(products_, i));
  }
  const double* product = Vector(products_, 0);
  const double variance = Shown(product) + irregular;
  if (diffuse_left_ > 0) {
    TimesShown(infinite_.data(), infinite_product_.data());
    const double infinite = Shown(infinite_product_.data());
    if (infinite > kNoInfinitePart) {
      ObserveDiffuse<kGradient>(value, infinite, variance);
      ++likelihood.diffuse;
      likelihood.sum_of_logs += std::log(infinite);
      return;
    }
  }
  const double error = value - Shown(Vector(means_, 0));
  if (!(variance > 0)) {
    likelihood.sum_of_squares = kInfinity;
    return;
  }
  const double share = 1 / variance;
  if (diffuse_left_ == 0) {
    surprises_[t] = kLogTwoPi + std::log(variance) + error * error * share;
  }
  ++likelihood.counted;
  likelihood.sum_of_squares += error * error * share;
  likelihood.sum_of_logs += std::log(variance);
  double* gain = Vector(gains_, 0);
  for (int i = 0; i < m; ++i) gain[i] = product[i] * share;
  for (int k = 1; k < matrices; ++k) {
    const int free = free_[k - 1];
    double* d_product = Vector(products_, k);
    double* d_gain = Vector(gains_, k);
    double* d_mean = Vector(means_, k);
    const double d_variance =
        Shown(d_product) + (free == kIrregular ? 1.0 : 0.0);
    const double d_error = -Shown(d_mean);
    gradient->sum_of_squares[k - 1] +=
        (2 * d_error - error * share * d_variance) * error * share;
    gradient->sum_of_logs[k - 1] += d_variance * share;
    for (int i = 0; i < m; ++i) {
      d_gain[i] = (d_product[i] - gain[i] * d_variance) * share;
      d_mean[i] += d_gain[i] * error + gain[i] * d_error;
      // Half the variance's part on either side keeps the matrix symmetric to
      // the last bit.
      d_product[i] -= gain[i] * d_variance / 2;
    }
    double* d_covariance = Covariance(k);
    for (int i = 0; i < m; ++i) {
      double* row = d_covariance + i * m;
      const double g = gain[i];
      const double d = d_product[i];
      for (int j = 0; j < m; ++j) row[j] -= d * gain[j] + g * d_product[j];
    }
  }
  double* mean = Vector(means_, 0);
  double* covariance = Covariance(0);
  for (int i = 0; i < m; ++i) {
    mean[i] += gain[i] * error;
    double* row = covariance + i * m;
    const double p = product[i];
    for (int j = 0; j < m; ++j) row[j] -= (p * product[j]) * share;
  }
}

// A value with an infinite part in its variance is taken with the gain of that
// part alone, which no variance enters. The finite part is then that of a
// filter with a given gain.
template <bool kGradient>
void StructuralFilter::ObserveDiffuse(double value, double infinite,
                                      double finite) {
  const int matrices = kGradient ? 1 + static_cast<int>(free_.size()) : 1;
  const int m = states_;
  double* gain = Vector(gains_, 0);
  for (int i = 0; i < m; ++i) gain[i] = infinite_product_[i] / infinite;
  for (int k = 0; k < matrices; ++k) {
    const double* product = Vector(products_, k);
    double* mean = Vector(means_, k);
    double* covariance = Covariance(k);
    double variance = finite;
    if (k > 0) {
      variance = Shown(product) + (free_[k - 1] == kIrregular ? 1.0 : 0.0);
    }
    const double error = (k == 0 ? value : 0) - Shown(mean);
    for (int i = 0; i < m; ++i) {
      mean[i] += gain[i] * error;
      for (int j = 0; j < m; ++j) {
        covariance[i * m + j] += gain[i] * gain[j] * variance -
                                 (gain[i] * product[j] + product[i] * gain[j]);
      }
    }
  }
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) {
      infinite_[i * m + j] -=
          (infinite_product_[i] * infinite_product_[j]) / infinite;
    }
  }
  if (--diffuse_left_ == 0) std::fill(infinite_.begin(), infinite_.end(), 0.0);
}

void StructuralFilter::Move(int t, const StructuralVariances& variances,
                            int matrices) {
  const int slot = Slot(t + 1);
  for (int k = 0; k < matrices; ++k) {
    MoveMean(slot, Vector(means_, k));
    MoveMatrix(slot, Covariance(k));
  }
  for (size_t k = 0; k < free_.size(); ++k) {
    AddNoise(free_[k], Get(variances, free_[k]), slot, Covariance(0));
    if (matrices > 1) AddNoise(free_[k], 1, slot, Covariance(k + 1));
  }
  if (diffuse_left_ > 0) MoveMatrix(slot, infinite_.data());
}

void StructuralFilter::MoveMean(int slot, double* mean) {
  if (form_.has_slope()) mean[0] += mean[1];
  if (form_.season != StructuralSeason::kDummy) return;
  double sum = 0;
  for (int j = first_seasonal_; j < states_; ++j) sum += mean[j];
  mean[slot] = -sum;
}

// Harmonics stay as they are: their angles move instead, which is the same, as
// the two parts of each have noise of the same variance. Of dummies, the new
// effect, less the sum of the others, takes the place of the oldest.
void StructuralFilter::MoveMatrix(int slot, Matrix matrix) {
  const int m = states_;
  if (form_.has_slope()) {
    for (int j = 0; j < m; ++j) matrix[j] += matrix[m + j];
    for (int j = 0; j < m; ++j) matrix[j * m] += matrix[j * m + 1];
  }
  if (form_.season != StructuralSeason::kDummy) return;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (int i = first_seasonal_; i < m; ++i) {
    const double* row = matrix + i * m;
    for (int j = 0; j < m; ++j) sums_[j] += row[j];
  }
  double total = 0;
  for (int j = first_seasonal_; j < m; ++j) total += sums_[j];
  double* row = matrix + slot * m;
  for (int j = 0; j < m; ++j) {
    row[j] = -sums_[j];
    matrix[j * m + slot] = -sums_[j];
  }
  row[slot] = total;
}

void StructuralFilter::AddNoise(int variance, double amount, int slot,
                                Matrix matrix) {
  const int step = states_ + 1;
  switch (variance) {
    case kLevel:
      matrix[0] += amount;
      return;
    case kSlope:
      matrix[step] += amount;
      return;
    case kSeason:
      if (form_.season == StructuralSeason::kDummy) {
        matrix[slot * step] += amount;
        return;
      }
      for (int j = first_seasonal_; j < states_; ++j) {
        matrix[j * step] += amount;
      }
      return;
    default:  // the irregular is not part of the state
      return;
  }
}

void StructuralFilter::SetShown(int t) {
  slot_ = Slot(t);
  if (form_.season != StructuralSeason::kTrigonometric) return;
  shown_[0] = 1;
  std::copy_n(&waves_[t % season_ * seasonal_states_], seasonal_states_,
              &shown_[first_seasonal_]);
}

// Rows are columns: the matrix is symmetric.
void StructuralFilter::TimesShown(const double* matrix, double* product) const {
  const int m = states_;
  switch (form_.season) {
    case StructuralSeason::kNone:
      for (int j = 0; j < m; ++j) product[j] = matrix[j];
      return;
    case StructuralSeason::kDummy:
      for (int j = 0; j < m; ++j) {
        product[j] = matrix[j] + matrix[slot_ * m + j];
      }
      return;
    case StructuralSeason::kTrigonometric:
      for (int j = 0; j < m; ++j) product[j] = matrix[j];
      for (int i = first_seasonal_; i < m; ++i) {
        const double weight = shown_[i];
        const double* row = matrix + i * m;
        for (int j = 0; j < m; ++j) product[j] += weight * row[j];
      }
      return;
  }
}

double StructuralFilter::Shown(const double* state) const {
  switch (form_.season) {
    case StructuralSeason::kNone:
      return state[0];
    case StructuralSeason::kDummy:
      return state[0] + state[slot_];
    case StructuralSeason::kTrigonometric:
      return Dot(shown_.data(), state, states_);
  }
  return state[0];
}

void StructuralFilter::Forecast(const StructuralVariances& variances,
                                absl::Span<double> mean,
                                absl::Span<double> variance) {
  const int n = static_cast<int>(values_.size());
  for (int h = 0; h < static_cast<int>(mean.size()); ++h) {
    SetShown(n + h);
    TimesShown(Covariance(0), Vector(products_, 0));
    mean[h] = Shown(Vector(means_, 0));
    variance[h] = Shown(Vector(products_, 0)) + variances.irregular;
    Move(n + h, variances, 1);
  }
}

}  // namespace headway::forecast
