// The exact Gaussian likelihood of stationary ARMA models, several at once.
//
// The Kalman filter gives the one-step prediction errors of an ARMA process and
// their variances. If the process is stationary, the covariance matrix of the
// state changes by a matrix of rank one at every step, and it is enough to
// carry two vectors (Morf, Sidhu, Kailath 1974, "Some new algorithms for
// recursive estimation in constant, linear, discrete-time systems", IEEE
// Transactions on Automatic Control 19; Pearlman 1980, "An algorithm for the
// exact likelihood of a high-order autoregressive-moving average process",
// Biometrika 67). One step costs a few operations per lag instead of the square
// of the number of lags.
//
// This is the only implementation of the recursion: there is no scalar form
// beside it. The tests hold it to the density of the multivariate normal
// distribution. likelihood.h builds the likelihood of ARIMA models on it.
//
// Models with the same lags are evaluated side by side in SIMD lanes (Highway;
// the instruction set is chosen at run time). No operation crosses lanes and no
// product is fused with a sum, so that the result of a lane depends neither on
// the instruction set nor on the other lanes.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FILTER_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FILTER_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

// Not thread-safe.
class ArmaFilter {
 public:
  static constexpr int kLanes = 8;

  // The lags of 1 - sum ar_i B^lag and 1 + sum ma_i B^lag, rising.
  void SetLags(absl::Span<const int> ar_lags, absl::Span<const int> ma_lags);

  // The coefficients, which the caller sets: [lag * kLanes + lane].
  double* ar() { return ar_.data(); }
  double* ma() { return ma_.data(); }

  // Filters each of `columns`, all of the same length, through the models in
  // the first `lanes` lanes, for errors of variance one. Once `stop` is
  // requested, the rest is left as it was.
  void Run(absl::Span<const std::vector<double>* const> columns, int lanes,
           StopRequest stop = {});

  // The prediction errors of a column over their standard deviations.
  // [t * kLanes + lane]. Not finite where the model is not stationary.
  const double* whitened(int column) const { return whitened_[column].data(); }
  // The first period in which a column is not zero.
  int start(int column) const { return starts_[column]; }
  // The logarithm of the determinant of the covariance matrix. [kLanes]
  const double* log_determinant() const { return log_determinant_; }

  // After the last value, for lane 0: the predictions of the next order()
  // values of a column, what one more error adds to them, the direction in
  // which that still changes, and the variance of that error.
  int order() const { return order_; }
  std::vector<double> predictions(int column) const;
  std::vector<double> gain() const;
  std::vector<double> direction() const;
  double variance() const { return variance_[0]; }

 private:
  // Numbers for every lane, aligned to whole registers.
  class Array {
   public:
    // Makes room for `size` numbers in each lane; new ones are zero.
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
