#include "daemon/scores/scores.h"

#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/student.h"

namespace headway::scores {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
// The tolerance for two probabilities that should be equal.
constexpr double kSameProbability = 1e-9;

// A running mean that leaves NaN out and does not overflow.
class Mean {
 public:
  void Add(double value) {
    if (std::isnan(value)) return;
    ++count_;
    mean_ += (value - mean_) / count_;
  }
  double value_or(double fallback) const {
    return count_ > 0 ? mean_ : fallback;
  }

 private:
  double mean_ = 0;
  int count_ = 0;
};

double IntervalScore(double actual, double lower, double upper, double level) {
  const double penalty = 2 / (1 - level);
  double score = upper - lower;
  if (actual < lower) score += penalty * (lower - actual);
  if (actual > upper) score += penalty * (actual - upper);
  return std::isnan(actual) ? kUndefined : score;
}

absl::Status CheckSymmetric(absl::Span<const double> probabilities) {
  const size_t count = probabilities.size();
  for (size_t i = 0; i < count; ++i) {
    const double mirrored = 1 - probabilities[count - 1 - i];
    const bool rising = i == 0 || probabilities[i] > probabilities[i - 1];
    if (!rising || !(probabilities[i] > 0) ||
        !(std::abs(probabilities[i] - mirrored) < kSameProbability)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the weighted interval score needs rising probabilities symmetric ",
          "about 0.5, and number ", i + 1, " is ", probabilities[i]));
    }
  }
  if (count % 2 == 0) {
    return absl::InvalidArgumentError(
        "the weighted interval score needs the median: add the probability "
        "0.5");
  }
  return absl::OkStatus();
}

// The variance of the mean of `differences`, correlated up to `lags`.
double VarianceOfMean(absl::Span<const double> differences, double mean,
                      int lags) {
  const size_t n = differences.size();
  double sum = 0;
  for (int lag = 0; lag <= lags; ++lag) {
    double products = 0;
    for (size_t t = lag; t < n; ++t) {
      products += (differences[t] - mean) * (differences[t - lag] - mean);
    }
    sum += lag == 0 ? products : 2 * products;
  }
  return sum / static_cast<double>(n) / static_cast<double>(n);
}

double Distance(absl::Span<const double> a, absl::Span<const double> b) {
  double squares = 0;
  for (size_t i = 0; i < a.size(); ++i)
    squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

}  // namespace

std::optional<double> SeasonalNaiveError(absl::Span<const double> values,
                                         int season) {
  Mean mean;
  for (size_t t = season; t < values.size(); ++t) {
    mean.Add(std::abs(values[t] - values[t - season]));
  }
  const double error = mean.value_or(0);
  return error > 0 ? std::optional<double>(error) : std::nullopt;
}

double NaiveSquaredError(absl::Span<const double> values) {
  Mean mean;
  for (size_t t = 1; t < values.size(); ++t) {
    const double change = values[t] - values[t - 1];
    mean.Add(change * change);
  }
  return mean.value_or(0);
}

double MeanAbsoluteScaledError(absl::Span<const double> actuals,
                               absl::Span<const double> points, double scale) {
  if (!(scale > 0)) return kUndefined;
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    // Halved, so that the difference of two huge numbers is finite.
    mean.Add(2 * (std::abs(actuals[h] / 2 - points[h] / 2) / scale));
  }
  return mean.value_or(kUndefined);
}

double SymmetricPercentageError(absl::Span<const double> actuals,
                                absl::Span<const double> points) {
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    const double error = std::abs(actuals[h] / 2 - points[h] / 2);
    const double size = std::abs(actuals[h] / 2) + std::abs(points[h] / 2);
    mean.Add(size == 0 ? 0 : 200 * (error / size));
  }
  return mean.value_or(kUndefined);
}

double OverallWeightedAverage(const PointErrors& errors,
                              const PointErrors& benchmark) {
  return (errors.mase / benchmark.mase + errors.smape / benchmark.smape) / 2;
}

double RootMeanSquaredScaledError(absl::Span<const double> actuals,
                                  absl::Span<const double> points,
                                  double scale) {
  if (!(scale > 0)) return kUndefined;
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    const double error = actuals[h] - points[h];
    mean.Add(error * error / scale);
  }
  return std::sqrt(mean.value_or(kUndefined));
}

double MeanScaledIntervalScore(absl::Span<const double> actuals,
                               const Intervals& intervals, double scale) {
  if (!(scale > 0)) return kUndefined;
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    mean.Add(IntervalScore(actuals[h], intervals.lower[h], intervals.upper[h],
                           intervals.level) /
             scale);
  }
  return mean.value_or(kUndefined);
}

double Coverage(absl::Span<const double> actuals, const Intervals& intervals) {
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    if (std::isnan(actuals[h])) continue;
    const bool covered =
        actuals[h] >= intervals.lower[h] && actuals[h] <= intervals.upper[h];
    mean.Add(covered ? 1 : 0);
  }
  return mean.value_or(kUndefined);
}

double QuantileLoss(double actual, double quantile, double probability) {
  const double error = actual - quantile;
  return error >= 0 ? probability * error : (probability - 1) * error;
}

double RankedProbabilityScore(absl::Span<const double> actuals,
                              absl::Span<const std::vector<double>> quantiles,
                              absl::Span<const double> probabilities) {
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    for (size_t i = 0; i < probabilities.size(); ++i) {
      mean.Add(2 * QuantileLoss(actuals[h], quantiles[h][i], probabilities[i]));
    }
  }
  return mean.value_or(kUndefined);
}

double EnergyScore(absl::Span<const double> actual,
                   absl::Span<const std::vector<double>> sample) {
  double to_actual = 0;
  double within = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    to_actual += Distance(sample[i], actual);
    for (size_t j = 0; j < i; ++j) within += Distance(sample[i], sample[j]);
  }
  const double count = static_cast<double>(sample.size());
  // Each pair counts twice, and a draw is at no distance from itself.
  return to_actual / count - within / (count * count);
}

absl::StatusOr<double> WeightedIntervalScore(
    absl::Span<const double> actuals,
    absl::Span<const std::vector<double>> quantiles,
    absl::Span<const double> probabilities) {
  const absl::Status symmetric = CheckSymmetric(probabilities);
  if (!symmetric.ok()) return symmetric;
  const size_t pairs = probabilities.size() / 2;
  Mean mean;
  for (size_t h = 0; h < actuals.size(); ++h) {
    const std::vector<double>& bounds = quantiles[h];
    double sum = std::abs(actuals[h] - bounds[pairs]) / 2;
    for (size_t i = 0; i < pairs; ++i) {
      // The weight is half the share that the interval leaves out.
      sum += probabilities[i] * IntervalScore(actuals[h], bounds[i],
                                              bounds[bounds.size() - 1 - i],
                                              1 - 2 * probabilities[i]);
    }
    mean.Add(sum / (static_cast<double>(pairs) + 0.5));
  }
  return mean.value_or(kUndefined);
}

absl::StatusOr<DieboldMarianoTest> DieboldMariano(
    absl::Span<const double> errors, absl::Span<const double> other_errors,
    int horizon, double power) {
  if (errors.size() != other_errors.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the Diebold-Mariano test compares pairs of errors, and ", "there are ",
        errors.size(), " and ", other_errors.size()));
  }
  if (!(power > 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the power of the Diebold-Mariano test must be positive, not ", power));
  }
  std::vector<double> differences;
  Mean mean;
  for (size_t i = 0; i < errors.size(); ++i) {
    const double difference = std::pow(std::abs(errors[i]), power) -
                              std::pow(std::abs(other_errors[i]), power);
    if (std::isnan(difference)) continue;
    differences.push_back(difference);
    mean.Add(difference);
  }
  const int n = static_cast<int>(differences.size());
  if (n < 2 || horizon < 1 || horizon >= n) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the Diebold-Mariano test needs two pairs of errors and a horizon of ",
        "at least 1 and below their number, and there are ", n,
        " pairs and a horizon of ", horizon));
  }
  DieboldMarianoTest test;
  test.compared = n;
  test.lags = horizon - 1;
  double variance = VarianceOfMean(differences, mean.value_or(0), test.lags);
  if (!(variance > 0)) {
    test.lags = 0;
    variance = VarianceOfMean(differences, mean.value_or(0), 0);
  }
  if (!(variance > 0)) {
    return absl::FailedPreconditionError(
        "the Diebold-Mariano test needs losses whose difference varies, and "
        "it is the same for every pair");
  }
  const double h = test.lags + 1;
  const double correction = (n + 1 - 2 * h + h * (h - 1) / n) / n;
  test.statistic = mean.value_or(0) / std::sqrt(variance / correction);
  test.p_value =
      2 * forecast::StudentProbability(-std::abs(test.statistic), n - 1);
  return test;
}

}  // namespace headway::scores
