// Level times shape: a series as cycles of one frozen shape and changing size.
//
// After FLAIR, "Factored Level and Interleaved Ridge" (Honda, "Don't Learn the
// Shape: Forecasting Periodic Time Series by Rank-1 Decomposition", 2026,
// arXiv 2605.07222). From the paper: the series is cut into cycles; the level
// of a cycle is its total and its shape the share of each period in it; the
// shape ahead is the plain average of the last two cycles; the cycle is given
// up where BIC prefers a flat shape to the first singular vectors; the level,
// less its own cycle (the week of days), is transformed by Box-Cox with the
// lambda of greatest likelihood and forecast by ridge regression about a random
// walk, and forecast = level times shape.
//
// Not from the paper: with a second cycle the shape is that of the same days of
// the week, shrunk to the overall shape by empirical Bayes; the penalty is the
// one of least generalised cross-validation (ridge.h), not an average over
// penalties; lambda lies between 0 and 1; BIC compares with a flat shape on
// changing levels, not with a constant series; and intervals are normal on
// logarithms, with the variance of the regression carried forward plus that of
// each period's share about the shape known a cycle before, instead of
// resampled.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The method "flair": for many cycles of a steady shape. The cycles are the
// season and the first long season, given or found (long_season.h); without one
// that fits three times into the values, every period is its own level. Values
// that are not all positive are shifted up by a tenth of their range beyond
// zero. Missing values are filled first (seasonality.h). FAILED_PRECONDITION:
// fewer than eight values. A pure function.
absl::StatusOr<Prediction> Flair(const ModelInput& input);

// The largest singular value of a matrix of rows of `columns` values, squared:
// the sum of squares that the best matrix of rank one explains.
double FirstSingularSquare(absl::Span<const double> matrix, int columns);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_FLAIR_H_
