// Structural models of a series, and their filter and smoother.
//
//   y[t] = level[t] + season[t] + irregular
//   level[t+1] = level[t] + slope[t] + noise    slope[t+1] = slope[t] + noise
//   season[t+1] = -(season[t] + ... + season[t-s+2]) + noise
//
// Durbin, Koopman 2012, "Time Series Analysis by State Space Methods", 2nd ed.,
// chapters 4 and 5. States of infinite first variance are exactly diffuse
// (Koopman 1997, JASA 92). Several columns pass at once, as generalised least
// squares needs them: all are weighted as the first is, and missing where it
// is.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_STATE_FILTER_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_STATE_FILTER_H_

#include <Eigen/Dense>
#include <vector>

namespace headway::evidence {

struct StructuralForm {
  // A random slope besides the random level.
  bool slope = false;
  // The season's length in periods; 1 for none.
  int season = 1;

  int states() const { return 1 + (slope ? 1 : 0) + season - 1; }
  int first_season() const { return slope ? 2 : 1; }
};

// Of the irregular and of the noise of each component; those that the form does
// not have are not read. A zero season variance is a fixed season.
struct StructuralVariances {
  double irregular = 0;
  double level = 0;
  double slope = 0;
  double season = 0;
};

// The distribution of the first state.
struct FirstState {
  Eigen::VectorXd mean;
  // Infinite for diffuse ones.
  Eigen::VectorXd variance;

  static FirstState Diffuse(const StructuralForm& form);
};

// Not thread-safe; holds its work space.
class StateFilter {
 public:
  explicit StateFilter(const StructuralForm& form) : form_(form) {}

  // `columns` is periods x columns: NaN in the first for a missing period,
  // finite elsewhere. Every column starts at the mean of `first`.
  void Run(const Eigen::MatrixXd& columns, const StructuralVariances& variances,
           const FirstState& first);

  // After Run: by period, the columns' errors one step ahead. A forecast of
  // several steps, where the periods before are missing.
  const Eigen::MatrixXd& errors() const { return errors_; }
  // Their variance; infinite while the state is not determined by the values.
  const Eigen::VectorXd& error_variances() const { return variances_; }
  // Periods that determined a diffuse state: they have no part in the sums of
  // squares, but the logarithm of their infinite variance has one in the
  // likelihood.
  bool is_diffuse(Eigen::Index period) const { return diffuse_[period]; }
  double log_infinite_variances() const { return log_infinite_; }
  // Whether the values determined all of the state.
  bool is_determined() const { return is_determined_; }

  // The covariance of the errors of two periods, first <= second, with no value
  // observed from the first to the second.
  double ErrorCovariance(Eigen::Index first, Eigen::Index second) const;

  // After Run: the mean of the states given all values of the first column less
  // `weights` times the others, states x periods.
  Eigen::MatrixXd SmoothedStates(const Eigen::VectorXd& weights);

 private:
  void Observe(Eigen::Index t);
  void Predict();
  // One step in time, and its transpose.
  void Move(Eigen::Ref<Eigen::VectorXd> state) const;
  void MoveBack(Eigen::VectorXd& pull) const;
  double Seen(const Eigen::VectorXd& state) const;
  void AddSeen(double amount, Eigen::VectorXd& pull) const;
  void MoveCovariance(Eigen::MatrixXd& covariance) const;
  void AddNoise(const Eigen::VectorXd& pull, Eigen::VectorXd& state) const;

  StructuralForm form_;
  StructuralVariances noise_;
  FirstState first_;
  Eigen::MatrixXd states_;      // state x column
  Eigen::MatrixXd covariance_;  // the finite part
  Eigen::MatrixXd infinite_;
  bool has_infinite_ = false;
  bool is_determined_ = false;
  double log_infinite_ = 0;

  Eigen::MatrixXd errors_;
  Eigen::VectorXd variances_;
  std::vector<char> diffuse_;
  std::vector<char> observed_;
  // By period: covariances of the state with its error, finite and infinite.
  Eigen::MatrixXd gains_;
  Eigen::MatrixXd infinite_gains_;
  Eigen::VectorXd finite_variances_;
  Eigen::VectorXd infinite_variances_;
};

// One step of the states in time without noise.
void MoveStates(const StructuralForm& form, Eigen::Ref<Eigen::VectorXd> state);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_STATE_FILTER_H_
