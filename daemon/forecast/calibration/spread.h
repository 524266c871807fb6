// The spread of a pool of forecasts, corrected by what the series says of
// itself.
//
// The mean of the members' quantiles is too wide for some series and too narrow
// for others, and each tells which it is: by its length, by how far its values
// lie apart over the distance ahead, by whether they return to a line, by how
// much the members differ. A small neural network has learned the factors from
// these, by the pinball loss of the quantiles at three levels (Koenker, Bassett
// 1978, "Regression Quantiles", Econometrica 46), from series whose families
// and parameters were drawn at random and from held-out ends of competition
// series; the mean of several networks varies less than one (Hansen, Salamon
// 1990, "Neural Network Ensembles", IEEE Transactions on Pattern Analysis and
// Machine Intelligence 12). tools/bench/calibration/learn.py learns them and
// docs/forecasting.md has what they were learned from.
#ifndef HEADWAY_DAEMON_FORECAST_CALIBRATION_SPREAD_H_
#define HEADWAY_DAEMON_FORECAST_CALIBRATION_SPREAD_H_

#include <array>

#include "daemon/forecast/calibration/curve_weights.h"
#include "daemon/forecast/calibration/traits.h"

namespace headway::forecast {

// The probabilities at which a pool is described.
inline constexpr std::array<double, 5> kAnchors = {0.025, 0.1, 0.5, 0.9, 0.975};

// A step of a pool before the correction, in the unit of the traits.
struct PooledStep {
  // In periods after the last value.
  int distance = 1;
  double point = 0;
  std::array<double, 5> quantiles = {};  // at kAnchors
  // The root of the mean squared distance of the members' points from the
  // pool's.
  double disagreement = 0;
  // The standard deviations of the members that are the surest and the least
  // sure, as if normal.
  double narrowest = 0;
  double widest = 0;
};

// The standard deviation that a normal distribution with these quantiles at 0.1
// and 0.9 has.
double SpreadBetween(double lower, double upper);

// What the networks see. Free of the unit.
using SpreadFeatures = std::array<double, 24>;

// `first` is the first step of the same pool. Steps have a spread above 0.
SpreadFeatures DescribeSpread(const Traits& traits, const CurveWeights& scales,
                              const PooledStep& step, const PooledStep& first);

// What the distances of quantiles from the point are multiplied by.
class SpreadFactors {
 public:
  // By the networks.
  explicit SpreadFactors(const SpreadFeatures& features);

  // For the quantile of the probability with this standard normal score. In
  // [0.22, 6.1].
  double At(double score) const;

 private:
  std::array<double, 3> logarithms_;  // at the ends of 50, 80 and 95 %
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_CALIBRATION_SPREAD_H_
