// The likelihood of ARIMA models of one form, several points at once.
//
// It is the exact Gaussian one of the differenced series: the same number that
// R's `arima` finds with its diffuse Kalman filter (Gardner, Harvey, Phillips
// 1980). The constant and the coefficients of regressors are those of
// generalised least squares at each point, so that only the coefficients of the
// polynomials need to be searched for.
//
// The log-likelihood falls with n log(sum u_t^2), where u are the whitened
// errors times the n-th root of the determinant's root (Mélard 1984): a sum of
// squares.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/arima/arima.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/filter.h"

namespace headway::forecast {

// One instance is for one thread.
class ArimaLikelihood {
 public:
  static constexpr int kLanes = ArmaFilter::kLanes;

  // `design` must outlive this and allow what `form` asks for.
  ArimaLikelihood(const ArimaDesign& design, const ArimaForm& form);

  // Evaluates the free numbers (see arima.h) given to SetPoint in the first
  // `lanes` lanes.
  void SetPoint(int lane, absl::Span<const double> x);
  void Evaluate(int lanes);

  // sum u_t^2 of a lane; infinite where there is no likelihood.
  double sum_of_squares(int lane) const { return sum_of_squares_[lane]; }
  // The u_t, [t * kLanes + lane].
  const std::vector<double>& residuals() const { return residuals_; }
  // The coefficients of the side columns in use, in their order, at a lane.
  absl::Span<const double> regression(int lane) const {
    return absl::MakeSpan(regression_).subspan(lane * sides_, sides_);
  }
  // Of the coefficients of missing values, for errors of variance one, at lane
  // 0: row by row, the inverse of their information.
  std::vector<double> MissingCovariance() const;

  double LogLikelihood(double sum_of_squares) const;
  // The log-likelihood's fall with the logarithm of the sum of squares.
  double rate() const { return design_.observations / 2.0; }

  int size() const { return static_cast<int>(design_.values.size()); }
  const ArimaForm& form() const { return form_; }
  // Which side columns of the design are in use.
  absl::Span<const int> used_sides() const { return used_sides_; }
  const ArmaFilter& filter() const { return filter_; }

 private:
  void MultiplySides();
  bool SolveSides(int lane, double* coefficients, double& log_determinant);

  const ArimaDesign& design_;
  const ArimaForm form_;
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
  // j <= i, the values being column 0.
  std::vector<double> products_;
  std::vector<double> triangle_;  // of the last lane solved
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_LIKELIHOOD_H_
