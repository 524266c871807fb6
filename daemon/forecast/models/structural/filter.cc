#include "daemon/forecast/models/structural/filter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

constexpr double kLogTwoPi = 1.8378770664093454836;
// An infinite part of a variance below this is rounding: the matrix starts at
// one, and what remains of it in a direction not yet seen is of that size.
constexpr double kNoInfinitePart = 1e-8;

enum Variance { kIrregular, kLevel, kSlope, kSeason };

double VarianceOf(const StructuralVariances& variances, int i) {
  const double all[] = {variances.irregular, variances.level, variances.slope,
                        variances.season};
  return all[i];
}

double Dot(const double* a, const double* b, ptrdiff_t n) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// A position for each state that noise of the variance enters.
template <typename Visit>
void ForEachNoisy(const StructuralForm& form, int variance, ptrdiff_t states,
                  int first_seasonal, int slot, Visit visit) {
  switch (variance) {
    case kLevel:
      visit(0);
      return;
    case kSlope:
      visit(1);
      return;
    case kSeason:
      if (form.season == StructuralSeason::kDummy) {
        visit(slot);
        return;
      }
      for (int j = first_seasonal; j < states; ++j) visit(j);
      return;
    default:  // the irregular is not part of the state
      return;
  }
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
      seasonal_states_(std::max<ptrdiff_t>(1, season_ - 1)),
      free_(FreeVariances(form)),
      shown_(states_),
      mean_(states_),
      covariance_(states_ * states_),
      product_(states_),
      sums_(states_),
      infinite_(covariance_.size()),
      infinite_product_(states_),
      surprises_(values.size()),
      errors_(values.size()),
      shares_(values.size()),
      gains_(values.size() * states_),
      pull_(states_),
      precision_(covariance_.size()) {
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
  std::fill(mean_.begin(), mean_.end(), 0.0);
  std::fill(covariance_.begin(), covariance_.end(), 0.0);
  std::fill(infinite_.begin(), infinite_.end(), 0.0);
  for (int i = 0; i < states_; ++i) infinite_[i * states_ + i] = 1;
  diffuse_left_ = states_;
  Likelihood likelihood;
  for (int t = 0; t < static_cast<int>(values_.size()); ++t) {
    SetShown(t);
    surprises_[t] = std::numeric_limits<double>::quiet_NaN();
    if (!std::isnan(values_[t])) Observe(t, variances.irregular, likelihood);
    Move(Slot(t + 1), variances);
  }
  return likelihood;
}

StructuralFilter::Likelihood StructuralFilter::RunWithGradient(
    const StructuralVariances& variances, Gradient& gradient) {
  const Likelihood likelihood = Run(variances);
  gradient = Gradient{};
  std::fill(pull_.begin(), pull_.end(), 0.0);
  std::fill(precision_.begin(), precision_.end(), 0.0);
  for (int t = static_cast<int>(values_.size()) - 1; t >= 0; --t) {
    const int slot = Slot(t + 1);
    AddNoiseBack(slot, gradient);
    MoveBack(slot);
    SetShown(t);
    if (!std::isnan(values_[t])) ObserveBack(t, gradient);
  }
  return likelihood;
}

void StructuralFilter::Observe(int t, double irregular,
                               Likelihood& likelihood) {
  const ptrdiff_t m = states_;
  TimesShown(covariance_.data(), product_.data());
  const double variance = Shown(product_.data()) + irregular;
  if (diffuse_left_ > 0) {
    TimesShown(infinite_.data(), infinite_product_.data());
    const double infinite = Shown(infinite_product_.data());
    if (infinite > kNoInfinitePart) {
      ObserveDiffuse(t, infinite, variance);
      ++likelihood.diffuse;
      likelihood.sum_of_logs += std::log(infinite);
      return;
    }
  }
  const double error = values_[t] - Shown(mean_.data());
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
  errors_[t] = error;
  shares_[t] = share;
  double* gain = Gain(t);
  for (int i = 0; i < m; ++i) gain[i] = product_[i] * share;
  for (int i = 0; i < m; ++i) {
    mean_[i] += gain[i] * error;
    double* row = &covariance_[i * m];
    const double p = product_[i];
    // This order keeps the matrix symmetric to the last bit.
    for (int j = 0; j < m; ++j) row[j] -= (p * product_[j]) * share;
  }
}

// A value with an infinite part in its variance is taken with the gain of that
// part alone, which no variance enters. The finite part is then that of a
// filter with a given gain.
void StructuralFilter::ObserveDiffuse(int t, double infinite, double finite) {
  const ptrdiff_t m = states_;
  double* gain = Gain(t);
  for (int i = 0; i < m; ++i) gain[i] = infinite_product_[i] / infinite;
  const double error = values_[t] - Shown(mean_.data());
  errors_[t] = 0;
  shares_[t] = 0;
  for (int i = 0; i < m; ++i) {
    mean_[i] += gain[i] * error;
    for (int j = 0; j < m; ++j) {
      covariance_[i * m + j] += gain[i] * gain[j] * finite -
                                (gain[i] * product_[j] + product_[i] * gain[j]);
      infinite_[i * m + j] -=
          (infinite_product_[i] * infinite_product_[j]) / infinite;
    }
  }
  if (--diffuse_left_ == 0) std::fill(infinite_.begin(), infinite_.end(), 0.0);
}

// Harmonics stay as they are: their angles move instead, which is the same, as
// the two parts of each have noise of the same variance. Of dummies, the new
// effect, less the sum of the others, takes the place of the oldest.
void StructuralFilter::Move(int slot, const StructuralVariances& variances) {
  if (form_.has_slope()) mean_[0] += mean_[1];
  if (form_.season == StructuralSeason::kDummy) {
    double sum = 0;
    for (int j = first_seasonal_; j < states_; ++j) sum += mean_[j];
    mean_[slot] = -sum;
  }
  MoveMatrix(slot, covariance_.data());
  for (int variance : free_)
    AddNoise(variance, VarianceOf(variances, variance), slot);
  if (diffuse_left_ > 0) MoveMatrix(slot, infinite_.data());
}

void StructuralFilter::MoveMatrix(int slot, Matrix matrix) {
  const ptrdiff_t m = states_;
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

void StructuralFilter::MoveBack(int slot) {
  const ptrdiff_t m = states_;
  double* matrix = precision_.data();
  if (form_.season == StructuralSeason::kDummy) {
    // The row of the new effect, which all of the cycle before share.
    std::copy_n(matrix + slot * m, m, sums_.begin());
    const double own = sums_[slot];
    const double pull = pull_[slot];
    pull_[slot] = 0;
    for (int j = first_seasonal_; j < m; ++j) pull_[j] -= pull;
    for (int j = 0; j < m; ++j) matrix[slot * m + j] = 0;
    for (int i = 0; i < m; ++i) matrix[i * m + slot] = 0;
    sums_[slot] = 0;
    for (int i = 0; i < m; ++i) {
      double* row = matrix + i * m;
      const double base = sums_[i];
      const bool seasonal = i >= first_seasonal_;
      for (int j = first_seasonal_; j < m; ++j) row[j] -= base;
      if (!seasonal) continue;
      for (int j = 0; j < m; ++j) row[j] -= sums_[j];
      for (int j = first_seasonal_; j < m; ++j) row[j] += own;
    }
  }
  if (!form_.has_slope()) return;
  pull_[1] += pull_[0];
  for (int j = 0; j < m; ++j) matrix[m + j] += matrix[j];
  for (int j = 0; j < m; ++j) matrix[j * m + 1] += matrix[j * m];
}

void StructuralFilter::ObserveBack(int t, Gradient& gradient) {
  const ptrdiff_t m = states_;
  const double* gain = Gain(t);
  // The smoothed irregular over its variance, and the variance of that.
  const double smoothed = errors_[t] * shares_[t] - Dot(gain, pull_.data(), m);
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (int i = 0; i < m; ++i) {
    const double* row = &precision_[i * m];
    const double g = gain[i];
    for (int j = 0; j < m; ++j) sums_[j] += g * row[j];
  }
  const double firmness = shares_[t] + Dot(gain, sums_.data(), m);
  gradient.sum_of_squares[0] -= smoothed * smoothed;
  gradient.sum_of_logs[0] += firmness;
  if (form_.season == StructuralSeason::kTrigonometric) {
    for (int i = 0; i < m; ++i) {
      pull_[i] += shown_[i] * smoothed;
      sums_[i] -= shown_[i] * (firmness / 2);
    }
    for (int i = 0; i < m; ++i) {
      double* row = &precision_[i * m];
      const double z = shown_[i];
      const double s = sums_[i];
      for (int j = 0; j < m; ++j) row[j] -= z * sums_[j] + s * shown_[j];
    }
    return;
  }
  // Only the level and one dummy are shown.
  const int shown[] = {0, slot_};
  const int count = form_.has_season() ? 2 : 1;
  for (int a = 0; a < count; ++a) {
    const int i = shown[a];
    pull_[i] += smoothed;
    for (int j = 0; j < m; ++j) precision_[i * m + j] -= sums_[j];
    for (int j = 0; j < m; ++j) precision_[j * m + i] -= sums_[j];
  }
  for (int a = 0; a < count; ++a) {
    for (int b = 0; b < count; ++b) {
      precision_[shown[a] * m + shown[b]] += firmness;
    }
  }
}

void StructuralFilter::AddNoise(int variance, double amount, int slot) {
  ForEachNoisy(form_, variance, states_, first_seasonal_, slot,
               [&](int i) { covariance_[i * (states_ + 1)] += amount; });
}

void StructuralFilter::AddNoiseBack(int slot, Gradient& gradient) const {
  for (size_t k = 0; k < free_.size(); ++k) {
    ForEachNoisy(form_, free_[k], states_, first_seasonal_, slot, [&](int i) {
      gradient.sum_of_squares[k] -= pull_[i] * pull_[i];
      gradient.sum_of_logs[k] += precision_[i * (states_ + 1)];
    });
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
  const ptrdiff_t m = states_;
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
    TimesShown(covariance_.data(), product_.data());
    mean[h] = Shown(mean_.data());
    variance[h] = Shown(product_.data()) + variances.irregular;
    Move(Slot(n + h + 1), variances);
  }
}

}  // namespace headway::forecast
