// Sample paths: what a series, or several at once, may do over the periods
// ahead. Sums, maxima and crossings of a path are those of the series, which
// quantiles of single periods do not tell; path_functions.h has them.
//
// Options::paths asks MakeForecast for the paths of one series. What is here
// draws those of several series together.
//
// The values of each step follow the quantiles of the forecast
// (math/quantile_function.h). How steps go together is a Gaussian copula, whose
// correlations are those of the linear process with the forecast's variances:
// with the variance v(h) of step h on the scale without bounds, the weight of
// an innovation j steps later is psi(j) = sqrt((v(j+1) - v(j)) / v(1)), where
// it does not fall (Box, Jenkins 1970, chapter 5), and steps h < k have the
// covariance v(1) * sum over j < h of psi(j) psi(j + k - h). The variances do
// not tell the sign of a weight, which is taken to be positive. Where they do
// not grow, steps are independent.
//
// Draws are stratified: of each step, one draw falls in the middle of each of
// as many equally likely parts of its distribution as there are draws, in the
// order that the copula gives them (Packham, Schmidt 2010, "Latin hypercube
// sampling with dependence and applications in finance", Journal of
// Computational Finance 13). Some hundred paths then have the quantiles of the
// forecast, but for the tails beyond them. Of fewer paths than 500 are drawn,
// the first are given: a sample without strata.
//
// Pure functions: the same laws, seeds and count give the same bits, on any
// number of threads, and the random numbers of a series do not depend on the
// other series.
#ifndef HEADWAY_DAEMON_FORECAST_PATHS_H_
#define HEADWAY_DAEMON_FORECAST_PATHS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// What the paths of one series are drawn from.
struct PathLaw {
  // Of the quantiles, in rising order.
  std::vector<double> probabilities;
  // [step][probability]
  std::vector<std::vector<double>> quantiles;
  // psi: of the innovation at its own step, 1, and at those after it. [step]
  std::vector<double> weights;
  Bounds bounds = Bounds::kNone;
};

// The probabilities that a forecast should have to become a law, from 0.005 to
// 0.995, and those of `also` with them; in rising order.
std::vector<double> PathProbabilities(absl::Span<const double> also = {});

// The law of the paths of `forecast`, which is one of `values` within `bounds`.
// INVALID_ARGUMENT: fewer than two probabilities, a value outside the bounds.
absl::StatusOr<PathLaw> MakePathLaw(absl::Span<const double> values,
                                    const Forecast& forecast, Bounds bounds);

// One series of those that are drawn together.
struct PathJob {
  const PathLaw* law = nullptr;  // borrowed
  uint64_t seed = 1;
  // The period of the law's first step, by a count that all series share:
  // innovations of one period are those that go together.
  int64_t first = 0;
};

// [step][path]: a row for each step.
using PathRows = std::vector<std::vector<double>>;

// The paths of each job. `correlation` is that of the innovations of one period
// between series, [series][series]; empty if they are independent. `stopped` is
// that of Options. INVALID_ARGUMENT: a correlation that is not positive
// definite or of another size; a count that CheckPathCount refuses. CANCELLED:
// stopped.
absl::StatusOr<std::vector<PathRows>> DrawPaths(
    absl::Span<const PathJob> jobs,
    std::vector<std::vector<double>> correlation, int count,
    const std::function<bool()>& stopped = {});

// INVALID_ARGUMENT for a number of paths below 0 or above 10,000.
absl::Status CheckPathCount(int count);

// MakeForecast where Options::paths is above 0. The seed of the paths is that
// of the options with the values, so that two series with one seed are
// independent.
absl::StatusOr<Forecast> MakeForecastWithPaths(absl::Span<const double> values,
                                               const Options& options);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_PATHS_H_
