#include "tools/bench/calibration/cells.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headway::bench {
namespace {

// The standard normal score of 99 % between both ends.
constexpr double kScore99 = 2.5758293035489;

// The upper tail of chi-squared with nine degrees of freedom: by the recursion
// in the degrees (Abramowitz, Stegun 1964, 26.4.6) from that of one.
double UpperTailOfNine(double statistic) {
  const double root = std::sqrt(statistic);
  double term =
      std::exp(-statistic / 2) * std::sqrt(2 / std::numbers::pi) * root;
  double tail = std::erfc(root / std::numbers::sqrt2);
  for (int odd = 3; odd <= 9; odd += 2) {
    tail += term;
    term *= statistic / odd;
  }
  return tail;
}

int PositionOf(int level) {
  return static_cast<int>(std::find(kLevels.begin(), kLevels.end(), level) -
                          kLevels.begin());
}

}  // namespace

void Cell::Add(absl::Span<const double> quantiles, double value) {
  ++count_;
  for (size_t k = 0; k < kLevels.size(); ++k) {
    if (value >= quantiles[2 - k] && value <= quantiles[3 + k]) ++inside_[k];
  }
}

void Cell::AddPit(double pit) {
  ++pits_;
  const auto parts = static_cast<double>(pit_.size());
  ++pit_[static_cast<size_t>(std::clamp(pit * parts, 0.0, parts - 1))];
}

double Cell::Coverage(int level) const {
  return static_cast<double>(inside_[PositionOf(level)]) / count_;
}

double Cell::Miss(int level) const { return 100 * Coverage(level) - level; }

double Cell::Band(int level) const {
  return kScore99 * std::sqrt(level * (100.0 - level) / count_);
}

double Cell::PitProbability() const {
  const double expected = pits_ / static_cast<double>(pit_.size());
  double statistic = 0;
  for (double count : pit_) {
    statistic += (count - expected) * (count - expected) / expected;
  }
  return UpperTailOfNine(statistic);
}

double RandomisedPit(absl::Span<const double> probabilities,
                     absl::Span<const double> quantiles, double value,
                     double uniform) {
  // In between which two probabilities, with 0 and 1, those of the value lie.
  const auto probability = [&](size_t i) {
    return i == 0 ? 0.0 : i > probabilities.size() ? 1.0 : probabilities[i - 1];
  };
  const auto lower = static_cast<size_t>(
      std::lower_bound(quantiles.begin(), quantiles.end(), value) -
      quantiles.begin());
  const auto upper = static_cast<size_t>(
      std::upper_bound(quantiles.begin(), quantiles.end(), value) -
      quantiles.begin());
  // Not one of the quantiles: somewhere between two.
  if (lower == upper) {
    return std::lerp(probability(lower), probability(lower + 1), uniform);
  }
  const auto middle = [&](size_t i) {
    return i == 0 || i == probabilities.size()
               ? probability(i == 0 ? 0 : i + 1)
               : (probability(i) + probability(i + 1)) / 2;
  };
  return std::lerp(middle(lower), middle(upper), uniform);
}

}  // namespace headway::bench
