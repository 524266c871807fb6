// The methods "auto_fast", "auto" and "auto_best": averages of several methods,
// with calibrated intervals.
//
// Points, means and quantiles are averaged with fixed weights. The simple mean
// is hard to beat (Clemen 1989, "Combining forecasts: a review and annotated
// bibliography", International Journal of Forecasting 5), and the mean of
// quantiles keeps intervals as narrow as those of the members (Lichtendahl,
// Grushka-Cockayne, Winkler 2013, "Is It Better to Average Probabilities or
// Quantiles?", Management Science 59). Series with a long season have members
// of their own, since most methods do not model it. Intervals are then widened
// about the point by a factor that depends on the length of the series and the
// distance ahead.
//
// The members, the scale of each and the factor were chosen on the held-out
// ends of training parts of M3 yearly, quarterly and other and of M4 yearly,
// weekly and hourly; docs/forecasting.md has what was measured.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/math/transform.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// One member of a combination, forecast on the scale of `curve`.
struct Member {
  absl::string_view method;  // one of SingleMethods()
  Curve curve = Curve::kStraight;
  double weight = 1;
};

// The factor by which an interval is widened h periods ahead of a series of n
// values: exp(constant + horizon log h + length log n), between 0.5 and 4.
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
  // The members for a season of 24 periods or more, or a long season, given or
  // found, if it fits twice into the values.
  absl::Span<const Member> long_season_members;
  Widening long_season_widening;
};

// In rising order of cost.
absl::Span<const Combination> Combinations();

// Null if no combination has this name.
const Combination* FindCombination(absl::string_view name);

// As PredictWithinBounds (scale.h). Members that the series is too short for
// are left out. FAILED_PRECONDITION: no member is left. CANCELLED: stopped.
// Pure.
absl::StatusOr<Prediction> PredictCombination(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities,
    StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
