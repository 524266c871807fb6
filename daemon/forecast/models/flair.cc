#include "daemon/forecast/models/flair.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/box_cox.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/ridge.h"
#include "daemon/forecast/models/long_season.h"

namespace headway::forecast {
namespace {

constexpr int kLeastFlairValues = 8;
// The least number of cycles in the values. A convention.
constexpr int kLeastFlairCycles = 3;
// The number of cycles that a shape is averaged over: that of the paper.
constexpr int kShapeCycles = 2;
// The largest weight of the overall shape, in cycles, against those of the same
// day of the week. A convention.
constexpr double kMostOverall = 10;
// Forecast levels stay above this share of the least level seen. A convention.
constexpr double kLeastLevel = 0.1;
// The weight of one share without deviation that is averaged with those
// observed for a day. A convention.
constexpr double kFlatShare = 0.5;

// Complete cycles up to the end of the series, as rows of shares, and their
// totals.
class CycleMatrix {
 public:
  CycleMatrix(absl::Span<const double> values, int period, int contexts)
      : period_(period),
        cycles_(static_cast<int>(values.size()) / period),
        contexts_(cycles_ >= 2 * contexts ? contexts : 1) {
    values.remove_prefix(values.size() - static_cast<size_t>(cycles_) * period);
    shares_.assign(values.begin(), values.end());
    for (int i = 0; i < cycles_; ++i) {
      double* const row = &shares_[static_cast<size_t>(i) * period];
      totals_.push_back(std::accumulate(row, row + period, 0.0));
      for (int j = 0; j < period; ++j) row[j] /= totals_.back();
    }
    if (contexts_ > 1) overall_ = OverallWeight();
  }

  int period() const { return period_; }
  int cycles() const { return cycles_; }
  int contexts() const { return contexts_; }
  const std::vector<double>& totals() const { return totals_; }
  double share(int cycle, int j) const { return shares_[cycle * period_ + j]; }

  // The shape expected of `cycle`, which may lie ahead, from the first `known`
  // cycles: at least one.
  std::vector<double> Shape(int cycle, int known) const {
    std::vector<double> shape(period_, 0.0);
    double weight = 0;
    const auto add = [&](int row, double times) {
      for (int j = 0; j < period_; ++j) shape[j] += times * share(row, j);
      weight += times;
    };
    const int overall = std::min(known, kShapeCycles * contexts_);
    for (int row = known - overall; row < known; ++row) {
      add(row, overall_ / overall);
    }
    int found = 0;
    for (int row = cycle - contexts_;
         contexts_ > 1 && row >= 0 && found < kShapeCycles; row -= contexts_) {
      if (row >= known) continue;
      add(row, 1);
      ++found;
    }
    for (double& value : shape) value /= weight;
    return shape;
  }

 private:
  // How many cycles of the same day the overall shape is worth: the variance of
  // shares about the mean of their day over that of the days' means about the
  // mean of all (empirical Bayes).
  double OverallWeight() const {
    double within = 0;
    double between = 0;
    for (int j = 0; j < period_; ++j) {
      double mean = 0;
      for (int i = 0; i < cycles_; ++i) mean += share(i, j) / cycles_;
      for (int c = 0; c < contexts_; ++c) {
        const int count = (cycles_ - c + contexts_ - 1) / contexts_;
        double own = 0;
        for (int i = c; i < cycles_; i += contexts_) own += share(i, j) / count;
        for (int i = c; i < cycles_; i += contexts_) {
          within += std::pow(share(i, j) - own, 2) / (cycles_ - contexts_);
        }
        between += (std::pow(own - mean, 2)) / (contexts_ - 1);
      }
    }
    // The means of the days hold noise, too.
    between -= within * contexts_ / cycles_;
    return between * kMostOverall > within ? within / between : kMostOverall;
  }

  int period_;
  int cycles_;
  // Cycles in the next longer cycle; 1 for none.
  int contexts_;
  double overall_ = 1;
  std::vector<double> shares_;
  std::vector<double> totals_;
};

// How large the cycles of each day are beside the average over all days.
std::vector<double> DayFactors(const CycleMatrix& matrix) {
  const int contexts = matrix.contexts();
  std::vector<double> factors(contexts, 1.0);
  if (contexts == 1) return factors;
  const std::vector<double>& totals = matrix.totals();
  const int reach = contexts / 2;
  std::vector<double> counts(contexts, kFlatShare);
  for (double& factor : factors) factor = kFlatShare;
  for (int i = reach; i + reach < matrix.cycles(); ++i) {
    double sum = std::accumulate(totals.begin() + (i - reach),
                                 totals.begin() + (i + reach + 1), 0.0);
    if (contexts % 2 == 0) sum -= (totals[i - reach] + totals[i + reach]) / 2;
    factors[i % contexts] += totals[i] * contexts / sum;
    ++counts[i % contexts];
  }
  double mean = 0;
  for (int c = 0; c < contexts; ++c) {
    factors[c] /= counts[c];
    mean += factors[c] / contexts;
  }
  for (double& factor : factors) factor /= mean;
  return factors;
}

// The change of the level: a constant, a pull to the mean, and a share of the
// change before.
struct LevelModel {
  double constant = 0;
  double pull = 0;
  double momentum = 0;
  double mean = 0;
  double variance = 0;

  double Next(double level, double before) const {
    return level + constant + pull * (level - mean) +
           momentum * (level - before);
  }
};

LevelModel FitLevels(absl::Span<const double> levels) {
  const int n = static_cast<int>(levels.size());
  LevelModel model;
  for (double level : levels) model.mean += level / n;
  // Regressors are brought to a mean square of one, so that the penalty means
  // the same for each.
  double size[2] = {0, 0};
  for (int t = 2; t < n; ++t) {
    size[0] += std::pow(levels[t - 1] - model.mean, 2);
    size[1] += std::pow(levels[t - 1] - levels[t - 2], 2);
  }
  for (double& s : size) s = s > 0 ? std::sqrt(s / (n - 2)) : 1;
  constexpr int kRegressors = 3;
  NormalEquations equations(kRegressors);
  double squares = 0;
  for (int t = 2; t < n; ++t) {
    const double change = levels[t] - levels[t - 1];
    squares += change * change;
    equations.Add({1, (levels[t - 1] - model.mean) / size[0],
                   (levels[t - 1] - levels[t - 2]) / size[1]},
                  change);
  }
  if (equations.observations() < 2 * kRegressors) {
    model.variance = squares / std::max(1, n - 2);
    return model;
  }
  const RidgeFit fit = FitRidge(equations);
  model.constant = fit.coefficients[0];
  model.pull = fit.coefficients[1] / size[0];
  model.momentum = fit.coefficients[2] / size[1];
  model.variance = fit.variance;
  return model;
}

struct LevelForecast {
  std::vector<double> point;
  std::vector<double> variance;
};

// Points stay within one range of the levels, and above the floor.
LevelForecast ForecastLevel(absl::Span<const double> levels, double floor,
                            int steps) {
  const LevelModel model = FitLevels(levels);
  const auto [least, most] = std::minmax_element(levels.begin(), levels.end());
  const double range = *most - *least;
  LevelForecast forecast;
  double before = levels[levels.size() - 2];
  double level = levels.back();
  // The effect of an innovation on the level, now and a step ago.
  double response = 1;
  double response_before = 0;
  double squares = 0;
  for (int i = 0; i < steps; ++i) {
    const double next =
        std::clamp(model.Next(level, before), std::max(floor, *least - range),
                   *most + range);
    before = std::exchange(level, next);
    squares += response * response;
    const double next_response = response * (1 + model.pull + model.momentum) -
                                 response_before * model.momentum;
    response_before =
        std::exchange(response, std::clamp(next_response, -1.0, 1.0));
    forecast.point.push_back(level);
    forecast.variance.push_back(model.variance * squares);
  }
  return forecast;
}

// The variance of the logarithm of each share about the shape known before.
std::vector<double> ShareVariances(const CycleMatrix& matrix) {
  std::vector<double> variances(matrix.period(), 0.0);
  const int first =
      std::min(matrix.cycles() - 1, kShapeCycles * matrix.contexts());
  for (int i = first; i < matrix.cycles(); ++i) {
    const std::vector<double> shape = matrix.Shape(i, i);
    for (int j = 0; j < matrix.period(); ++j) {
      const double error = std::log(matrix.share(i, j) / shape[j]);
      variances[j] += error * error / (matrix.cycles() - first);
    }
  }
  return variances;
}

// The shift after which all values are positive; zero if they already are.
double ShiftAboveZero(absl::Span<const double> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (*least > 0) return 0;
  // The range may be lost in rounding, or nothing at all.
  const double margin = std::max(0.1 * (*most - *least), 1e-6 * -*least);
  return (margin > 0 ? margin : 1) - *least;
}

// Whether BIC prefers the best matrix of rank one to levels of a flat shape.
bool HasShape(absl::Span<const double> values, int period, StopRequest stop) {
  const int cycles = static_cast<int>(values.size()) / period;
  values.remove_prefix(values.size() - static_cast<size_t>(cycles) * period);
  const double n = static_cast<double>(values.size());
  double squares = 0;
  double flat = 0;
  for (int i = 0; i < cycles; ++i) {
    double sum = 0;
    for (double value :
         values.subspan(static_cast<size_t>(i) * period, period)) {
      squares += value * value;
      sum += value;
    }
    flat += sum * sum / period;
  }
  // With an exact fit, the other term decides.
  const double least = 1e-12 * squares;
  const double left =
      std::max(least, squares - FirstSingularSquare(values, period, stop));
  return n * std::log(left) + (period - 1) * std::log(n) <
         n * std::log(std::max(least, squares - flat));
}

}  // namespace

double FirstSingularSquare(absl::Span<const double> matrix, int columns,
                           StopRequest stop) {
  constexpr int kIterations = 30;
  const size_t rows = matrix.size() / columns;
  std::vector<double> right(columns, 1 / std::sqrt(columns));
  double square = 0;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    std::vector<double> next(columns, 0.0);
    square = 0;
    for (size_t i = 0; i < rows; ++i) {
      const double* const row = &matrix[i * columns];
      double left = 0;
      for (int j = 0; j < columns; ++j) left += row[j] * right[j];
      square += left * left;
      for (int j = 0; j < columns; ++j) next[j] += left * row[j];
    }
    double norm = 0;
    for (double value : next) norm += value * value;
    if (!(norm > 0)) break;
    norm = std::sqrt(norm);
    for (int j = 0; j < columns; ++j) right[j] = next[j] / norm;
    if (stop.RequestedAfter(2 * matrix.size())) break;
  }
  return square;
}

absl::StatusOr<Prediction> Flair(const ModelInput& input) {
  if (CountPresent(input.values) < kLeastFlairValues) {
    return absl::FailedPreconditionError(
        absl::StrCat("level times shape needs at least ", kLeastFlairValues,
                     " values, and there are ", CountPresent(input.values)));
  }
  std::vector<double> values = FillGaps(input.values, input.season, input.stop);
  const double shift = ShiftAboveZero(values);
  for (double& value : values) value += shift;
  std::vector<int> cycles = Cycles(input, values, kLeastFlairCycles);
  if (!cycles.empty() && !HasShape(values, cycles[0], input.stop)) {
    cycles.clear();
  }
  if (input.stop.requested()) return GivenUp();
  const int period = cycles.empty() ? 1 : cycles[0];
  if (cycles.size() > 1 && cycles[1] % period != 0) cycles.resize(1);
  cycles.resize(std::min<size_t>(cycles.size(), 2));
  const CycleMatrix matrix(values, period,
                           cycles.size() > 1 ? cycles[1] / period : 1);

  const std::vector<double> factors = DayFactors(matrix);
  std::vector<double> levels;
  for (int i = 0; i < matrix.cycles(); ++i) {
    levels.push_back(matrix.totals()[i] / factors[i % matrix.contexts()]);
  }
  const BoxCox scale(ProfileLambda(levels, 1, 0, 1, input.stop));
  const double floor = scale.Forward(
      kLeastLevel * *std::min_element(levels.begin(), levels.end()));
  for (double& level : levels) level = scale.Forward(level);
  const int steps = (input.horizon + period - 1) / period;
  const LevelForecast level = ForecastLevel(levels, floor, steps);
  if (input.stop.RequestedAfter(values.size())) return GivenUp();
  const std::vector<double> share_variances = ShareVariances(matrix);

  Prediction prediction;
  prediction.model = absl::StrCat("Level times shape", CyclesSuffix(cycles));
  std::vector<double> shape;
  for (int h = 0; h < input.horizon; ++h) {
    const int cycle = matrix.cycles() + h / period;
    const int j = h % period;
    if (j == 0) shape = matrix.Shape(cycle, matrix.cycles());
    const double size = scale.Inverse(level.point[h / period]) *
                        factors[cycle % matrix.contexts()];
    const double point = size * shape[j];
    // The logarithm's slope in the transformed level is 1 / power.
    const double power = scale.lambda() * level.point[h / period] + 1;
    const double variance =
        level.variance[h / period] / (power * power) + share_variances[j];
    prediction.point.push_back(point - shift);
    prediction.mean.push_back(point * (1 + variance / 2) - shift);
    prediction.quantiles.emplace_back();
    for (double probability : input.probabilities) {
      prediction.quantiles.back().push_back(
          point * std::exp(NormalQuantile(probability) * std::sqrt(variance)) -
          shift);
    }
  }
  return prediction;
}

}  // namespace headway::forecast
