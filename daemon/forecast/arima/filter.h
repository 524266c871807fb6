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
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FILTER_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FILTER_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

class ArmaFilter {
 public:
  static constexpr int kLanes = 8;

  // Lags of 1 - sum ar_i B^lag and 1 + sum ma_i B^lag, rising.
  void SetLags(absl::Span<const int> ar_lags, absl::Span<const int> ma_lags);

  // Coefficients, to be filled by the caller: [lag * kLanes + lane].
  double* ar() { return ar_.data(); }
  double* ma() { return ma_.data(); }

  // Filters each of `columns`, all of the same length, through the models in
  // the first `lanes` lanes, for errors of variance one.
  void Run(absl::Span<const std::vector<double>* const> columns, int lanes);

  // The prediction errors of a column over their standard deviations.
  // [t * kLanes + lane]. Not finite where the model is not stationary.
  const double* whitened(int column) const { return whitened_[column].data(); }
  // Where a column is first not zero.
  int start(int column) const { return starts_[column]; }
  // The logarithm of the determinant of the covariance matrix. [kLanes]
  const double* log_determinant() const { return log_determinant_; }

  // What is known after the last value, for lane 0: predictions of the next
  // order() values of a column, what one more error adds to them, the direction
  // in which that still changes, and the variance of that error.
  int order() const { return order_; }
  std::vector<double> predictions(int column) const;
  std::vector<double> gain() const;
  std::vector<double> direction() const;
  double variance() const { return variance_[0]; }

 private:
  // Numbers for every lane, on the boundaries of whole registers.
  class Array {
   public:
    // Holds `size` numbers a lane at least; new ones are zero.
    void Reserve(int size) {
      if (groups_.size() < static_cast<size_t>(size)) groups_.resize(size);
    }
    double* data() { return groups_.data()->lanes; }
    const double* data() const { return groups_.data()->lanes; }

   private:
    struct alignas(64) Group {
      double lanes[kLanes] = {};
    };
    std::vector<Group> groups_;
  };

  static std::vector<double> FirstLane(const Array& array, int size);

  std::vector<int> ar_lags_;
  std::vector<int> ma_lags_;
  Array ar_;
  Array ma_;
  int order_ = 0;
  std::vector<int> starts_;
  std::vector<Array> whitened_;
  std::vector<Array> predictions_;
  Array gain_;
  Array direction_;
  Array covariances_;
  Array crossed_;
  Array dense_;
  Array partials_;
  Array products_;
  double variance_[kLanes] = {};
  double log_determinant_[kLanes] = {};
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_FILTER_H_
