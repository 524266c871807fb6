// Scores of a stratum of the outcomes of forecasts: whether they are right on
// average, and whether their distributions are. scores.h and track_record.h
// define what they share.
//
// Value types; a StratumBuilder is not thread-safe.
#ifndef HEADWAY_DAEMON_SCORES_STRATUM_H_
#define HEADWAY_DAEMON_SCORES_STRATUM_H_

#include <array>
#include <compare>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "daemon/scores/track_record.h"

namespace headway::scores {

// Of a share that was seen: where the share in the long run lies.
struct Band {
  double low = 0;
  double high = 1;
};

// The score interval of Wilson 1927, "Probable inference, the law of
// succession, and statistical inference", JASA 22(158), at 95 % confidence.
// `count` is at least 1.
Band ShareBand(int hits, int count);

// What the seasonal naive method forecasts `distance` steps after the history:
// the value at the same place of the last season in it. Absent where that is
// missing, NaN, or before the history. Both are at least 1.
std::optional<double> SeasonalNaive(absl::Span<const double> history,
                                    int season, int distance);

// The central interval between two quantiles of the forecasts.
struct IntervalCoverage {
  // Nominal, such as 0.8.
  double level = 0;
  int outcomes = 0;
  // Of the actuals within it, bounds included.
  double share = 0;
  Band band;
};

// Tenths of the unit interval.
inline constexpr int kPitBins = 10;

// Steps ahead of the last observation, both included; 0 to 0 is all of them.
struct StepRange {
  int first = 0;
  int last = 0;

  auto operator<=>(const StepRange&) const = default;
};
inline constexpr StepRange kAllSteps = {0, 0};
// The range of those that are told apart that the distance lies in: 1, 2 to 3,
// 4 to 6, 7 to 12, 13 to 24 or 25 to 1000. `distance` is at least 1.
StepRange StepRangeOf(int distance);

struct Stratum {
  int outcomes = 0;
  double mean_absolute_error = 0;
  double mean_weighted_interval_score = 0;
  // Both over the outcomes with a scale, and over it; absent if none has one.
  std::optional<double> mean_scaled_error;
  std::optional<double> mean_scaled_interval_score;
  // One less the mean absolute error over that of the benchmark, where there is
  // one; absent if the benchmark is never wrong or never there.
  std::optional<double> skill;
  // In rising order of the levels.
  std::vector<IntervalCoverage> coverage;
  // The share of outcomes in each tenth of the forecast distribution; they add
  // up to 1. See StratumBuilder.
  std::array<double, kPitBins> pit = {};
};

// Adds up outcomes; its size does not depend on their number.
//
// The probability integral transform is linear between two quantiles. An
// outcome that several quantiles equal, or that lies beyond the first or the
// last of them, counts evenly for all probabilities that it may stand for
// (Czado, Gneiting, Held 2009, "Predictive model assessment for count data",
// Biometrics 65).
class StratumBuilder {
 public:
  // `benchmark_error` is the absolute error of the seasonal naive method for
  // the same outcome. INVALID_ARGUMENT as Score; nothing is added then.
  absl::Status Add(const Outcome& outcome,
                   std::optional<double> benchmark_error);

  // Gives all outcomes so far the scale of SeasonalNaiveError; without one they
  // have none.
  void SetScale(std::optional<double> scale);

  // Adds the outcomes of another.
  void Merge(const StratumBuilder& other);

  // Zeroes where there is no outcome.
  Stratum Build() const;

 private:
  struct Interval {
    double level = 0;
    int outcomes = 0;
    int within = 0;
  };

  void AddIntervals(const Outcome& outcome);
  void AddPit(const Outcome& outcome);

  int outcomes_ = 0;
  double absolute_error_ = 0;
  double weighted_interval_score_ = 0;
  // Of the outcomes with a scale.
  int scaled_ = 0;
  double scaled_error_ = 0;
  double scaled_interval_score_ = 0;
  // Of the outcomes with a benchmark.
  double compared_error_ = 0;
  double benchmark_error_ = 0;
  // By level, in millionths: probabilities are decimal fractions.
  std::map<int, Interval> intervals_;
  std::array<double, kPitBins> pit_ = {};
};

}  // namespace headway::scores

#endif  // HEADWAY_DAEMON_SCORES_STRATUM_H_
