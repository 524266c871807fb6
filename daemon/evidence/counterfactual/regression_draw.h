// Draws of a regression's coefficients, of which of them are zero, and of the
// residual variance, given a residual series.
//
// The prior is that of CausalImpact and bsts (Brodersen et al. 2015, "Inferring
// Causal Impact Using Bayesian Structural Time-Series Models", Annals of
// Applied Statistics 9; Scott, Varian 2014): given the variance s2, slopes are
// normal around zero with precision w / n ((X'X + diag(X'X)) / 2) / s2, w =
// 0.01; 1 / s2 is gamma with a guess (1 - R2) var(y), R2 = 0.8, worth 50
// values.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_REGRESSION_DRAW_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_REGRESSION_DRAW_H_

#include <Eigen/Dense>
#include <optional>
#include <vector>

#include "daemon/evidence/counterfactual/random.h"

namespace headway::evidence {

struct RegressionPrior {
  // What all slopes are worth, in values.
  double information = 0.01;
  // The share of their precision that is shrunk to its diagonal.
  double diagonal = 0.5;
  double expected_r2 = 0.8;
  double degrees = 50;
  // Of the residual's standard deviation, in those of the outcome.
  double most_deviation = 1.2;
  // How many slopes are expected not to be zero (spike and slab); absent: all
  // are in.
  std::optional<double> expected_size;
};

class RegressionDraw {
 public:
  // `regressors` of the periods that have a value, standardised.
  RegressionDraw(const Eigen::MatrixXd& regressors,
                 const RegressionPrior& prior);

  // Draws anew given `target` (values): the outcome less its state.
  void Draw(const Eigen::VectorXd& target, RandomStream& random);

  const Eigen::VectorXd& coefficients() const { return coefficients_; }
  double variance() const { return variance_; }
  bool is_in(Eigen::Index i) const { return in_[i]; }

 private:
  struct Posterior {
    std::vector<Eigen::Index> in;
    Eigen::VectorXd mean;
    Eigen::MatrixXd root;  // lower Cholesky factor of the precision
    double squares = 0;
    double log_density = 0;
  };

  Posterior Given(const std::vector<char>& in) const;
  void Choose(RandomStream& random, Posterior& posterior);

  RegressionPrior prior_;
  const Eigen::MatrixXd& regressors_;
  Eigen::MatrixXd cross_;
  Eigen::MatrixXd prior_precision_;
  double log_odds_ = 0;
  Eigen::VectorXd product_;
  double target_squares_ = 0;
  std::vector<char> in_;
  Eigen::VectorXd coefficients_;
  double variance_;
};

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_REGRESSION_DRAW_H_
