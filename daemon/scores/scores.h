// Scores of forecasts against the values that followed, and a test of whether
// two methods differ. The library, the track record and the benchmarks all use
// these definitions.
//
// Actuals are the values of the periods that were forecast, in order. NaN marks
// a missing one, which is left out. Points, bounds and quantiles have one
// element for each actual. A score is NaN where no actual is left or its scale
// is not positive. Lower is better, except for the coverage. Points, bounds,
// quantiles and scales are in the unit of the actuals. Pure functions.
#ifndef HEADWAY_DAEMON_SCORES_SCORES_H_
#define HEADWAY_DAEMON_SCORES_SCORES_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::scores {

// The scale of scaled errors: the mean absolute difference of those values of
// the history that lie one season apart, which is the mean absolute error of
// the seasonal naive method in sample. Hyndman, Koehler 2006, "Another look at
// measures of forecast accuracy", International Journal of Forecasting 22(4),
// with the season as in the M4 competition. NaN marks a missing value. `season`
// is at least 1.
//
// Absent where no two values lie one season apart, as in a history shorter than
// a season, and where all those differences are zero. No shorter lag takes its
// place: scores on different scales could not be averaged or compared.
std::optional<double> SeasonalNaiveError(absl::Span<const double> values,
                                         int season);

// The mean squared change from one period to the next: the scale of the root
// mean squared scaled error. The M5 competition counts from the first value
// that is not zero; pass the values from there on. 0 if there is no change
// between two present values.
double NaiveSquaredError(absl::Span<const double> values);

// MASE, with `scale` from SeasonalNaiveError: Hyndman, Koehler 2006, as above.
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

// The central intervals of one nominal coverage: `level` is 0.95 for those
// between the quantiles of 0.025 and 0.975.
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

// The loss of a quantile, also called the pinball loss: `probability` times the
// amount by which the actual exceeds the quantile, or 1 - `probability` times
// the amount by which it falls short. Koenker, Bassett 1978, "Regression
// quantiles", Econometrica 46(1).
double QuantileLoss(double actual, double quantile, double probability);

// The continuous ranked probability score (Matheson, Winkler 1976), from
// quantiles: twice QuantileLoss, averaged over the probabilities with
// equal weight and over the periods (Laio, Tamea 2007, "Verification tools for
// probabilistic forecasts", Hydrology and Earth System Sciences 11). It tends
// to the integral for evenly spaced probabilities as they become dense, and
// depends on the set of probabilities otherwise: compare scores on one set
// only. `quantiles` is [period][probability].
double RankedProbabilityScore(absl::Span<const double> actuals,
                              absl::Span<const std::vector<double>> quantiles,
                              absl::Span<const double> probabilities);

// The energy score of a sample of vectors against the one that came: the mean
// distance of the sample to it, less half the mean distance within the sample.
// Of one dimension it is the continuous ranked probability score of the sample.
// Gneiting, Stanberry, Grimit, Held, Johnson 2008, "Assessing probabilistic
// forecasts of multivariate quantities", TEST 17(2). `sample` is
// [draw][dimension] and not empty; each draw has the dimensions of `actual`.
double EnergyScore(absl::Span<const double> actual,
                   absl::Span<const std::vector<double>> sample);

// The weighted interval score over the median and the central intervals that
// the probabilities pair up to (Bracher, Ray, Gneiting, Reich 2021, "Evaluating
// epidemic forecasts in an interval format", PLOS Computational Biology 17(2)).
// With the weights of that paper it equals the RankedProbabilityScore of the
// same quantiles.
// INVALID_ARGUMENT: probabilities that are not rising and symmetric about 0.5,
// or leave out 0.5.
absl::StatusOr<double> WeightedIntervalScore(
    absl::Span<const double> actuals,
    absl::Span<const std::vector<double>> quantiles,
    absl::Span<const double> probabilities);

// The test of the hypothesis that two methods' forecasts of the same periods
// have equal expected loss |error|^power.
struct DieboldMarianoTest {
  // Negative where the first method has the smaller loss.
  double statistic = 0;
  // Of the two-sided test; small where the methods differ.
  double p_value = 1;
  // The number of pairs of errors that were compared.
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

}  // namespace headway::scores

#endif  // HEADWAY_DAEMON_SCORES_SCORES_H_
