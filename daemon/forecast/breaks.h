// Series that were measured in another way from some period on.
//
// A break of kind kLevel moves the level: the step is estimated, and the values
// before it are moved to the level after it, so that the model sees one series
// and the forecast goes on from the new level. The step is the coefficient of a
// regressor that is 0 before the break and 1 from it on, in a regression with
// ARIMA errors whose form the data choose (Box, Tiao 1975, "Intervention
// analysis with applications to economic and environmental problems", JASA 70).
// It is a factor where the values cannot be negative (on the scale of
// logarithms, as far as there are no zeros), of the odds for shares, and else a
// difference. Before a break of kind kStart nothing is fitted.
#ifndef HEADWAY_DAEMON_FORECAST_BREAKS_H_
#define HEADWAY_DAEMON_FORECAST_BREAKS_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

enum class BreakKind { kLevel, kStart };

struct Break {
  // Of the first value that is measured in the new way, from 0.
  int position = 0;
  BreakKind kind = BreakKind::kLevel;
};

struct BreakOptions {
  // As in Options.
  int season = 1;
  Bounds bounds = Bounds::kNone;
  Quantity quantity = Quantity::kInferred;
  std::function<bool()> stopped;
};

struct MendedBreak {
  int position = 0;
  BreakKind kind = BreakKind::kLevel;
  // Of a level: by how much the value before the break was moved, and the
  // standard error of that. Without one the values were too few for a model,
  // and the step is the change at the break.
  double step = 0;
  std::optional<double> standard_error;
  // Values from the break on that are not missing.
  int values_after = 0;
};

struct MendedSeries {
  // The position of the first value that is fitted.
  int start = 0;
  // From there on, on the level after the last break. What lies after that is
  // as it was, to the bit.
  std::vector<double> values;
  // Those from the start on, by position.
  std::vector<MendedBreak> breaks;
  // What a value of `values` would be on the level of its own time; of a
  // position counted from the start.
  std::function<double(int position, double value)> on_own_level;
  // `values` as they would be if the last step were larger by so many of its
  // standard errors. Empty where the last step has none, or there is no step.
  std::function<std::vector<double>(double errors)> if_step_were_off;
};

// NaN marks a missing value. Of two breaks of the level without a value between
// them the later counts for both, and one before the first value for nothing.
// INVALID_ARGUMENT: a position outside the series or twice, an infinite value,
// one outside the bounds. CANCELLED: stopped. Pure.
absl::StatusOr<MendedSeries> MendBreaks(absl::Span<const double> values,
                                        absl::Span<const Break> breaks,
                                        const BreakOptions& options);

// Widens the quantiles of `forecast` by a normal error that is independent of
// it, of these standard deviations by step. Points stay, and bounds hold.
void AddNormalError(absl::Span<const double> deviations, Bounds bounds,
                    Forecast& forecast);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_BREAKS_H_
