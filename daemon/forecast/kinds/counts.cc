#include "daemon/forecast/kinds/counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

constexpr size_t kMostCounts = 300;
// Above this mean, counts are as good as a continuous quantity.
constexpr double kMostMean = 10;
// Counts that vary much less than Poisson ones, by their variance over the
// mean, are whole numbers of another kind.
constexpr double kLeastDispersion = 0.5;
// The t statistic of a slope in the counts beyond which they have a trend.
constexpr double kTrend = 4;
// What a mean is taken from before the first count: Jeffreys' prior.
constexpr double kPriorCount = 0.5;
constexpr double kDiscounts[] = {1,   0.99, 0.97, 0.95, 0.92,
                                 0.9, 0.85, 0.8,  0.7};
// Variance of the mean between periods, over its square; 0 is Poisson.
constexpr double kDispersions[] = {0,   0.05, 0.1, 0.2, 0.35, 0.5,
                                   0.8, 1.2,  1.8, 2.7, 4};
// As few counts as what is known of the mean fades to: with fewer, most of its
// distribution would lie at zero.
constexpr double kLeastKnowledge = 2;
// A negative binomial of more is as good as Poisson.
constexpr double kMostSize = 1e6;
// No quantile lies further out, in standard deviations.
constexpr double kMostScores = 40;

// The logarithms of gamma(count + size) - gamma(size) - gamma(count + 1) and so
// on: the negative binomial distribution by its mean and its size, the number
// of failures.
class NegativeBinomial {
 public:
  NegativeBinomial(double mean, double size)
      : mean_(mean), size_(std::min(size, kMostSize)) {}

  double LogProbability(double count) const {
    const double success = mean_ / (mean_ + size_);
    return std::lgamma(count + size_) - std::lgamma(size_) -
           std::lgamma(count + 1) + size_ * std::log1p(-success) +
           count * std::log(success);
  }
  double Variance() const { return mean_ + mean_ * mean_ / size_; }

  // The probabilities of 0, 1, ..., each times `weight`, added to `sums`.
  void AddTo(double weight, std::vector<double>& sums) const {
    const double success = mean_ / (mean_ + size_);
    double probability = std::exp(size_ * std::log1p(-success));
    for (size_t k = 0; k < sums.size(); ++k) {
      sums[k] += weight * probability;
      probability *= success * (static_cast<double>(k) + size_) /
                     (static_cast<double>(k) + 1);
    }
  }

 private:
  double mean_;
  double size_;
};

// What is known of the mean: a gamma distribution.
struct Knowledge {
  double count = kPriorCount;
  double periods = 0;

  void Forget(double discount) {
    count *= discount;
    periods *= discount;
  }
  // The same for periods ahead, in which nothing is learned.
  void Fade(double discount) {
    const double faded =
        std::max(count * discount, std::min(count, kLeastKnowledge));
    periods *= faded / count;
    count = faded;
  }
  // Of a count in a period that has this knowledge of its mean, which was
  // learned from counts that scatter by `dispersion` themselves.
  NegativeBinomial Predict(double dispersion) const {
    const double mean = count / periods;
    const double doubt = (1 + mean * dispersion) / count;
    return NegativeBinomial(mean,
                            1 / (doubt + dispersion + doubt * dispersion));
  }
};

// One discount and one dispersion.
struct Hypothesis {
  double discount;
  double dispersion;
  Knowledge knowledge;  // after the last count
  double weight = 0;
};

Hypothesis Learn(absl::Span<const double> counts, double discount,
                 double dispersion) {
  Hypothesis hypothesis{discount, dispersion};
  for (double count : counts) {
    Knowledge& knowledge = hypothesis.knowledge;
    knowledge.Forget(discount);
    if (std::isnan(count)) continue;
    if (knowledge.periods > 0) {
      hypothesis.weight += knowledge.Predict(dispersion).LogProbability(count);
    }
    knowledge.count += count;
    knowledge.periods += 1;
  }
  return hypothesis;
}

std::vector<Hypothesis> LearnAll(absl::Span<const double> counts) {
  std::vector<Hypothesis> all;
  for (double discount : kDiscounts) {
    for (double dispersion : kDispersions) {
      all.push_back(Learn(counts, discount, dispersion));
    }
  }
  double most = all.front().weight;
  for (const Hypothesis& one : all) most = std::max(most, one.weight);
  double sum = 0;
  for (Hypothesis& one : all) sum += one.weight = std::exp(one.weight - most);
  for (Hypothesis& one : all) one.weight /= sum;
  return all;
}

// The probabilities of 0, 1, ... in the next period, as far as any count is
// likely.
std::vector<double> Mixture(absl::Span<const Hypothesis> hypotheses) {
  double end = 0;
  for (const Hypothesis& one : hypotheses) {
    if (one.weight < 1e-6) continue;
    const NegativeBinomial distribution = one.knowledge.Predict(one.dispersion);
    end = std::max(end, one.knowledge.count / one.knowledge.periods +
                            kMostScores * std::sqrt(distribution.Variance()));
  }
  std::vector<double> sums(static_cast<size_t>(end) + 2);
  for (const Hypothesis& one : hypotheses) {
    if (one.weight < 1e-6) continue;
    one.knowledge.Predict(one.dispersion).AddTo(one.weight, sums);
  }
  return sums;
}

// The least count up to which the probabilities add up to `probability`.
double QuantileOf(absl::Span<const double> mixture, double probability) {
  double sum = 0;
  for (size_t k = 0; k < mixture.size(); ++k) {
    sum += mixture[k];
    if (sum >= probability) return static_cast<double>(k);
  }
  return static_cast<double>(mixture.size() - 1);
}

double MeanOfMixture(absl::Span<const double> mixture) {
  double mean = 0;
  for (size_t k = 0; k < mixture.size(); ++k) {
    mean += static_cast<double>(k) * mixture[k];
  }
  return mean;
}

// The t statistic of the slope over time.
double TrendStatistic(absl::Span<const double> values) {
  const double middle = 0.5 * (static_cast<double>(values.size()) - 1);
  double mean = 0;
  for (double value : values)
    mean += value / static_cast<double>(values.size());
  double products = 0;
  double times = 0;
  double squares = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    const double time = static_cast<double>(t) - middle;
    products += time * (values[t] - mean);
    times += time * time;
    squares += (values[t] - mean) * (values[t] - mean);
  }
  const double rest = squares - products * products / times;
  if (!(rest > 0)) return squares > 0 ? kTrend + 1 : 0;
  return products /
         std::sqrt(rest * times / static_cast<double>(values.size() - 2));
}

}  // namespace

bool FitCounts(absl::Span<const double> values, int season, StopRequest stop) {
  std::vector<double> present;
  double sum = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    if (value < 0 || value != std::floor(value)) return false;
    present.push_back(value);
    sum += value;
  }
  const auto count = static_cast<double>(present.size());
  const double mean = sum / count;
  double squares = 0;
  for (double value : present) squares += (value - mean) * (value - mean);
  if (mean > kMostMean || squares < kLeastDispersion * mean * count) {
    return false;
  }
  return present.size() < 4 || (std::abs(TrendStatistic(present)) < kTrend &&
                                !IsSeasonal(present, season, stop));
}

Prediction PredictCounts(absl::Span<const double> values, int horizon,
                         absl::Span<const double> probabilities) {
  const absl::Span<const double> last =
      values.last(std::min(values.size(), kMostCounts));
  std::vector<Hypothesis> hypotheses = LearnAll(last);
  Prediction prediction;
  prediction.model = "Counts";
  for (int h = 0; h < horizon; ++h) {
    for (Hypothesis& one : hypotheses) one.knowledge.Fade(one.discount);
    const std::vector<double> mixture = Mixture(hypotheses);
    prediction.mean.push_back(MeanOfMixture(mixture));
    prediction.point.push_back(QuantileOf(mixture, 0.5));
    std::vector<double> quantiles;
    for (double probability : probabilities) {
      quantiles.push_back(QuantileOf(mixture, probability));
    }
    prediction.quantiles.push_back(std::move(quantiles));
  }
  return prediction;
}

}  // namespace headway::forecast
