// The method "flair": a series as cycles of a fixed shape and a changing level.
//
// After FLAIR, "Factored Level and Interleaved Ridge" (Honda 2026, "Don't Learn
// the Shape: Forecasting Periodic Time Series by Rank-1 Decomposition", arXiv
// 2605.07222). From the paper: the series is cut into cycles. The level of a
// cycle is its total, and its shape the share of each period in the total. The
// shape ahead is the plain average of the last two shapes. Cycles are given up
// if BIC prefers a flat shape to the first singular vectors. The levels, less
// their own cycle (the week, for days), are transformed by Box-Cox with the
// lambda of greatest likelihood and forecast by ridge regression about a random
// walk. Forecast = level times shape.
//
// Not from the paper: with a second cycle, the shape is that of the same days
// of the week, shrunk to the overall shape by empirical Bayes; the penalty is
// the one of least generalised cross-validation (math/ridge.h), not an average
// over penalties; lambda lies between 0 and 1; BIC compares with a flat shape
// on changing levels, not with a constant series; intervals are normal on
// logarithms instead of resampled, with the variance of the regression carried
// forward plus that of each period's share about the shape known one cycle
// before.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// For many cycles of a steady shape. The cycles are the season and the first
// long season, given or found (long_season.h). If none fits three times into
// the values, every period is a cycle of its own. Values that are not all
// positive are first shifted up, so that the least is a tenth of their range.
// Missing values are filled (math/seasonality.h). FAILED_PRECONDITION: fewer
// than eight values. Pure.
absl::StatusOr<Prediction> Flair(const ModelInput& input);

// The square of the largest singular value of a matrix with rows of `columns`
// values: the sum of squares that the best matrix of rank one explains. An
// estimate once `stop` is requested. Pure.
double FirstSingularSquare(absl::Span<const double> matrix, int columns,
                           StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_
