// Averages of several methods, with intervals that are calibrated.
//
// Points, means and quantiles are averaged with fixed weights: the simple mean
// is hard to beat (Clemen 1989), and the mean of quantiles keeps intervals as
// narrow as the members have them (Lichtendahl, Grushka-Cockayne, Winkler
// 2013). Which members, and on which scale each, was chosen on the ends of
// training parts, see docs/forecasting.md. Series with a long season have
// members of their own, for most methods do not see it. Intervals are then
// widened about the point by a factor that depends on the length of the series
// and the distance ahead, and was learned in the same way.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {

struct Member {
  absl::string_view method;  // a single one
  Curve curve = Curve::kStraight;
  double weight = 1;
};

// The interval's factor h periods ahead of a series of n values:
// exp(constant + horizon log h + length log n).
struct Widening {
  double constant = 0;
  double horizon = 0;
  double length = 0;

  double Factor(int h, int n) const;
};

struct Combination {
  absl::string_view name;
  absl::Span<const Member> members;
  Widening widening;
  // With a season of a day of hours or more, or a long one given or found, that
  // fits twice into the values.
  absl::Span<const Member> long_season_members;
  Widening long_season_widening;
};

// In rising order of cost.
absl::Span<const Combination> Combinations();

// Null if there is none of this name.
const Combination* FindCombination(absl::string_view name);

// As PredictWithinBounds. Members that the series is too short for are left
// out; FAILED_PRECONDITION where that leaves none.
absl::StatusOr<Prediction> PredictCombination(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
