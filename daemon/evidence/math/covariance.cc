#include "daemon/evidence/math/covariance.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/forecast/math/student.h"

namespace headway::evidence {
namespace {

constexpr int kFewClusters = 30;

Eigen::MatrixXd Scores(const LinearFit& fit) {
  return fit.x.array().colwise() * fit.residuals.array();
}

Eigen::MatrixXd Sandwich(const LinearFit& fit, const Eigen::MatrixXd& meat) {
  return fit.gram_inverse * meat * fit.gram_inverse;
}

Eigen::MatrixXd SumBy(const Grouping& groups, const Eigen::MatrixXd& rows) {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(groups.count, rows.cols());
  for (size_t i = 0; i < groups.group.size(); ++i) {
    sums.row(groups.group[i]) += rows.row(static_cast<Eigen::Index>(i));
  }
  return sums;
}

// The diagonal of the hat matrix, effects included.
absl::StatusOr<Eigen::ArrayXd> Leverages(const LinearFit& fit) {
  if (fit.effects.size() > 1) {
    return absl::InvalidArgumentError(
        "HC2 and HC3 need leverages, which two sets of fixed effects do not "
        "give; choose HC1 or clusters, or give one set as dummies");
  }
  Eigen::ArrayXd leverage =
      (fit.x * fit.gram_inverse).cwiseProduct(fit.x).rowwise().sum();
  if (!fit.effects.empty()) {
    const Grouping& effect = fit.effects[0];
    std::vector<int> sizes(effect.count, 0);
    for (const int group : effect.group) ++sizes[group];
    for (int i = 0; i < fit.rows(); ++i) {
      leverage[i] += 1.0 / sizes[effect.group[i]];
    }
  }
  return leverage;
}

absl::Status EstimateHc(const LinearFit& fit, CovarianceKind kind,
                        Covariance& result) {
  Eigen::ArrayXd squares = fit.residuals.array().square();
  if (kind == CovarianceKind::kHc1) {
    squares *= static_cast<double>(fit.rows()) / fit.degrees();
  } else if (kind != CovarianceKind::kHc0) {
    ASSIGN_OR_RETURN(const Eigen::ArrayXd leverage, Leverages(fit));
    if ((leverage > 1 - 1e-10).any()) {
      return absl::FailedPreconditionError(
          "a row has a leverage of one, so that its residual is zero whatever "
          "its outcome: HC2 and HC3 do not exist; choose HC1");
    }
    squares /= kind == CovarianceKind::kHc2
                   ? Eigen::ArrayXd(1 - leverage)
                   : Eigen::ArrayXd((1 - leverage).square());
  }
  const Eigen::MatrixXd weighted = fit.x.array().colwise() * squares;
  result.matrix = Sandwich(fit, fit.x.transpose() * weighted);
  result.description = absl::StrCat(
      "heteroskedasticity-consistent, HC",
      static_cast<int>(kind) - static_cast<int>(CovarianceKind::kHc0));
  return absl::OkStatus();
}

// K as the correction counts it.
int CountedParameters(const LinearFit& fit, const CovarianceOptions& options) {
  if (fit.effects.empty() || options.correction == SmallSample::kAllEffects) {
    return fit.parameters();
  }
  int counted = fit.parameters();
  for (const Grouping& effect : fit.effects) {
    for (const Grouping& clusters : options.clusters) {
      if (!IsNested(effect, clusters)) continue;
      counted -= effect.count - 1;
      break;
    }
  }
  return std::max(counted, fit.slopes() + 1);
}

double ClusterFactor(const LinearFit& fit, const CovarianceOptions& options,
                     int clusters) {
  const double g = clusters;
  const double groups = g / (g - 1);
  switch (options.correction) {
    case SmallSample::kNone:
    case SmallSample::kLeverageHalf:
    case SmallSample::kLeverageFull:
      return 1;
    case SmallSample::kGroups:
      return groups;
    case SmallSample::kStata:
    case SmallSample::kFixest:
    case SmallSample::kAllEffects:
      break;
  }
  const double n = fit.rows();
  return groups * (n - 1) / (n - CountedParameters(fit, options));
}

// The residuals of each cluster, multiplied by (I - H_gg) to the power of -1/2
// or -1.
absl::StatusOr<Eigen::MatrixXd> InflatedSums(const LinearFit& fit,
                                             const Grouping& clusters,
                                             bool half) {
  std::vector<std::vector<int>> members(clusters.count);
  for (int i = 0; i < fit.rows(); ++i) {
    members[clusters.group[i]].push_back(i);
  }
  Eigen::MatrixXd sums(clusters.count, fit.slopes());
  for (int g = 0; g < clusters.count; ++g) {
    const Eigen::MatrixXd x = fit.x(members[g], Eigen::all);
    const Eigen::VectorXd residuals = fit.residuals(members[g]);
    const Eigen::MatrixXd rest = Eigen::MatrixXd::Identity(x.rows(), x.rows()) -
                                 x * fit.gram_inverse * x.transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(rest);
    if (solver.eigenvalues().minCoeff() < 1e-10) {
      return absl::FailedPreconditionError(absl::StrCat(
          "cluster ", g + 1, " of ", clusters.name,
          " alone decides a coefficient, so that leverage corrections do not "
          "exist; choose another small-sample correction"));
    }
    const Eigen::VectorXd powers =
        solver.eigenvalues().array().pow(half ? -0.5 : -1.0);
    sums.row(g) = (solver.eigenvectors() * powers.asDiagonal() *
                   solver.eigenvectors().transpose() * residuals)
                      .transpose() *
                  x;
  }
  return sums;
}

absl::StatusOr<Eigen::MatrixXd> ClusterMeat(const LinearFit& fit,
                                            const CovarianceOptions& options,
                                            const Grouping& clusters) {
  const bool half = options.correction == SmallSample::kLeverageHalf;
  if (!half && options.correction != SmallSample::kLeverageFull) {
    const Eigen::MatrixXd sums = SumBy(clusters, Scores(fit));
    return Eigen::MatrixXd(sums.transpose() * sums);
  }
  if (!fit.effects.empty()) {
    return absl::InvalidArgumentError(
        "leverage corrections of clusters are not there with fixed effects; "
        "give the effects as dummies or choose another correction");
  }
  ASSIGN_OR_RETURN(const Eigen::MatrixXd sums,
                   InflatedSums(fit, clusters, half));
  return Eigen::MatrixXd(sums.transpose() * sums);
}

absl::Status CheckClusters(const LinearFit& fit,
                           const std::vector<Grouping>& clusters,
                           Covariance& result) {
  if (clusters.empty() || clusters.size() > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("a clustered covariance needs one or two sets of "
                     "clusters, not ",
                     clusters.size()));
  }
  for (const Grouping& one : clusters) {
    if (static_cast<int>(one.group.size()) != fit.rows()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the clusters ", one.name, " have ", one.group.size(),
                       " rows, but the model has ", fit.rows()));
    }
    if (one.count < 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          one.name, " has ", one.count,
          " clusters; with fewer than three nothing can be said of how they "
          "vary: cluster by something finer, or use randomisation inference"));
    }
    if (one.count < kFewClusters) {
      result.warnings.push_back(absl::StrCat(
          one.name, " has ", one.count,
          " clusters: with fewer than about 30 their standard errors are too "
          "small; use a leverage correction or the wild cluster bootstrap"));
    }
    result.clusters.push_back(one.count);
  }
  return absl::OkStatus();
}

// Negative eigenvalues become zero (Cameron, Gelbach and Miller 2011).
void MakeSemidefinite(Covariance& result) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(result.matrix);
  const double largest = solver.eigenvalues().cwiseAbs().maxCoeff();
  if (solver.eigenvalues().minCoeff() >= -1e-12 * largest) return;
  result.matrix = solver.eigenvectors() *
                  solver.eigenvalues().cwiseMax(0).asDiagonal() *
                  solver.eigenvectors().transpose();
  result.warnings.push_back(
      "the two-way clustered covariance had a negative eigenvalue, which was "
      "set to zero");
}

std::string CorrectionName(SmallSample correction) {
  switch (correction) {
    case SmallSample::kNone:
      return "no small-sample correction";
    case SmallSample::kGroups:
      return "correction G/(G-1)";
    case SmallSample::kStata:
      return "correction G/(G-1) (N-1)/(N-K), nested effects not counted in K";
    case SmallSample::kFixest:
      return "fixest's correction, least G/(G-1) (N-1)/(N-K), nested effects "
             "not counted in K";
    case SmallSample::kAllEffects:
      return "correction G/(G-1) (N-1)/(N-K), every effect counted in K";
    case SmallSample::kLeverageHalf:
      return "leverage correction HC2";
    case SmallSample::kLeverageFull:
      break;
  }
  return "leverage correction HC3";
}

absl::Status EstimateCluster(const LinearFit& fit,
                             const CovarianceOptions& options,
                             Covariance& result) {
  RETURN_IF_ERROR(CheckClusters(fit, options.clusters, result));
  const int least =
      *std::min_element(result.clusters.begin(), result.clusters.end());
  std::vector<Grouping> all = options.clusters;
  if (all.size() == 2) all.push_back(Intersect(all[0], all[1]));
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(fit.slopes(), fit.slopes());
  for (size_t i = 0; i < all.size(); ++i) {
    ASSIGN_OR_RETURN(const Eigen::MatrixXd part,
                     ClusterMeat(fit, options, all[i]));
    const bool shared = options.correction == SmallSample::kFixest;
    meat += (i == 2 ? -1 : 1) *
            ClusterFactor(fit, options, shared ? least : all[i].count) * part;
  }
  result.matrix = Sandwich(fit, meat);
  if (all.size() > 1) MakeSemidefinite(result);
  result.degrees = least - 1;
  result.description = absl::StrCat(
      "clustered by ", all[0].name, " (", all[0].count, ")",
      all.size() > 1
          ? absl::StrCat(" and ", all[1].name, " (", all[1].count, ")")
          : "",
      ", ", CorrectionName(options.correction));
  return absl::OkStatus();
}

// An intercept has no say in the bandwidth.
Eigen::VectorXd ColumnWeights(const LinearFit& fit) {
  Eigen::VectorXd weights = Eigen::VectorXd::Ones(fit.slopes());
  if (fit.slopes() > 1 && fit.names[0] == "(Intercept)") weights[0] = 0;
  return weights;
}

absl::Status EstimateHac(const LinearFit& fit, const CovarianceOptions& options,
                         Covariance& result) {
  ASSIGN_OR_RETURN(
      const LongRun run,
      LongRunCovariance(Scores(fit), ColumnWeights(fit), options.hac));
  const bool adjust = options.correction != SmallSample::kNone;
  const double factor =
      adjust ? static_cast<double>(fit.rows()) / fit.degrees() : 1;
  result.matrix = factor * Sandwich(fit, run.sum);
  result.bandwidth = run.bandwidth;
  result.description = absl::StrCat(
      "autocorrelation-consistent, bandwidth ", run.bandwidth,
      options.hac.prewhiten ? ", prewhitened" : "",
      adjust ? ", correction N/(N-K)" : ", no small-sample correction");
  return absl::OkStatus();
}

absl::Status EstimateDriscollKraay(const LinearFit& fit,
                                   const CovarianceOptions& options,
                                   Covariance& result) {
  const Grouping& periods = options.periods;
  if (static_cast<int>(periods.group.size()) != fit.rows() ||
      periods.count < 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Driscoll and Kraay's covariance needs the period of each of the ",
        fit.rows(), " rows and four periods or more; there are ",
        periods.group.size(), " rows and ", periods.count, " periods"));
  }
  const int lags = options.lags.value_or(
      static_cast<int>(std::floor(std::pow(periods.count, 0.25) + 1e-12)));
  HacOptions hac;
  hac.bandwidth = lags + 1;
  ASSIGN_OR_RETURN(
      const LongRun run,
      LongRunCovariance(SumBy(periods, Scores(fit)), ColumnWeights(fit), hac));
  const bool adjust = options.correction != SmallSample::kNone;
  const double factor =
      adjust ? static_cast<double>(fit.rows()) / fit.degrees() : 1;
  result.matrix = factor * Sandwich(fit, run.sum);
  result.bandwidth = lags + 1;
  result.degrees = periods.count - 1;
  result.clusters = {periods.count};
  result.description = absl::StrCat(
      "Driscoll and Kraay, ", periods.count, " periods, ", lags, " lags",
      adjust ? ", correction N/(N-K)" : ", no small-sample correction");
  if (periods.count < 20) {
    result.warnings.push_back(absl::StrCat(
        "Driscoll and Kraay's covariance rests on many periods; with ",
        periods.count, " it is too small"));
  }
  return absl::OkStatus();
}

}  // namespace

double Covariance::StandardError(int coefficient) const {
  return std::sqrt(std::max(0.0, matrix(coefficient, coefficient)));
}

absl::StatusOr<Covariance> EstimateCovariance(
    const LinearFit& fit, const CovarianceOptions& options) {
  Covariance result;
  result.degrees = fit.degrees();
  switch (options.kind) {
    case CovarianceKind::kClassical:
      result.matrix = fit.variance() * fit.gram_inverse;
      result.description = "classical, equal variances and no correlation";
      break;
    case CovarianceKind::kHc0:
    case CovarianceKind::kHc1:
    case CovarianceKind::kHc2:
    case CovarianceKind::kHc3:
      RETURN_IF_ERROR(EstimateHc(fit, options.kind, result));
      break;
    case CovarianceKind::kCluster:
      RETURN_IF_ERROR(EstimateCluster(fit, options, result));
      break;
    case CovarianceKind::kHac:
      RETURN_IF_ERROR(EstimateHac(fit, options, result));
      break;
    case CovarianceKind::kDriscollKraay:
      RETURN_IF_ERROR(EstimateDriscollKraay(fit, options, result));
      break;
  }
  return result;
}

CoefficientTest TestCoefficient(double estimate, double standard_error,
                                double degrees, double level) {
  CoefficientTest test{estimate, standard_error};
  const double margin =
      standard_error * forecast::StudentQuantile((1 + level) / 2, degrees);
  test.low = estimate - margin;
  test.high = estimate + margin;
  if (!(standard_error > 0)) {
    test.t = std::nan("");
    test.p = std::nan("");
    return test;
  }
  test.t = estimate / standard_error;
  test.p = FUpperTail(test.t * test.t, 1, degrees);
  return test;
}

absl::StatusOr<WaldTest> TestZero(const Eigen::VectorXd& coefficients,
                                  const Covariance& covariance,
                                  const std::vector<int>& places) {
  const Eigen::MatrixXd part = covariance.matrix(places, places);
  const Eigen::VectorXd beta = coefficients(places);
  const Eigen::FullPivLU<Eigen::MatrixXd> lu(part);
  if (places.empty() || !lu.isInvertible()) {
    return absl::FailedPreconditionError(
        "the covariance of the coefficients that are tested together is "
        "singular: there are more of them than clusters, or none");
  }
  WaldTest test;
  test.degrees1 = static_cast<int>(places.size());
  test.degrees2 = covariance.degrees;
  test.f = beta.dot(lu.solve(beta)) / test.degrees1;
  test.p = FUpperTail(test.f, test.degrees1, test.degrees2);
  return test;
}

}  // namespace headway::evidence
