#include "daemon/evidence/differences/two_by_two.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

constexpr double kMostProbability = 0.999;

// A regression or logit: fitted values, and what each unit adds to the error of
// the coefficients.
struct Nuisance {
  Eigen::VectorXd fitted;
  Eigen::MatrixXd influence;  // units x coefficients
};

absl::StatusOr<Eigen::MatrixXd> Invert(const Eigen::MatrixXd& matrix,
                                       const char* what) {
  const Eigen::VectorXd scale =
      matrix.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd scaled =
      scale.asDiagonal() * matrix * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(scaled);
  if (!(solver.eigenvalues().minCoeff() > 1e-12)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the covariates are collinear or constant among the ",
                     what, " units; leave one out"));
  }
  const Eigen::MatrixXd inverse =
      solver.eigenvectors() * solver.eigenvalues().cwiseInverse().asDiagonal() *
      solver.eigenvectors().transpose();
  return Eigen::MatrixXd(scale.asDiagonal() * inverse * scale.asDiagonal());
}

absl::StatusOr<Nuisance> FitOutcome(const Eigen::MatrixXd& x,
                                    const TwoByTwo& input) {
  const Eigen::VectorXd weights = 1 - input.treated.array();
  const auto n = static_cast<double>(x.rows());
  const Eigen::MatrixXd weighted = weights.asDiagonal() * x;
  ASSIGN_OR_RETURN(const Eigen::MatrixXd inverse,
                   Invert(x.transpose() * weighted, "untreated"));
  const Eigen::VectorXd beta = inverse * (weighted.transpose() * input.change);
  Nuisance nuisance;
  nuisance.fitted = x * beta;
  const Eigen::VectorXd rest =
      weights.cwiseProduct(input.change - nuisance.fitted);
  nuisance.influence = rest.asDiagonal() * x * (inverse * n);
  return nuisance;
}

absl::Status NoOverlap() {
  return absl::FailedPreconditionError(
      "the covariates tell treated from untreated units nearly for sure: there "
      "is no overlap, and no weights; leave covariates out, or estimate by "
      "regression");
}

// A logit of being treated, by Newton's method.
absl::StatusOr<Nuisance> FitPropensity(const Eigen::MatrixXd& x,
                                       const TwoByTwo& input) {
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(x.cols());
  const auto n = static_cast<double>(x.rows());
  Nuisance nuisance;
  for (int step = 0; step < 50; ++step) {
    nuisance.fitted = (1 + (-(x * beta).array()).exp()).inverse().matrix();
    const Eigen::VectorXd weights =
        nuisance.fitted.array() * (1 - nuisance.fitted.array());
    ASSIGN_OR_RETURN(
        const Eigen::MatrixXd inverse,
        Invert(x.transpose() * (weights.asDiagonal() * x), "compared"));
    const Eigen::VectorXd rest = input.treated - nuisance.fitted;
    const Eigen::VectorXd move = inverse * (x.transpose() * rest);
    if (move.cwiseAbs().maxCoeff() < 1e-12 * (1 + beta.cwiseAbs().maxCoeff())) {
      nuisance.influence = rest.asDiagonal() * x * (inverse * n);
      for (int i = 0; i < x.rows(); ++i) {
        if (input.treated[i] == 0 && nuisance.fitted[i] > kMostProbability) {
          return NoOverlap();
        }
      }
      return nuisance;
    }
    beta += move;
    if ((x * beta).cwiseAbs().maxCoeff() > 500) return NoOverlap();
  }
  return NoOverlap();
}

// A weighted mean of values and the influence of each unit, weights given.
struct WeightedMean {
  double mean = 0;
  Eigen::ArrayXd influence;
};

WeightedMean MeanOf(const Eigen::ArrayXd& weights,
                    const Eigen::ArrayXd& values) {
  const double total = weights.mean();
  WeightedMean result;
  result.mean = (weights * values).mean() / total;
  result.influence = weights * (values - result.mean) / total;
  return result;
}

Eigen::VectorXd MomentOf(const Eigen::ArrayXd& weights,
                         const Eigen::MatrixXd& x) {
  return x.transpose() * weights.matrix() /
         (static_cast<double>(x.rows()) * 1.0);
}

TwoByTwoResult ByRegression(const TwoByTwo& input, const Eigen::MatrixXd& x,
                            const Nuisance& outcome) {
  const Eigen::ArrayXd d = input.treated.array();
  const WeightedMean mean = MeanOf(d, (input.change - outcome.fitted).array());
  const Eigen::VectorXd moment = MomentOf(d, x) / d.mean();
  return {mean.mean, mean.influence.matrix() - outcome.influence * moment};
}

TwoByTwoResult ByWeighting(const TwoByTwo& input, const Eigen::MatrixXd& x,
                           const Nuisance& score, const Nuisance* outcome) {
  const Eigen::ArrayXd d = input.treated.array();
  const Eigen::ArrayXd odds =
      score.fitted.array() / (1 - score.fitted.array()) * (1 - d);
  Eigen::ArrayXd values = input.change.array();
  if (outcome != nullptr) values -= outcome->fitted.array();
  const WeightedMean treated = MeanOf(d, values);
  const WeightedMean control = MeanOf(odds, values);
  const Eigen::VectorXd by_score =
      MomentOf(odds * (values - control.mean), x) / odds.mean();
  TwoByTwoResult result{treated.mean - control.mean,
                        (treated.influence - control.influence).matrix() -
                            score.influence * by_score};
  if (outcome != nullptr) {
    result.influence -= outcome->influence * (MomentOf(d, x) / d.mean() -
                                              MomentOf(odds, x) / odds.mean());
  }
  return result;
}

}  // namespace

absl::StatusOr<TwoByTwoResult> EstimateTwoByTwo(const TwoByTwo& input,
                                                Estimator estimator) {
  const double treated = input.treated.sum();
  const auto n = static_cast<double>(input.treated.size());
  if (treated < 1 || n - treated < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(treated, " treated and ", n - treated,
                     " untreated units are too few to compare; one and two "
                     "are the least"));
  }
  Eigen::MatrixXd x(input.treated.size(), 1 + input.covariates.cols());
  x.col(0).setOnes();
  x.rightCols(input.covariates.cols()) = input.covariates;
  if (estimator == Estimator::kRegression || x.cols() == 1) {
    ASSIGN_OR_RETURN(const Nuisance outcome, FitOutcome(x, input));
    return ByRegression(input, x, outcome);
  }
  ASSIGN_OR_RETURN(const Nuisance score, FitPropensity(x, input));
  if (estimator == Estimator::kWeighting) {
    return ByWeighting(input, x, score, nullptr);
  }
  ASSIGN_OR_RETURN(const Nuisance outcome, FitOutcome(x, input));
  return ByWeighting(input, x, score, &outcome);
}

}  // namespace headway::evidence
