// Forecasts of counts: whole numbers that are small, where zero is a value like
// another and no curve through a cloud of points says what comes.
//
// A count is Poisson or, where counts scatter more than that, negative binomial
// about a mean that is learned by discounting what is past: each period the
// weight of all that was seen falls by one factor, and the new count is added
// (Harvey, Fernandes 1989, "Time Series Models for Count or Qualitative
// Observations", Journal of Business & Economic Statistics 7). The discount and
// the dispersion are not chosen: the distribution is the mean over a grid of
// both, weighted by how likely each made the counts before (Hoeting, Madigan,
// Raftery, Volinsky 1999, "Bayesian Model Averaging: A Tutorial", Statistical
// Science 14). So doubt of the mean, of its changes and of the scatter is in
// it. Forecasts are flat, without trend or season.
#ifndef HEADWAY_DAEMON_FORECAST_KINDS_COUNTS_H_
#define HEADWAY_DAEMON_FORECAST_KINDS_COUNTS_H_

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// Whether the model above is made for the values: whole numbers, none below
// zero, with a mean of at most 10, a variance of at least half of it, and
// neither trend nor season. NaN marks a missing value; one is present.
bool FitCounts(absl::Span<const double> values, int season,
               StopRequest stop = {});

// `values` are whole numbers, none below zero; the last is present. Quantiles
// are whole numbers: the least that have at least the probability. The point is
// the median; the mean, which sums need, is beside it. Of long series the last
// 300 values count. Pure.
Prediction PredictCounts(absl::Span<const double> values, int horizon,
                         absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_KINDS_COUNTS_H_
