// Fits of ARIMA models, with or without regressors, by maximum likelihood
// (likelihood.h). The search is by the method of Levenberg and Marquardt, from
// the best of several starting points. Its derivatives are finite differences;
// all points of one derivative are evaluated in the lanes of one run of the
// filter.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_

#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/form.h"
#include "daemon/forecast/arima/start.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct ArimaFit {
  ArimaForm form;
  ArimaCoefficients coefficients;
  // The constant first, if the form has one, then the coefficients of the
  // regressors.
  std::vector<double> regression;
  // The coefficients of the polynomials as free numbers (form.h).
  std::vector<double> free;
  double log_likelihood = -std::numeric_limits<double>::infinity();
  double aic = std::numeric_limits<double>::infinity();
  // Infinite if there are too few values for the correction.
  double aicc = std::numeric_limits<double>::infinity();
  double bic = std::numeric_limits<double>::infinity();
  // The variance of the errors, with the degrees of freedom that R uses.
  double variance = 0;
  // Whether a root lies within 1 % of the unit circle.
  bool near_unit_root = false;
};

struct ArimaFitOptions {
  // Free numbers to start from, besides those estimated from the values.
  std::vector<std::vector<double>> starts;
  // How many of the best starts are searched from. Above one, starts towards
  // the corners of the space are tried too.
  int searches = 6;
  // A search ends when the log-likelihood promises no gain above this.
  double tolerance = 1e-8;
  // A search that is unlikely to get below this AICc is given up.
  double aicc_to_beat = std::numeric_limits<double>::infinity();
  // Gives up searches that stay within 1 % of the unit circle, and ends with
  // the first search that does not.
  bool stop_near_unit_root = false;
};

// Fits of several forms to one design. Not thread-safe.
class ArimaFitter {
 public:
  // `design` must outlive this.
  explicit ArimaFitter(const ArimaDesign& design, StopRequest stop = {});

  // `form` has the differences and season of the design. A model without a
  // finite likelihood, and any once stopped, has an infinite AICc.
  ArimaFit Fit(const ArimaForm& form, const ArimaFitOptions& options) const;

 private:
  const ArimaDesign& design_;
  const StopRequest stop_;
  const HannanRissanen start_;
};

// The fit of one form. FAILED_PRECONDITION: fewer values than it needs.
// INVALID_ARGUMENT: orders or a season out of range; a constant with two
// differences or more; regressors that MakeArimaDesign refuses. Pure.
absl::StatusOr<ArimaFit> FitArima(absl::Span<const double> values,
                                  const ArimaForm& form,
                                  const Regressors& regressors = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_
