// The coefficients at which the search for an ARMA model starts.
//
// Hannan, Rissanen 1982, "Recursive estimation of mixed autoregressive-moving
// average order", Biometrika 69: the residuals of a long autoregression stand
// in for the errors of the model, and least squares on lagged values and lagged
// residuals gives the coefficients. Immutable.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_START_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_START_H_

#include <vector>

#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/form.h"

namespace headway::forecast {

class HannanRissanen {
 public:
  explicit HannanRissanen(const ArimaDesign& design);

  // The start for a form, as free numbers (form.h).
  std::vector<double> Start(const ArimaForm& form) const;

 private:
  std::vector<double> values_;  // less the contribution of the side columns
  std::vector<double> errors_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_START_H_
