// The track record: how good issued forecasts were, once the actual values were
// known. scores.h defines the scores and names their papers.
//
// Values and errors are in the unit of the series. Lower is better, except for
// the coverage. Functions are thread-safe, a TrackRecordBuilder is not.
#ifndef HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_
#define HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace headway::scores {

struct Quantile {
  double probability = 0;
  double value = 0;
};

// One period of one issued forecast, and the actual value of that period.
struct Outcome {
  double point = 0;
  // Rising in probability; at least one.
  std::vector<Quantile> quantiles;
  double actual = 0;
};

struct OutcomeScore {
  double absolute_error = 0;
  // RankedProbabilityScore of the quantiles, which is the weighted interval
  // score where they are symmetric about the median and include it.
  double weighted_interval_score = 0;
  // Whether the actual lies within the central 80 % interval, bounds included;
  // absent if the grid has no quantiles of 0.1 and 0.9.
  std::optional<bool> within80;
};

struct TrackRecord {
  int outcomes = 0;
  double mean_absolute_error = 0;
  // The mean absolute scaled error: mean_absolute_error over the scale. Absent
  // without a scale.
  std::optional<double> mean_scaled_error;
  double mean_weighted_interval_score = 0;
  // Share of the outcomes with a central 80 % interval whose actual lies within
  // it; absent if none has that interval.
  std::optional<double> coverage80;
};

// INVALID_ARGUMENT: no quantiles, probabilities that are outside (0, 1) or do
// not rise, or a number that is not finite.
absl::StatusOr<OutcomeScore> Score(const Outcome& outcome);

// Adds up the scores of outcomes; its size does not depend on their number.
class TrackRecordBuilder {
 public:
  // INVALID_ARGUMENT as Score; the record then stays as it was.
  absl::Status Add(const Outcome& outcome);

  // `scale` is that of SeasonalNaiveError. FAILED_PRECONDITION: no outcome was
  // added.
  absl::StatusOr<TrackRecord> Build(std::optional<double> scale) const;

 private:
  int outcomes_ = 0;
  double absolute_error_ = 0;
  double weighted_interval_score_ = 0;
  // Outcomes with an 80 % interval, and the number of them within it.
  int judged_ = 0;
  int within_ = 0;
};

}  // namespace headway::scores

#endif  // HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_
