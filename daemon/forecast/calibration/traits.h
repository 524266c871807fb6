// What a series says by itself of how wrong its forecasts will be: its length,
// how its changes grow with the distance, whether it returns to a line, how
// heavy the tails of its changes are. All of it is free of the unit.
#ifndef HEADWAY_DAEMON_FORECAST_CALIBRATION_TRAITS_H_
#define HEADWAY_DAEMON_FORECAST_CALIBRATION_TRAITS_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct Traits {
  // Values that are not missing.
  int length = 0;
  int season = 1;
  bool is_seasonal = false;
  // The root of the mean squared change over h periods, less the drift; [h -
  // 1]. Up to half the length: what lies further is as the last.
  std::vector<double> change;
  // The root of the mean squared distance from the line through the values.
  double spread = 0;
  // The root of the mean squared change of the last fifth of the values, over
  // that of all.
  double recent = 1;
  // Mean change over the standard deviation of changes, without the sign.
  double drift = 0;
  // The standard deviation of the changes over 1.2533 times their mean
  // deviation: one for normal changes, above it for heavy tails.
  double tails = 1;
  // The autocorrelation of the changes at lag one.
  double rebound = 0;
  // The t statistic of the values' return to a constant, and to a line (Dickey,
  // Fuller 1979, "Distribution of the Estimators for Autoregressive Time Series
  // with a Unit Root", Journal of the American Statistical Association 74).
  double return_to_level = 0;
  double return_to_line = 0;
};

// The t statistic of the values' return to the line through them. At least two
// values, none NaN. Pure.
double ReturnToLine(absl::Span<const double> values);

// `values` may hold NaN for missing ones; the first and the last are present,
// and two differ. Of long series the last 1,000 values count. Pure.
Traits DescribeSeries(absl::Span<const double> values, int season, int horizon,
                      StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_CALIBRATION_TRAITS_H_
