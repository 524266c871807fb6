// A series and its regressors, differenced: what the ARIMA models of the same
// differences have in common.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/arima.h"

namespace headway::forecast {

// Columns of a regression, each with one number per period, none missing.
using Regressors = std::vector<std::vector<double>>;

// A missing value is bridged by a line, and a column that is 1 there and 0
// elsewhere stands beside the series: its coefficient is what the bridge is
// wrong by. With it integrated out, the likelihood is that of the values which
// are there.
struct ArimaDesign {
  // In periods: the values, bridged, and the side columns in the order missing
  // values, constant (where the form allows one), regressors.
  std::vector<double> levels;
  std::vector<std::vector<double>> side_levels;
  // The same after differencing.
  std::vector<double> values;
  std::vector<std::vector<double>> sides;

  ArimaForm form;  // its differences and season
  int missing = 0;
  bool allows_constant = false;
  // Missing values that are only bridged, because there are too many.
  int bridged = 0;
  // Values after differencing that are not missing.
  int observations = 0;
};

// `form` gives the differences and the season; the rest of it is not read. NaN
// is a missing value; the first and the last are present.
//
// FAILED_PRECONDITION: differencing leaves nothing. INVALID_ARGUMENT:
// regressors of the wrong length, not finite, or that depend on one another
// or on the constant once differenced.
absl::StatusOr<ArimaDesign> MakeArimaDesign(absl::Span<const double> values,
                                            const ArimaForm& form,
                                            const Regressors& regressors);

// Whether the values are all the same but for rounding.
bool IsConstant(absl::Span<const double> values);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_
