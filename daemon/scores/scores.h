// Scores of forecasts against what came, and a test of whether two methods
// differ.
//
// Actuals hold the periods forecast, in order; NaN is a missing one and is left
// out. Points, bounds and quantiles are as long as the actuals. A score is NaN
// where nothing is left to compare, or where its scale is zero. Lower is
// better, except for the coverage. Pure functions.
#ifndef HEADWAY_DAEMON_SCORES_SCORES_H_
#define HEADWAY_DAEMON_SCORES_SCORES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::forecast {

// The mean absolute change over one season of the values fitted on (over one
// period where the series is too short, or never changes over a season): the
// scale of the mean absolute scaled error. 0 if there is none.
double SeasonalNaiveError(absl::Span<const double> values, int season);

// The mean squared change from one period to the next: the scale of the root
// mean squared scaled error. The M5 competition counts from the first value
// that is not zero; pass the values from there on. 0 if there is none.
double NaiveSquaredError(absl::Span<const double> values);

// MASE, with `scale` from SeasonalNaiveError: Hyndman, Koehler 2006, "Another
// look at measures of forecast accuracy", International Journal of Forecasting
// 22(4).
double MeanAbsoluteScaledError(absl::Span<const double> actuals,
                               absl::Span<const double> points, double scale);

// sMAPE in percent, 0 to 200, as the M3 and M4 competitions have it: 200
// |y - f| / (|y| + |f|), and 0 where both are 0. Makridakis 1993, "Accuracy
// measures", International Journal of Forecasting 9(4); Makridakis, Hibon 2000.
double SymmetricPercentageError(absl::Span<const double> actuals,
                                absl::Span<const double> points);

// OWA: the mean of MASE and sMAPE, each averaged over all series and then
// relative to that of the benchmark (Naive2 in the competition). Makridakis,
// Spiliotis, Assimakopoulos 2020, "The M4 Competition", International Journal
// of Forecasting 36(1).
struct PointErrors {
  double mase = 0;
  double smape = 0;
};
double OverallWeightedAverage(const PointErrors& errors,
                              const PointErrors& benchmark);

// RMSSE, with `scale` from NaiveSquaredError: Makridakis, Spiliotis,
// Assimakopoulos 2022, "M5 accuracy competition", International Journal of
// Forecasting 38(4).
double RootMeanSquaredScaledError(absl::Span<const double> actuals,
                                  absl::Span<const double> points,
                                  double scale);

// The central intervals of one coverage: `level` is 0.95 for those between the
// quantiles of 0.025 and 0.975.
struct Intervals {
  absl::Span<const double> lower;
  absl::Span<const double> upper;
  double level = 0.95;
};

// MSIS, with `scale` from SeasonalNaiveError: the interval score of Gneiting,
// Raftery 2007, "Strictly proper scoring rules, prediction, and estimation",
// JASA 102(477), averaged and scaled as in the M4 competition.
double MeanScaledIntervalScore(absl::Span<const double> actuals,
                               const Intervals& intervals, double scale);

// The share of the actuals that lie within the intervals, bounds included.
double Coverage(absl::Span<const double> actuals, const Intervals& intervals);

// The continuous ranked probability score (Matheson, Winkler 1976), from
// quantiles: twice the quantile loss, averaged over the probabilities with
// equal weight and over the periods (Laio, Tamea 2007, "Verification tools for
// probabilistic forecasts", Hydrology and Earth System Sciences 11). It tends
// to the integral for evenly spaced probabilities as they become dense, and
// depends on the set of probabilities otherwise: compare scores on one set
// only. `quantiles` is [period][probability].
double RankedProbabilityScore(absl::Span<const double> actuals,
                              absl::Span<const std::vector<double>> quantiles,
                              absl::Span<const double> probabilities);

// The weighted interval score over the median and the central intervals that
// the probabilities pair up to (Bracher, Ray, Gneiting, Reich 2021, "Evaluating
// epidemic forecasts in an interval format", PLOS Computational Biology 17(2)).
// With their weights it is the RankedProbabilityScore of the same quantiles.
// INVALID_ARGUMENT: probabilities that are not rising and symmetric about 0.5,
// or leave out 0.5.
absl::StatusOr<double> WeightedIntervalScore(
    absl::Span<const double> actuals,
    absl::Span<const std::vector<double>> quantiles,
    absl::Span<const double> probabilities);

// Whether two methods' forecasts of the same periods have equal expected loss
// |error|^power.
struct DieboldMarianoTest {
  // Negative where the first method has the smaller loss.
  double statistic = 0;
  // Of the two-sided test; small where the methods differ.
  double p_value = 1;
  // Pairs of errors that were compared.
  int compared = 0;
  // The lags up to which the differences count as correlated: one less than
  // the horizon, or 0 where the variance with them is not positive.
  int lags = 0;
};

// Diebold, Mariano 1995, "Comparing predictive accuracy", Journal of Business
// and Economic Statistics 13(3), with the correction for small samples and
// Student's distribution of Harvey, Leybourne, Newbold 1997, "Testing the
// equality of prediction mean squared errors", International Journal of
// Forecasting 13(2). The errors are those of forecasts `horizon` periods ahead,
// in the order of their periods; pairs with a missing one are left out, as R's
// `dm.test` does. INVALID_ARGUMENT: lengths that differ, a power that is not
// positive, a horizon below 1 or not below the number of pairs, fewer than two
// pairs. FAILED_PRECONDITION: the difference of the losses never varies.
absl::StatusOr<DieboldMarianoTest> DieboldMariano(
    absl::Span<const double> errors, absl::Span<const double> other_errors,
    int horizon, double power);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_SCORES_SCORES_H_
