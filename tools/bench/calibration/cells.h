// What is counted in a stratum: how many values lay within the intervals, and
// whether that many may lie there by chance.
#ifndef HEADWAY_TOOLS_BENCH_CALIBRATION_CELLS_H_
#define HEADWAY_TOOLS_BENCH_CALIBRATION_CELLS_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"

namespace headway::bench {

// The central intervals, in percent, and the probabilities of their ends.
inline constexpr std::array<int, 3> kLevels = {50, 80, 95};
inline constexpr std::array<double, 6> kProbabilities = {0.025, 0.1, 0.25,
                                                         0.75,  0.9, 0.975};

// Forecasts of one process, length and distance.
class Cell {
 public:
  // `quantiles` are at kProbabilities.
  void Add(absl::Span<const double> quantiles, double value);
  void AddPit(double pit);

  int count() const { return count_; }
  // The share of values within the interval of a level, 0 to 1.
  double Coverage(int level) const;
  // How far the coverage of the level is from it, in percentage points; below
  // zero if too few values are inside.
  double Miss(int level) const;
  // The half width of the band that a coverage of this many forecasts stays in
  // with 99 % probability if the level is right, in percentage points.
  double Band(int level) const;
  // The probability that PITs lie further from uniform than those that were
  // added, if they are uniform: by chi-squared over ten parts.
  double PitProbability() const;

 private:
  int count_ = 0;
  std::array<int, 3> inside_ = {};  // as kLevels
  int pits_ = 0;
  std::array<double, 10> pit_ = {};
};

// The randomised PIT of a value (Czado, Gneiting, Held 2009, "Predictive Model
// Assessment for Count Data", Biometrics 65): between the probabilities of
// being below the value and of being at most the value, at `uniform` of the
// way, in [0, 1). Both are known as closely as the probabilities of the
// quantiles lie; between two of them, the middle is taken.
double RandomisedPit(absl::Span<const double> probabilities,
                     absl::Span<const double> quantiles, double value,
                     double uniform);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_CALIBRATION_CELLS_H_
