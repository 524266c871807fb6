// The methods "auto_fast", "auto" and "auto_best": averages of several methods,
// with calibrated intervals.
//
// Points, means and quantiles are averaged. The simple mean is hard to beat
// (Clemen 1989, "Combining forecasts: a review and annotated bibliography",
// International Journal of Forecasting 5), and the mean of quantiles keeps
// intervals as narrow as those of the members (Lichtendahl, Grushka-Cockayne,
// Winkler 2013, "Is It Better to Average Probabilities or Quantiles?",
// Management Science 59). The scales on which the members forecast are weighed
// by the evidence of the series (calibration/curve_weights.h), and what is left
// of a misfit of the intervals is corrected by what the series says of itself
// (calibration/spread.h). Series with a long season have members of their own,
// since most methods do not model it.
//
// The members and their scales were chosen on the held-out ends of training
// parts of M3 yearly, quarterly and other and of M4 yearly, weekly and hourly;
// docs/forecasting.md has what was measured.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/auto/pool.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

struct Combination {
  absl::string_view name;
  absl::Span<const Member> members;
  // The members for a season of 24 periods or more, or a long season, given or
  // found, if it fits twice into the values and they repeat themselves over it.
  absl::Span<const Member> long_season_members;
  // From how many origins before the end it is scored.
  int backtest_origins = 3;
};

// In rising order of cost.
absl::Span<const Combination> Combinations();

// Null if no combination has this name.
const Combination* FindCombination(absl::string_view name);

// The pool of the combination before its spread is corrected. As MakePool.
// Pure.
absl::StatusOr<Pool> PoolCombination(const Combination& combination,
                                     absl::Span<const double> values,
                                     const Options& options,
                                     absl::Span<const double> probabilities,
                                     StopRequest stop = {});

// As PredictWithinBounds (scale.h). Members that the series is too short for
// are left out. FAILED_PRECONDITION: no member is left. CANCELLED: stopped.
// Pure.
absl::StatusOr<Prediction> PredictCombination(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities,
    StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_COMBINATION_H_
