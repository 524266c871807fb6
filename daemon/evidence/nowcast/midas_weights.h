// Weights of the lags of a frequent series in an equation of a rare one.
#ifndef HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_WEIGHTS_H_
#define HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_WEIGHTS_H_

#include <Eigen/Dense>
#include <vector>

#include "absl/strings/string_view.h"

namespace headway::evidence {

enum class MidasWeights {
  kUnrestricted,  // every lag has its own coefficient (U-MIDAS)
  kEqual,         // the mean of the lags: a bridge equation
  kNealmon,       // exp(theta1 i + theta2 i^2), normalised; i = 1, 2, ...
  kNbeta,  // x^(theta1 - 1) (1 - x)^(theta2 - 1), normalised; x from 0 to
           // 1, its ends moved in by machine epsilon
};

// "umidas", "mean", "nealmon", "nbeta".
absl::string_view MidasWeightsName(MidasWeights weights);
// Two for nealmon and nbeta, else none.
int ThetaCount(MidasWeights weights);

struct WeightsAndSlopes {
  Eigen::VectorXd weights;  // of lags, the nearest first; they add up to one
  Eigen::MatrixXd slopes;   // of the weights by theta: lags x 2
};

// For kEqual, kNealmon and kNbeta, of at least 2 lags where there are thetas.
WeightsAndSlopes WeightsAt(MidasWeights weights, int lags,
                           const Eigen::Vector2d& theta);

// A box in which thetas are sought and starts for the search, both in units in
// which a step of one matters; and thetas from those units.
struct ThetaSearch {
  Eigen::Vector2d low;
  Eigen::Vector2d high;
  std::vector<Eigen::Vector2d> starts;
};
ThetaSearch ThetaSearchOf(MidasWeights weights, int lags);
Eigen::Vector2d ThetaFromUnits(MidasWeights weights, int lags,
                               const Eigen::Vector2d& units);
// Derivatives of each theta by its unit, at the units.
Eigen::Vector2d ThetaSlope(MidasWeights weights, int lags,
                           const Eigen::Vector2d& units);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_WEIGHTS_H_
