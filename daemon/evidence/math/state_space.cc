#include "daemon/evidence/math/state_space.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

// An observation whose variance is below this part of the states' says nothing
// that was not known.
constexpr double kNoNews = 1e-14;

// What the filter knew when it took one observation.
struct Update {
  Eigen::Index series = 0;
  double error = 0;
  double variance = 0;
  Eigen::VectorXd gain;  // P z / variance
};

struct PeriodRecord {
  Eigen::VectorXd state;  // predicted
  Eigen::MatrixXd covariance;
  std::vector<Update> updates;
};

class Filter {
 public:
  explicit Filter(const StateSpace& model)
      : model_(model), state_(model.state0), covariance_(model.covariance0) {}

  void Predict() {
    state_ = model_.transition * state_;
    if (model_.intercept.size() > 0) state_ += model_.intercept;
    covariance_ =
        model_.transition * covariance_ * model_.transition.transpose() +
        model_.shock_covariance;
    covariance_ = (0.5 * (covariance_ + covariance_.transpose())).eval();
  }

  PeriodRecord Take(const Eigen::MatrixXd& observations, Eigen::Index period) {
    PeriodRecord record{state_, covariance_, {}};
    for (Eigen::Index i = 0; i < model_.series(); ++i) {
      const double value = observations(period, i);
      if (!std::isnan(value)) TakeOne(i, value, record);
    }
    return record;
  }

  double log_likelihood() const { return log_likelihood_; }

 private:
  void TakeOne(Eigen::Index series, double value, PeriodRecord& record) {
    const auto z = model_.design.row(series);
    const Eigen::VectorXd pz = covariance_ * z.transpose();
    const double variance = z.dot(pz) + model_.observation_variance[series];
    const double scale =
        z.cwiseAbs2().dot(record.covariance.diagonal().transpose()) +
        model_.observation_variance[series];
    if (!(variance > kNoNews * scale)) return;
    const double error = value - z.dot(state_);
    log_likelihood_ -=
        0.5 * (std::log(2 * M_PI * variance) + error * error / variance);
    Update update{series, error, variance, pz / variance};
    state_ += update.gain * error;
    covariance_ -= update.gain * pz.transpose();
    record.updates.push_back(std::move(update));
  }

  const StateSpace& model_;
  Eigen::VectorXd state_;
  Eigen::MatrixXd covariance_;
  double log_likelihood_ = 0;
};

// Runs backwards: r and N of Durbin and Koopman 2012, 6.4.
class Backwards {
 public:
  explicit Backwards(const StateSpace& model)
      : model_(model),
        r_(Eigen::VectorXd::Zero(model.states())),
        n_(Eigen::MatrixXd::Zero(model.states(), model.states())) {}

  // From after a period to before it. With `lag` not null, that becomes what
  // the covariance with the period before is computed from: the product
  // L' (I - N P) of this period and the next.
  void PassUpdates(const PeriodRecord& record, bool covariances) {
    for (size_t i = record.updates.size(); i-- > 0;) {
      const Update& update = record.updates[i];
      const Eigen::VectorXd z = model_.design.row(update.series).transpose();
      r_ += z * (update.error / update.variance - update.gain.dot(r_));
      if (!covariances) continue;
      const Eigen::VectorXd nk = n_ * update.gain;
      const double knk = update.gain.dot(nk);
      n_ += (1 / update.variance + knk) * z * z.transpose() -
            z * nk.transpose() - nk * z.transpose();
    }
  }

  void PassTransition(bool covariances) {
    r_ = model_.transition.transpose() * r_;
    if (!covariances) return;
    n_ = model_.transition.transpose() * n_ * model_.transition;
    n_ = (0.5 * (n_ + n_.transpose())).eval();
  }

  const Eigen::VectorXd& r() const { return r_; }
  const Eigen::MatrixXd& n() const { return n_; }

 private:
  const StateSpace& model_;
  Eigen::VectorXd r_;
  Eigen::MatrixXd n_;
};

// P_t L_t', where L_t takes the error of the predicted state to that of the
// next.
Eigen::MatrixXd CarriedCovariance(const StateSpace& model,
                                  const PeriodRecord& record) {
  // P (I - z k')(I - z k') ... from the first update to the last.
  Eigen::MatrixXd carried = record.covariance;
  for (const Update& update : record.updates) {
    const Eigen::VectorXd pz =
        carried * model.design.row(update.series).transpose();
    carried -= pz * update.gain.transpose();
  }
  return carried * model.transition.transpose();
}

absl::Status CheckShape(absl::string_view name, const Eigen::MatrixXd& matrix,
                        Eigen::Index rows, Eigen::Index columns) {
  if (matrix.rows() != rows || matrix.cols() != columns) {
    return absl::InvalidArgumentError(
        absl::StrCat("state space: ", name, " is ", matrix.rows(), " x ",
                     matrix.cols(), ", not ", rows, " x ", columns));
  }
  if (!matrix.allFinite()) {
    return absl::InvalidArgumentError(
        absl::StrCat("state space: ", name, " has a value that is no number"));
  }
  return absl::OkStatus();
}

absl::Status CheckObservations(const StateSpace& model,
                               const Eigen::MatrixXd& observations) {
  if (observations.cols() != model.series()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", model.series(), " series, the table ",
                     observations.cols(), "; give the same"));
  }
  if (observations.array().isInf().any()) {
    return absl::InvalidArgumentError("an observation is infinite");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStateSpace(const StateSpace& model) {
  const Eigen::Index m = model.transition.rows();
  const Eigen::Index n = model.design.rows();
  RETURN_IF_ERROR(CheckShape("transition", model.transition, m, m));
  RETURN_IF_ERROR(CheckShape("design", model.design, n, m));
  RETURN_IF_ERROR(
      CheckShape("observation variance", model.observation_variance, n, 1));
  RETURN_IF_ERROR(CheckShape("shock covariance", model.shock_covariance, m, m));
  RETURN_IF_ERROR(CheckShape("initial state", model.state0, m, 1));
  RETURN_IF_ERROR(CheckShape("initial covariance", model.covariance0, m, m));
  if (model.intercept.size() > 0) {
    RETURN_IF_ERROR(CheckShape("intercept", model.intercept, m, 1));
  }
  if (n == 0 || m == 0) {
    return absl::InvalidArgumentError("state space: no series or no states");
  }
  if (model.observation_variance.minCoeff() < 0 ||
      model.shock_covariance.diagonal().minCoeff() < 0 ||
      model.covariance0.diagonal().minCoeff() < 0) {
    return absl::InvalidArgumentError("state space: a variance is below zero");
  }
  return absl::OkStatus();
}

absl::StatusOr<Smoothed> Smooth(const StateSpace& model,
                                const Eigen::MatrixXd& observations,
                                const SmootherOptions& options) {
  RETURN_IF_ERROR(CheckStateSpace(model));
  RETURN_IF_ERROR(CheckObservations(model, observations));
  const Eigen::Index periods = observations.rows();
  const Eigen::Index m = model.states();
  Filter filter(model);
  std::vector<PeriodRecord> records;
  Smoothed result;
  result.predicted.resize(m, periods);
  for (Eigen::Index t = 0; t < periods; ++t) {
    filter.Predict();
    records.push_back(filter.Take(observations, t));
    result.predicted.col(t) = records.back().state;
  }
  result.log_likelihood = filter.log_likelihood();
  if (!std::isfinite(result.log_likelihood)) {
    return absl::InvalidArgumentError(
        "the state space model and its observations give no likelihood");
  }
  result.states.resize(m, periods);
  if (options.covariances) {
    result.covariances.resize(periods);
    result.lag_covariances.resize(periods);
  }
  Backwards backwards(model);
  for (Eigen::Index t = periods; t-- > 0;) {
    const PeriodRecord& record = records[t];
    if (options.covariances && t + 1 < periods) {
      // N is that of the next period here, before this one's transition.
      const Eigen::MatrixXd& next = records[t + 1].covariance;
      result.lag_covariances[t + 1] =
          (CarriedCovariance(model, record) *
           (Eigen::MatrixXd::Identity(m, m) - backwards.n() * next))
              .transpose();
    }
    backwards.PassTransition(options.covariances);
    backwards.PassUpdates(record, options.covariances);
    result.states.col(t) = record.state + record.covariance * backwards.r();
    if (!options.covariances) continue;
    result.covariances[t] = record.covariance - record.covariance *
                                                    backwards.n() *
                                                    record.covariance;
  }
  return result;
}

absl::StatusOr<Eigen::MatrixXd> StationaryCovariance(
    const Eigen::MatrixXd& transition,
    const Eigen::MatrixXd& shock_covariance) {
  constexpr int kDoublings = 60;
  Eigen::MatrixXd sum = shock_covariance;
  Eigen::MatrixXd power = transition;
  for (int i = 0; i < kDoublings; ++i) {
    const Eigen::MatrixXd more = power * sum * power.transpose();
    sum += more;
    power = (power * power).eval();
    if (!sum.allFinite()) break;
    if (more.cwiseAbs().maxCoeff() <= 1e-16 * sum.cwiseAbs().maxCoeff()) {
      return sum;
    }
  }
  return absl::InvalidArgumentError(
      "the states are not stationary: a root of the transition is 1 or more");
}

}  // namespace headway::evidence
