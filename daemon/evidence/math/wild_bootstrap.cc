#include "daemon/evidence/math/wild_bootstrap.h"

#include <array>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

// What of a draw is the same for all: everything in sums over clusters, so that
// a draw costs clusters times regressors and not rows.
struct WildSums {
  Eigen::MatrixXd moves;  // (x'x)^-1 x_g'u_g, regressors x clusters
  Eigen::MatrixXd heads;  // z'x_g, regressors x clusters, z = x (x'x)^-1 e_j
  Eigen::VectorXd tails;  // z_g'u_g
  int place = 0;
};

Eigen::VectorXd RestrictedResiduals(const LinearFit& fit, int place) {
  if (fit.slopes() == 1) return fit.y;
  Eigen::MatrixXd x(fit.rows(), fit.slopes() - 1);
  x.leftCols(place) = fit.x.leftCols(place);
  x.rightCols(fit.slopes() - 1 - place) =
      fit.x.rightCols(fit.slopes() - 1 - place);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(x);
  return fit.y - x * qr.solve(fit.y);
}

WildSums MakeSums(const LinearFit& fit, int place, const Grouping& clusters,
                  const Eigen::VectorXd& residuals) {
  const int k = fit.slopes();
  WildSums sums{Eigen::MatrixXd::Zero(k, clusters.count),
                Eigen::MatrixXd::Zero(k, clusters.count),
                Eigen::VectorXd::Zero(clusters.count), place};
  const Eigen::VectorXd z = fit.x * fit.gram_inverse.col(place);
  for (int i = 0; i < fit.rows(); ++i) {
    const int g = clusters.group[i];
    sums.moves.col(g) += residuals[i] * fit.x.row(i).transpose();
    sums.heads.col(g) += z[i] * fit.x.row(i).transpose();
    sums.tails[g] += z[i] * residuals[i];
  }
  sums.moves = fit.gram_inverse * sums.moves;
  return sums;
}

// The t statistic of the outcome whose restricted residuals are multiplied.
double DrawnT(const WildSums& sums, const Eigen::VectorXd& weights) {
  const Eigen::VectorXd move = sums.moves * weights;
  const Eigen::VectorXd scores =
      sums.tails.cwiseProduct(weights) - sums.heads.transpose() * move;
  const double spread = scores.norm();
  return spread > 0 ? move[sums.place] / spread : 0;
}

double WildWeight(WildWeights kind, uint64_t seed, uint64_t counter) {
  const double u = forecast::UniformAt(seed, counter);
  if (kind == WildWeights::kRademacher) return u < 0.5 ? -1 : 1;
  static constexpr std::array<double, 6> kPoints = {-1.5, -1.0, -0.5,
                                                    0.5,  1.0,  1.5};
  const double point = kPoints[static_cast<size_t>(u * 6)];
  return std::copysign(std::sqrt(std::abs(point)), point);
}

absl::Status CheckWild(const LinearFit& fit, int place,
                       const Grouping& clusters) {
  if (place < 0 || place >= fit.slopes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no coefficient ", place, "; there are ", fit.slopes()));
  }
  if (clusters.count < 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(clusters.name, " has ", clusters.count,
                     " clusters; a bootstrap of fewer than three says "
                     "nothing: use randomisation inference"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WildTest> WildClusterTest(const LinearFit& fit, int place,
                                         const Grouping& clusters,
                                         const WildOptions& options) {
  if (absl::Status status = CheckWild(fit, place, clusters); !status.ok()) {
    return status;
  }
  const WildSums sums =
      MakeSums(fit, place, clusters, RestrictedResiduals(fit, place));
  const int g = clusters.count;
  WildTest test;
  test.weights = options.weights;
  test.seed = options.seed;
  test.enumerated = options.weights == WildWeights::kRademacher && g < 31 &&
                    (int64_t{1} << g) <= options.replications;
  test.draws = test.enumerated ? 1 << g : options.replications;
  Eigen::VectorXd weights = Eigen::VectorXd::Ones(g);
  test.t = DrawnT(sums, weights);
  int extreme = 0;
  for (int draw = 0; draw < test.draws; ++draw) {
    for (int c = 0; c < g; ++c) {
      weights[c] = test.enumerated
                       ? ((draw >> c) % 2 == 0 ? 1.0 : -1.0)
                       : WildWeight(options.weights, options.seed,
                                    static_cast<uint64_t>(draw) * g + c + 1);
    }
    extreme +=
        std::abs(DrawnT(sums, weights)) >= std::abs(test.t) * (1 - 1e-10);
  }
  // All signs turned give the same |t|: the data's own vector and its mirror.
  test.p = test.enumerated ? static_cast<double>(extreme) / test.draws
                           : (extreme + 1.0) / (test.draws + 1.0);
  test.least_p = test.enumerated ? 2.0 / test.draws : 1.0 / (test.draws + 1.0);
  return test;
}

}  // namespace headway::evidence
