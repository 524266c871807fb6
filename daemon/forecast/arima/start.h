// Where the search for the coefficients of an ARMA model starts.
//
// Hannan and Rissanen 1982: the errors of a long autoregression stand for the
// errors of the model, and the coefficients follow by least squares on lagged
// values and lagged errors.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_START_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_START_H_

#include <vector>

#include "daemon/forecast/arima/arima.h"
#include "daemon/forecast/arima/design.h"

namespace headway::forecast {

class HannanRissanen {
 public:
  explicit HannanRissanen(const ArimaDesign& design);

  // Free numbers (see arima.h) for the form.
  std::vector<double> Start(const ArimaForm& form) const;

 private:
  std::vector<double> values_;  // without the side columns' part
  std::vector<double> errors_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_START_H_
