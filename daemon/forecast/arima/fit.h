// Fits of ARIMA models, with or without regressors, by maximum likelihood
// (arima_likelihood.h): the method of Levenberg and Marquardt, whose slopes are
// taken by differences, all points of one in the lanes of one run of the
// filter, from the best of several starting points.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_

#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/arima.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/start.h"

namespace headway::forecast {

struct ArimaFit {
  ArimaForm form;
  ArimaCoefficients coefficients;
  // The constant first where the form has one, then those of the regressors.
  std::vector<double> regression;
  // The polynomials' coefficients as free numbers (see arima.h).
  std::vector<double> free;
  double log_likelihood = -std::numeric_limits<double>::infinity();
  double aic = std::numeric_limits<double>::infinity();
  // Infinite where there are too few values for the correction.
  double aicc = std::numeric_limits<double>::infinity();
  double bic = std::numeric_limits<double>::infinity();
  // Of the errors, with the degrees of freedom that R gives it.
  double variance = 0;
  // A root within 1 % of the unit circle.
  bool near_unit_root = false;
};

struct ArimaFitOptions {
  // Free numbers to start from, besides those found from the values.
  std::vector<std::vector<double>> starts;
  // Of the starts, how many of the best are followed. Above one, starts towards
  // the corners of the space are tried too.
  int searches = 6;
  // Ends when the log-likelihood promises no larger gain.
  double tolerance = 1e-8;
  // Gives up early on what will not get below this AICc.
  double aicc_to_beat = std::numeric_limits<double>::infinity();
  // Leaves searches that stay within 1 % of the unit circle, and is content
  // with the first that does not.
  bool stop_near_unit_root = false;
};

// One instance is for one thread.
class ArimaFitter {
 public:
  // `design` must outlive this.
  explicit ArimaFitter(const ArimaDesign& design);

  // `form` has the differences and season of the design. A model without a
  // likelihood has an infinite AICc.
  ArimaFit Fit(const ArimaForm& form, const ArimaFitOptions& options) const;

 private:
  const ArimaDesign& design_;
  const HannanRissanen start_;
};

// The model of one form. FAILED_PRECONDITION: fewer values than it needs.
// INVALID_ARGUMENT: orders or a season out of range; a constant where there are
// two differences or more; regressors that are not as MakeArimaDesign wants
// them.
absl::StatusOr<ArimaFit> FitArima(absl::Span<const double> values,
                                  const ArimaForm& form,
                                  const Regressors& regressors = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_FIT_H_
