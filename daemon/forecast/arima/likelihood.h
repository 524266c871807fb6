// The likelihood of ARIMA models of one form, at several points at once.
//
// The exact Gaussian likelihood of the differenced series: the number that R's
// `arima` finds with its diffuse Kalman filter (Gardner, Harvey, Phillips 1980,
// "An algorithm for exact maximum likelihood estimation of
// autoregressive-moving average models by means of Kalman filtering", Applied
// Statistics 29). The constant and the coefficients of regressors are those of
// generalised least squares at each point, so that only the coefficients of the
// polynomials need to be searched for.
//
// The log-likelihood falls with n log(sum u_t^2), where u are the whitened
// errors times the n-th root of the square root of the determinant (Mélard
// 1984, "A fast algorithm for the exact likelihood of autoregressive-moving
// average models", Applied Statistics 33): a sum of squares.
//
// The recursion itself is in filter.h. This class is scalar but for that call,
// and repeats no part of it.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/filter.h"
#include "daemon/forecast/arima/form.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// Not thread-safe.
class ArimaLikelihood {
 public:
  static constexpr int kLanes = ArmaFilter::kLanes;

  // `design` must outlive this and allow the constant and the regressors of
  // `form`. Once `stop` is requested, evaluations end early, with any numbers.
  ArimaLikelihood(const ArimaDesign& design, const ArimaForm& form,
                  StopRequest stop = {});

  // SetPoint sets the free numbers (form.h) of a lane; Evaluate evaluates the
  // first `lanes` lanes.
  void SetPoint(int lane, absl::Span<const double> x);
  void Evaluate(int lanes);

  // sum u_t^2 of a lane; infinite if the likelihood is not finite.
  double sum_of_squares(int lane) const { return sum_of_squares_[lane]; }
  // The u_t, [t * kLanes + lane].
  const std::vector<double>& residuals() const { return residuals_; }
  // The coefficients of the side columns in use, in the order of used_sides().
  absl::Span<const double> regression(int lane) const {
    return absl::MakeSpan(regression_).subspan(lane * sides_, sides_);
  }
  // The covariance matrix of the coefficients of missing values at lane 0, row
  // by row, for errors of variance one: the inverse of their information
  // matrix.
  std::vector<double> MissingCovariance() const;
  // The variances of the coefficients of the side columns in use, for errors of
  // variance one, as generalised least squares has them.
  std::vector<double> SideVariances() const;

  double LogLikelihood(double sum_of_squares) const;
  // The derivative of minus the log-likelihood in the logarithm of the sum of
  // squares.
  double rate() const { return design_.observations / 2.0; }

  int size() const { return static_cast<int>(design_.values.size()); }
  const ArimaForm& form() const { return form_; }
  // The positions of the side columns of the design that are in use.
  absl::Span<const int> used_sides() const { return used_sides_; }
  const ArmaFilter& filter() const { return filter_; }

 private:
  void MultiplySides();
  std::vector<double> InverseOfLeading(int n) const;
  bool SolveSides(int lane, double* coefficients, double& log_determinant);

  const ArimaDesign& design_;
  const ArimaForm form_;
  const StopRequest stop_;
  LagPolynomial ar_;
  LagPolynomial ma_;
  int sides_ = 0;
  std::vector<int> used_sides_;
  std::vector<const std::vector<double>*> columns_;
  double least_sum_of_squares_ = 0;
  ArmaFilter filter_;
  double sum_of_squares_[kLanes] = {};
  std::vector<double> residuals_;
  std::vector<double> regression_;  // [lane * sides_ + side]
  // Products of the whitened columns: [(i * (sides_ + 1) + j) * kLanes + lane],
  // j <= i. Column 0 holds the values.
  std::vector<double> products_;
  std::vector<double> triangle_;  // of the last lane solved
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_
