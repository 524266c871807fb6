#include "daemon/evidence/math/full_rank.h"

#include "absl/strings/str_cat.h"

namespace headway::evidence {
namespace {

constexpr double kCollinear = 1e-10;

}  // namespace

absl::StatusOr<LeastSquares> SolveFullRank(
    const Eigen::MatrixXd& regressors, const Eigen::MatrixXd& targets,
    const std::vector<std::string>& columns) {
  const Eigen::Index n = regressors.rows();
  const Eigen::Index m = regressors.cols();
  if (n <= m) {
    return absl::InvalidArgumentError(absl::StrCat(
        n, " observations are too few for ", m,
        " coefficients; use fewer lags or series, or a longer sample"));
  }
  Eigen::VectorXd lengths = regressors.colwise().norm();
  for (Eigen::Index j = 0; j < m; ++j) {
    if (lengths[j] > 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        columns[j], " is zero in every observation; leave it out"));
  }
  const Eigen::VectorXd scale = lengths.cwiseInverse();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(regressors *
                                                 scale.asDiagonal());
  qr.setThreshold(kCollinear);
  if (qr.rank() < m) {
    const Eigen::Index column = qr.colsPermutation().indices()[m - 1];
    return absl::InvalidArgumentError(
        absl::StrCat(columns[column],
                     " is a linear combination of the other regressors, so "
                     "that no coefficient follows; leave one of them out"));
  }
  LeastSquares result;
  result.coefficients = scale.asDiagonal() * qr.solve(targets);
  result.residuals = targets - regressors * result.coefficients;
  const Eigen::MatrixXd r_inverse =
      qr.matrixR().topLeftCorner(m, m).triangularView<Eigen::Upper>().solve(
          Eigen::MatrixXd::Identity(m, m));
  const Eigen::MatrixXd half =
      scale.asDiagonal() * (qr.colsPermutation() * r_inverse);
  result.gram_inverse = half * half.transpose();
  return result;
}

}  // namespace headway::evidence
