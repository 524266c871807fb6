// A log-linear trend with breaks: growth at a constant rate that changes now
// and then, as of computing power and of prices of chips.
//
//   log y = intercept + slope t + noise, with other parameters in each segment
//
// For a given number of breaks, their dates are those of least squares, found
// exactly by dynamic programming: Bai, Perron 2003, "Computation and analysis
// of multiple structural change models", Journal of Applied Econometrics 18.
// The number of breaks has the least BIC (Yao 1988, "Estimating the number of
// change-points via Schwarz' criterion", Statistics & Probability Letters 6). A
// break date counts as three parameters, because the search over dates fits
// more noise than one parameter does (Hall, Osborn, Sakkas 2013, "Inference on
// structural breaks using information criteria", Manchester School 81). Level
// and slope both break. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_LOG_LINEAR_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_LOG_LINEAR_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// The most breaks that are tried. A convention.
inline constexpr int kMaxBreaks = 5;
// A segment holds at least so many values and this share of all values: the
// trimming of Bai and Perron.
inline constexpr int kLeastSegment = 5;
inline constexpr double kLeastSegmentShare = 0.15;
// Of a longer series only the last so many values are used, since the search
// takes time in the square of their number.
inline constexpr int kMaxLogLinearValues = 1000;

struct LogLinearSegment {
  // The position of its first value, counted from 0.
  int first = 0;
  // The line's value at t = 0, the first value of the series, and its change
  // per period, on the logarithms.
  double intercept = 0;
  double slope = 0;
};

struct LogLinearFit {
  std::vector<LogLinearSegment> segments;
  // The residual sum of squares of the logarithms.
  double sum_of_squares = 0;
  int observed = 0;
  double bic = 0;
  // Of the last segment: the number of its values, the mean of their t, and the
  // sum of squares of t about that mean.
  int last_observed = 0;
  double last_mean = 0;
  double last_spread = 0;
};

// Missing values (NaN) are left out. FAILED_PRECONDITION: fewer than
// kLeastSegment values, or one that is not positive. CANCELLED: `stop` was
// requested.
absl::StatusOr<LogLinearFit> FitLogLinear(absl::Span<const double> values,
                                          StopRequest stop = {});

// Continues the last segment of a series of `values` periods. Quantiles are
// those of the line's Student distribution on the logarithms, with the residual
// variance of all segments; the mean is that of the lognormal distribution with
// the same variance.
Prediction PredictLogLinear(const LogLinearFit& fit, int values, int horizon,
                            absl::Span<const double> probabilities);

// The method "log_linear". FAILED_PRECONDITION as FitLogLinear, and if the
// forecast would leave the range of a double.
absl::StatusOr<Prediction> LogLinear(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_LOG_LINEAR_H_
