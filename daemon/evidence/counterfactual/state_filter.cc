#include "daemon/evidence/counterfactual/state_filter.h"

#include <cmath>
#include <limits>

namespace headway::evidence {
namespace {

// Of an infinite variance that is not zero, where states start with one.
constexpr double kLeastInfinite = 1e-8;

}  // namespace

FirstState FirstState::Diffuse(const StructuralForm& form) {
  return {.mean = Eigen::VectorXd::Zero(form.states()),
          .variance = Eigen::VectorXd::Constant(
              form.states(), std::numeric_limits<double>::infinity())};
}

void MoveStates(const StructuralForm& form, Eigen::Ref<Eigen::VectorXd> state) {
  if (form.slope) state[0] += state[1];
  if (form.season < 2) return;
  const int first = form.first_season();
  const int count = form.season - 1;
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += state[first + i];
  for (int i = count - 1; i > 0; --i) state[first + i] = state[first + i - 1];
  state[first] = -sum;
}

void StateFilter::Move(Eigen::Ref<Eigen::VectorXd> state) const {
  MoveStates(form_, state);
}

void StateFilter::MoveBack(Eigen::VectorXd& pull) const {
  if (form_.slope) pull[1] += pull[0];
  if (form_.season < 2) return;
  const int first = form_.first_season();
  const int count = form_.season - 1;
  const double head = pull[first];
  for (int i = 0; i + 1 < count; ++i) {
    pull[first + i] = pull[first + i + 1] - head;
  }
  pull[first + count - 1] = -head;
}

double StateFilter::Seen(const Eigen::VectorXd& state) const {
  return form_.season < 2 ? state[0] : state[0] + state[form_.first_season()];
}

void StateFilter::AddSeen(double amount, Eigen::VectorXd& pull) const {
  pull[0] += amount;
  if (form_.season >= 2) pull[form_.first_season()] += amount;
}

void StateFilter::MoveCovariance(Eigen::MatrixXd& covariance) const {
  const Eigen::Index states = covariance.rows();
  if (states == 1) return;
  for (Eigen::Index i = 0; i < states; ++i) Move(covariance.col(i));
  covariance.transposeInPlace();
  for (Eigen::Index i = 0; i < states; ++i) Move(covariance.col(i));
}

void StateFilter::Run(const Eigen::MatrixXd& columns,
                      const StructuralVariances& variances,
                      const FirstState& first) {
  const Eigen::Index periods = columns.rows();
  const int states = form_.states();
  noise_ = variances;
  first_ = first;
  states_ = first.mean.replicate(1, columns.cols());
  covariance_.setZero(states, states);
  infinite_.setZero(states, states);
  for (int i = 0; i < states; ++i) {
    const bool diffuse = std::isinf(first.variance[i]);
    (diffuse ? infinite_ : covariance_)(i, i) = diffuse ? 1 : first.variance[i];
    has_infinite_ |= diffuse;
  }
  has_infinite_ = infinite_.diagonal().sum() > 0;
  log_infinite_ = 0;
  errors_ = columns;
  variances_.resize(periods);
  finite_variances_.resize(periods);
  infinite_variances_.setZero(periods);
  diffuse_.assign(periods, 0);
  observed_.assign(periods, 0);
  gains_.resize(states, periods);
  infinite_gains_.setZero(states, has_infinite_ ? periods : 0);
  for (Eigen::Index t = 0; t < periods; ++t) {
    Observe(t);
    if (t + 1 < periods) Predict();
  }
  is_determined_ =
      !has_infinite_ || infinite_.diagonal().maxCoeff() < kLeastInfinite;
}

void StateFilter::Observe(Eigen::Index t) {
  const int season = form_.season < 2 ? -1 : form_.first_season();
  auto gain = gains_.col(t);
  gain = covariance_.col(0);
  if (season >= 0) gain += covariance_.col(season);
  const auto seen = [season](const auto& state) {
    return season < 0 ? state[0] : state[0] + state[season];
  };
  for (Eigen::Index c = 0; c < errors_.cols(); ++c) {
    errors_(t, c) -= seen(states_.col(c));
  }
  const double finite = seen(gain) + noise_.irregular;
  finite_variances_[t] = finite;
  variances_[t] = finite;
  double infinite = 0;
  if (has_infinite_) {
    auto far = infinite_gains_.col(t);
    far = infinite_.col(0);
    if (season >= 0) far += infinite_.col(season);
    infinite = seen(far);
    if (infinite > kLeastInfinite) {
      variances_[t] = std::numeric_limits<double>::infinity();
    }
  }
  infinite_variances_[t] = infinite;
  observed_[t] = !std::isnan(errors_(t, 0));
  if (!observed_[t]) return;
  if (infinite > kLeastInfinite) {
    const auto far = infinite_gains_.col(t);
    diffuse_[t] = 1;
    log_infinite_ += std::log(infinite);
    states_.noalias() += far * (errors_.row(t) / infinite);
    covariance_.noalias() +=
        far * far.transpose() * (finite / infinite / infinite);
    covariance_.noalias() -= gain * far.transpose() / infinite;
    covariance_.noalias() -= far * gain.transpose() / infinite;
    infinite_.noalias() -= far * far.transpose() / infinite;
    if (infinite_.diagonal().maxCoeff() < kLeastInfinite) {
      has_infinite_ = false;
      infinite_.setZero();
    }
  } else if (finite > 0) {
    states_.noalias() += gain * (errors_.row(t) / finite);
    covariance_.noalias() -= gain * gain.transpose() / finite;
  }
}

void StateFilter::Predict() {
  for (Eigen::Index c = 0; c < states_.cols(); ++c) Move(states_.col(c));
  MoveCovariance(covariance_);
  if (has_infinite_) MoveCovariance(infinite_);
  covariance_(0, 0) += noise_.level;
  if (form_.slope) covariance_(1, 1) += noise_.slope;
  if (form_.season >= 2) {
    const int season = form_.first_season();
    covariance_(season, season) += noise_.season;
  }
}

double StateFilter::ErrorCovariance(Eigen::Index first,
                                    Eigen::Index second) const {
  if (first == second) return variances_[first];
  Eigen::VectorXd state = gains_.col(first);
  for (Eigen::Index t = first; t < second; ++t) Move(state);
  return Seen(state);
}

void StateFilter::AddNoise(const Eigen::VectorXd& pull,
                           Eigen::VectorXd& state) const {
  state[0] += noise_.level * pull[0];
  if (form_.slope) state[1] += noise_.slope * pull[1];
  if (form_.season >= 2) {
    const int season = form_.first_season();
    state[season] += noise_.season * pull[season];
  }
}

Eigen::MatrixXd StateFilter::SmoothedStates(const Eigen::VectorXd& weights) {
  const Eigen::Index periods = errors_.rows();
  const int states = form_.states();
  // Number t: the pull of the values after period t on the state of t + 1.
  Eigen::MatrixXd pulls(states, periods);
  Eigen::VectorXd pull = Eigen::VectorXd::Zero(states);
  Eigen::VectorXd far_pull = Eigen::VectorXd::Zero(states);
  for (Eigen::Index t = periods - 1; t >= 0; --t) {
    pulls.col(t) = pull;
    if (t + 1 < periods) {
      MoveBack(pull);
      MoveBack(far_pull);
    }
    if (!observed_[t]) continue;
    double error = errors_(t, 0);
    for (Eigen::Index i = 0; i < weights.size(); ++i) {
      error -= weights[i] * errors_(t, i + 1);
    }
    const double finite = finite_variances_[t];
    const double infinite = infinite_variances_[t];
    const auto gain = gains_.col(t);
    if (diffuse_[t]) {
      const auto far = infinite_gains_.col(t);
      const double near_part = gain.dot(pull) / infinite -
                               far.dot(pull) * finite / infinite / infinite;
      const double far_part = far.dot(far_pull) / infinite;
      AddSeen(error / infinite - far_part - near_part, far_pull);
      AddSeen(-far.dot(pull) / infinite, pull);
    } else if (finite > 0) {
      AddSeen((error - gain.dot(pull)) / finite, pull);
    }
  }
  Eigen::MatrixXd smoothed(states, periods);
  Eigen::VectorXd state = first_.mean;
  if (weights.size() > 0) state *= 1 - weights.sum();
  for (int i = 0; i < states; ++i) {
    state[i] += std::isinf(first_.variance[i]) ? far_pull[i]
                                               : first_.variance[i] * pull[i];
  }
  for (Eigen::Index t = 0; t < periods; ++t) {
    smoothed.col(t) = state;
    if (t + 1 == periods) break;
    Move(state);
    AddNoise(pulls.col(t), state);
  }
  return smoothed;
}

}  // namespace headway::evidence
