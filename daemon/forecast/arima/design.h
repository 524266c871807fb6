// A series and its regressors, differenced: the data that ARIMA models with the
// same differences share. Plain types and pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/form.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// The columns of a regression, [regressor][period]. No number is missing.
using Regressors = std::vector<std::vector<double>>;

// A missing value is bridged by linear interpolation, and a side column that is
// 1 in its period and 0 elsewhere is added to the regression: its coefficient
// is the error of the bridge. With that coefficient integrated out, the
// likelihood is that of the values that are present.
struct ArimaDesign {
  // By period, before differencing: the bridged values, and the side columns in
  // the order missing values, constant (if the form allows one), regressors.
  std::vector<double> levels;
  std::vector<std::vector<double>> side_levels;
  // The same after differencing.
  std::vector<double> values;
  std::vector<std::vector<double>> sides;

  ArimaForm form;   // only its differences and season are set
  int missing = 0;  // missing values with a side column
  bool allows_constant = false;
  // Missing values without a side column, because there are too many.
  int bridged = 0;
  // Values after differencing that are not missing.
  int observations = 0;
};

// Only the differences and the season of `form` are used. NaN marks a missing
// value; the first and the last are present.
//
// FAILED_PRECONDITION: differencing leaves no values. INVALID_ARGUMENT:
// regressors of the wrong length, not finite, or linearly dependent, also on
// the constant, once differenced.
absl::StatusOr<ArimaDesign> MakeArimaDesign(absl::Span<const double> values,
                                            const ArimaForm& form,
                                            const Regressors& regressors,
                                            StopRequest stop = {});

// The places of the regressors that such a design takes, one after the other:
// those that do not depend on missing values, the constant and those before
// them. All are of the length of `values` and finite.
std::vector<size_t> UsableRegressors(absl::Span<const double> values,
                                     const ArimaForm& form,
                                     const Regressors& regressors);

// Whether all values are the same, apart from rounding errors.
bool IsNearlyConstant(absl::Span<const double> values);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_DESIGN_H_
