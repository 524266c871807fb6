// The exact Gaussian likelihood of stationary ARMA models, several at once.
//
// The one-step prediction errors of a stationary ARMA process and their
// variances follow from the Kalman filter; because the process is stationary,
// its covariance matrix changes by a matrix of rank one at every step, and two
// vectors are all that needs to be carried along (Morf, Sidhu, Kailath 1974;
// Pearlman 1980). One step costs a few operations per lag instead of the
// square of the number of lags; the result is the same.
//
// Models of the same lags are evaluated side by side in SIMD lanes (Highway,
// the best instructions of the machine are chosen at run time). A lane never
// sees its neighbours and no products are fused with sums, so that results do
// not depend on the machine's instruction set.
//
// One instance is for one thread.
#ifndef HEADWAY_DAEMON_FORECAST_ARMA_FILTER_H_
#define HEADWAY_DAEMON_FORECAST_ARMA_FILTER_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

class ArmaFilter {
 public:
  static constexpr int kLanes = 8;

  // Lags of 1 - sum ar_i B^lag and 1 + sum ma_i B^lag, rising.
  void SetLags(absl::Span<const int> ar_lags, absl::Span<const int> ma_lags);

  // Coefficients of a lane, to be filled by the caller: [lag * kLanes + lane].
  std::vector<double>& ar() { return ar_; }
  std::vector<double>& ma() { return ma_; }

  // Filters each of `columns`, all of the same length, through the models in
  // the first `lanes` lanes, for errors of variance one.
  void Run(absl::Span<const std::vector<double>* const> columns, int lanes);

  // The prediction errors of a column over their standard deviations.
  // [t * kLanes + lane]. Not finite where the model is not stationary.
  const std::vector<double>& whitened(int column) const {
    return whitened_[column];
  }
  // The logarithm of the determinant of the covariance matrix. [kLanes]
  const double* log_determinant() const { return log_determinant_; }

  // What is known after the last value, for lane 0: predictions of the next
  // order() values of a column, the gain on them of one more error, the
  // direction in which the gain still changes, and the variance of that error.
  int order() const { return order_; }
  std::vector<double> predictions(int column) const;
  std::vector<double> gain() const;
  std::vector<double> direction() const;
  double variance() const { return variance_[0]; }

 private:
  std::vector<int> ar_lags_;
  std::vector<int> ma_lags_;
  std::vector<double> ar_;
  std::vector<double> ma_;
  int order_ = 0;
  std::vector<std::vector<double>> whitened_;
  std::vector<std::vector<double>> predictions_;
  std::vector<double> gain_;
  std::vector<double> direction_;
  std::vector<double> covariances_;
  std::vector<double> crossed_;
  std::vector<double> dense_;
  std::vector<double> partials_;
  std::vector<double> products_;
  double variance_[kLanes] = {};
  double log_determinant_[kLanes] = {};
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARMA_FILTER_H_
