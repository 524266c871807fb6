// Dynamic regression: the regressors of a forecast as the columns of a
// regression with ARIMA errors (Hyndman, Athanasopoulos, "Forecasting:
// Principles and Practice", 10; Pankratz 1991).
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_REGRESSION_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_REGRESSION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/form.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The regressors of a sample, each brought to size one by a power of two.
class Regression {
 public:
  // Of `values`, the last of those that `regressors` are of, and the periods
  // after them. Borrows `regressors`. Those that never change over the values,
  // or follow from the others, are left out.
  Regression(absl::Span<const double> values,
             absl::Span<const Regressor> regressors, int horizon);

  // Leaves out those that say nothing once `values` are differenced.
  void KeepUsable(absl::Span<const double> values, const ArimaForm& form);

  // Of the values, and of the periods after them. [regressor][period]
  const Regressors& past() const { return past_; }
  const Regressors& ahead() const { return ahead_; }
  // Adds to the variances of a forecast what is not known of the regressors
  // ahead, which count as independent of one another and of the errors.
  // `effects` are the coefficients.
  void AddDoubt(absl::Span<const double> effects,
                std::vector<double>& variance) const;
  // The coefficients in the units of the regressors.
  std::vector<RegressorEffect> Effects(
      absl::Span<const double> coefficients,
      absl::Span<const double> variances) const;
  // Says in a note which were left out.
  void NoteLeftOut(std::vector<std::string>& notes) const;

 private:
  absl::Span<const Regressor> regressors_;
  // Of those that are used: their places, and their sizes as powers of two.
  std::vector<size_t> places_;
  std::vector<int> exponents_;
  Regressors past_;
  Regressors ahead_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_REGRESSION_H_
