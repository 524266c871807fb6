#include "daemon/forecast/math/box_cox.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headway::forecast {
namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments MomentsOf(absl::Span<const double> values) {
  const double n = static_cast<double>(values.size());
  Moments moments;
  for (double value : values) moments.mean += value / n;
  double squares = 0;
  for (double value : values) {
    squares += (value - moments.mean) * (value - moments.mean);
  }
  moments.deviation = std::sqrt(squares / (n - 1));
  return moments;
}

// The sum of squares that is left of `values` by a line and a mean for each
// season: both are taken out of each other first.
double ResidualSquares(absl::Span<const double> values, int season) {
  std::vector<double> means(season, 0.0);
  std::vector<double> times(season, 0.0);
  std::vector<double> counts(season, 0.0);
  for (size_t t = 0; t < values.size(); ++t) {
    means[t % season] += values[t];
    times[t % season] += static_cast<double>(t);
    ++counts[t % season];
  }
  double squares = 0;
  double products = 0;
  double time_squares = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    const size_t s = t % season;
    const double value = values[t] - means[s] / counts[s];
    const double time = static_cast<double>(t) - times[s] / counts[s];
    squares += value * value;
    products += value * time;
    time_squares += time * time;
  }
  return std::max(0.0, squares - products * products / time_squares);
}

}  // namespace

double BoxCox::Forward(double value) const {
  if (lambda_ == 0) return std::log(value);
  return (std::copysign(std::pow(std::abs(value), lambda_), value) - 1) /
         lambda_;
}

double BoxCox::Inverse(double transformed) const {
  if (lambda_ == 0) return std::exp(transformed);
  const double power = lambda_ * transformed + 1;
  return std::copysign(std::pow(std::abs(power), 1 / lambda_), power);
}

double BoxCox::InverseMean(double transformed, double variance) const {
  const double value = Inverse(transformed);
  if (lambda_ == 0) return value * (1 + variance / 2);
  const double power = lambda_ * transformed + 1;
  // Close to zero the second-order term is meaningless.
  const double square = std::max(power * power, variance * lambda_ * lambda_);
  return square > 0 ? value * (1 + variance * (1 - lambda_) / (2 * square))
                    : value;
}

double GuerreroLambda(absl::Span<const double> values, int season, double lower,
                      double upper) {
  constexpr int kGrid = 32;
  const size_t length = static_cast<size_t>(std::max(2, season));
  if (values.size() <= 2 * static_cast<size_t>(season) ||
      values.size() < 2 * length) {
    return 1;
  }
  values.remove_prefix(values.size() % length);
  std::vector<Moments> cycles;
  for (size_t t = 0; t < values.size(); t += length) {
    cycles.push_back(MomentsOf(values.subspan(t, length)));
  }
  std::vector<double> ratios(cycles.size());
  const auto variation = [&](double lambda) {
    for (size_t i = 0; i < cycles.size(); ++i) {
      ratios[i] = cycles[i].deviation / std::pow(cycles[i].mean, 1 - lambda);
    }
    const Moments moments = MomentsOf(ratios);
    return moments.mean > 0 ? moments.deviation / moments.mean
                            : std::numeric_limits<double>::infinity();
  };
  const double width = (upper - lower) / kGrid;
  double best = lower;
  double least = variation(lower);
  for (int i = 1; i <= kGrid; ++i) {
    const double value = variation(lower + i * width);
    if (value < least) {
      least = value;
      best = lower + i * width;
    }
  }
  if (!std::isfinite(least)) return 1;
  // Golden section between the best point's neighbours.
  constexpr double kGolden = 0.6180339887498949;
  double low = std::max(lower, best - width);
  double high = std::min(upper, best + width);
  while (high - low > 1e-6) {
    const double left = high - kGolden * (high - low);
    const double right = low + kGolden * (high - low);
    (variation(left) < variation(right) ? high : low) =
        variation(left) < variation(right) ? right : left;
  }
  return (low + high) / 2;
}

double ProfileLambda(absl::Span<const double> values, int season, double lower,
                     double upper, StopRequest stop) {
  constexpr double kStep = 0.05;
  const double n = static_cast<double>(values.size());
  if (values.size() <= 2 * static_cast<size_t>(season)) return 1;
  double log_mean = 0;
  for (double value : values) log_mean += std::log(value) / n;
  std::vector<double> transformed(values.size());
  double best = lower;
  double least = std::numeric_limits<double>::infinity();
  const int steps = static_cast<int>(std::lround((upper - lower) / kStep));
  for (int i = 0; i <= steps; ++i) {
    const double lambda = lower + i * kStep;
    // Over powers of the geometric mean, so that likelihoods are comparable.
    for (size_t t = 0; t < values.size(); ++t) {
      const double log_ratio = std::log(values[t]) - log_mean;
      transformed[t] = std::abs(lambda) > 1e-9
                           ? std::expm1(lambda * log_ratio) / lambda
                           : log_ratio;
    }
    const double squares = ResidualSquares(transformed, season);
    if (squares < least) {
      least = squares;
      best = lambda;
    }
    // A logarithm and an exponential take several steps.
    if (stop.RequestedAfter(10 * values.size())) break;
  }
  return best;
}

}  // namespace headway::forecast
