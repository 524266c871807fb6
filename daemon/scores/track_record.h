// The track record: how good issued forecasts were, once the actuals came.
//
// Numbers in, numbers out. Scores are negatively oriented: lower is better.
//   absolute error   of the point forecast
//   scaled error     absolute error over the mean absolute seasonal difference
//                    of the history: Hyndman and Koehler (2006), "Another look
//                    at measures of forecast accuracy", Int. J. Forecasting 22
//   pinball loss     of a quantile: Koenker and Bassett (1978)
//   weighted interval score: Bracher, Ray, Gneiting and Reich (2021),
//                    "Evaluating epidemic forecasts in an interval format",
//                    PLOS Comput. Biol. 17; computed as twice the mean pinball
//                    loss over the quantiles, which is the same for a
//                    symmetric grid with the median, and approximates the CRPS
//   coverage         share of actuals within a central interval
// Values are in the unit of the series. Functions are thread-safe, a
// TrackRecordBuilder is not.
#ifndef HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_
#define HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::analysis {

struct Quantile {
  double probability = 0;
  double value = 0;
};

// One period of one issued forecast and what came of it.
struct Outcome {
  double point = 0;
  // Rising in probability; at least one.
  std::vector<Quantile> quantiles;
  double actual = 0;
};

struct OutcomeScore {
  double absolute_error = 0;
  double weighted_interval_score = 0;
  // Whether the actual lies within the central 80 % interval, bounds included;
  // absent if the grid has no quantiles of 0.1 and 0.9.
  std::optional<bool> within80;
};

struct TrackRecord {
  int outcomes = 0;
  double mean_absolute_error = 0;
  // mean_absolute_error over the scale; absent if the scale is not positive.
  std::optional<double> mean_scaled_error;
  double mean_weighted_interval_score = 0;
  // Share of those that have the interval; absent if none has.
  std::optional<double> coverage80;
};

double PinballLoss(const Quantile& quantile, double actual);

// INVALID_ARGUMENT for quantiles that are missing, out of (0, 1) or do not
// rise, and for numbers that are not finite.
absl::StatusOr<OutcomeScore> Score(const Outcome& outcome);

// Mean absolute difference of values one season apart: what the seasonal naive
// method errs by on the history. NaN marks a missing value. Absent where no two
// values are one season apart.
std::optional<double> SeasonalScale(absl::Span<const double> history,
                                    int season);

// Sums up outcomes one at a time; its size does not grow with their number.
class TrackRecordBuilder {
 public:
  // Errors as Score; a refused outcome leaves no trace.
  absl::Status Add(const Outcome& outcome);

  // FAILED_PRECONDITION without outcomes.
  absl::StatusOr<TrackRecord> Build(std::optional<double> scale) const;

 private:
  int outcomes_ = 0;
  double absolute_error_ = 0;
  double weighted_interval_score_ = 0;
  // Outcomes with an 80 % interval, and those within it.
  int judged_ = 0;
  int within_ = 0;
};

}  // namespace headway::analysis

#endif  // HEADWAY_DAEMON_SCORES_TRACK_RECORD_H_
