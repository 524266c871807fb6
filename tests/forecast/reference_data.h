// Competition series with the stored fits and forecasts of R's forecast package
// and of statsforecast. Tests that need them skip if they are absent.
#ifndef HEADWAY_TESTS_FORECAST_REFERENCE_DATA_H_
#define HEADWAY_TESTS_FORECAST_REFERENCE_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "daemon/forecast/arima/fit.h"
#include "daemon/forecast/ets/fit.h"

namespace headway::forecast {

struct ReferenceForecast {
  std::vector<double> point;
  std::vector<double> lower;  // of the 95 % interval
  std::vector<double> upper;
};

struct ReferenceSeries {
  std::string id;
  int season = 1;
  std::vector<double> values;
  // The fit of R's `ets`, without its final state.
  EtsFit ets;
  // The fit of R's `auto.arima`: orders, coefficients, log-likelihood and AICc.
  ArimaFit arima;
  ReferenceForecast ets_forecast;
  ReferenceForecast arima_forecast;
  ReferenceForecast theta_forecast;          // R's `thetaf`
  ReferenceForecast dynamic_theta_forecast;  // statsforecast's DOT
};

// The first `count` series of "Yearly", "Quarterly" or "Monthly" M3, in the
// random order of the reference; absent without the data.
std::optional<std::vector<ReferenceSeries>> LoadReference(
    const std::string& set, int count);

// The share of series for which something holds.
class Share {
 public:
  void Count(bool holds) {
    ++all_;
    holds_ += holds ? 1 : 0;
  }
  double value() const { return static_cast<double>(holds_) / all_; }

 private:
  int holds_ = 0;
  int all_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_TESTS_FORECAST_REFERENCE_DATA_H_
