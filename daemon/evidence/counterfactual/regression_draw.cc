#include "daemon/evidence/counterfactual/regression_draw.h"

#include <algorithm>
#include <cmath>

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd PartOf(const MatrixXd& matrix, const std::vector<Index>& in) {
  return matrix(in, in);
}

double LogDeterminantOfRoot(const MatrixXd& root) {
  double sum = 0;
  for (Index i = 0; i < root.rows(); ++i) sum += std::log(root(i, i));
  return 2 * sum;
}

}  // namespace

RegressionDraw::RegressionDraw(const MatrixXd& regressors,
                               const RegressionPrior& prior)
    : prior_(prior),
      regressors_(regressors),
      in_(regressors.cols(), 1),
      coefficients_(VectorXd::Zero(regressors.cols())),
      variance_(1 - prior.expected_r2) {
  cross_ = regressors.transpose() * regressors;
  const double weight =
      prior.information / static_cast<double>(regressors.rows());
  prior_precision_ = weight * (1 - prior.diagonal) * cross_;
  prior_precision_.diagonal() += weight * prior.diagonal * cross_.diagonal();
  if (prior.expected_size) {
    const double share =
        *prior.expected_size / static_cast<double>(regressors.cols());
    log_odds_ = share >= 1 ? INFINITY : std::log(share / (1 - share));
  }
}

RegressionDraw::Posterior RegressionDraw::Given(
    const std::vector<char>& in) const {
  Posterior posterior;
  for (Index i = 0; i < cross_.rows(); ++i) {
    if (in[i]) posterior.in.push_back(i);
  }
  posterior.squares =
      prior_.degrees * (1 - prior_.expected_r2) + target_squares_;
  const double degrees =
      prior_.degrees + static_cast<double>(regressors_.rows());
  if (!posterior.in.empty()) {
    const MatrixXd before = PartOf(prior_precision_, posterior.in);
    const MatrixXd precision = before + PartOf(cross_, posterior.in);
    const Eigen::LLT<MatrixXd> factor(precision);
    const VectorXd product = product_(posterior.in);
    posterior.root = factor.matrixL();
    posterior.mean = factor.solve(product);
    posterior.squares =
        std::max(posterior.squares - posterior.mean.dot(product), 1e-300);
    posterior.log_density =
        0.5 * (LogDeterminantOfRoot(Eigen::LLT<MatrixXd>(before).matrixL()) -
               LogDeterminantOfRoot(posterior.root));
  }
  posterior.log_density += -0.5 * degrees * std::log(posterior.squares);
  return posterior;
}

void RegressionDraw::Choose(RandomStream& random, Posterior& posterior) {
  if (!prior_.expected_size || std::isinf(log_odds_)) return;
  for (size_t i = 0; i < in_.size(); ++i) {
    std::vector<char> other_in = in_;
    other_in[i] = !in_[i];
    Posterior other = Given(other_in);
    const double gain = other.log_density - posterior.log_density +
                        (other_in[i] ? log_odds_ : -log_odds_);
    if (std::log(random.Uniform()) < -std::log1p(std::exp(-gain))) {
      in_ = other_in;
      posterior = std::move(other);
    }
  }
}

void RegressionDraw::Draw(const VectorXd& target, RandomStream& random) {
  product_ = regressors_.transpose() * target;
  target_squares_ = target.squaredNorm();
  Posterior posterior = Given(in_);
  Choose(random, posterior);
  const double degrees = prior_.degrees + static_cast<double>(target.size());
  const double most = prior_.most_deviation * prior_.most_deviation;
  variance_ =
      1 / random.GammaAbove(degrees / 2, posterior.squares / 2, 1 / most);
  coefficients_.setZero();
  if (posterior.in.empty()) return;
  VectorXd noise(posterior.mean.size());
  for (double& value : noise) value = random.Normal();
  const VectorXd drawn =
      posterior.mean +
      std::sqrt(variance_) *
          posterior.root.transpose().triangularView<Eigen::Upper>().solve(
              noise);
  for (size_t i = 0; i < posterior.in.size(); ++i) {
    coefficients_[posterior.in[i]] = drawn[static_cast<Index>(i)];
  }
}

}  // namespace headway::evidence
