#include "daemon/evidence/var/granger.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/evidence/math/full_rank.h"

namespace headway::evidence {
namespace {

using Indices = std::vector<Eigen::Index>;

FTest MakeF(double f, double degrees1, double degrees2) {
  return {f, degrees1, degrees2, FUpperTail(f, degrees1, degrees2)};
}

ChiSquaredTest MakeChiSquared(double statistic, double degrees) {
  return {statistic, degrees, ChiSquaredUpperTail(statistic, degrees)};
}

// Of the hypothesis that the coefficients are zero.
double WaldStatistic(const Eigen::VectorXd& coefficients,
                     const Eigen::MatrixXd& covariance) {
  return coefficients.dot(covariance.ldlt().solve(coefficients));
}

// Rows of the coefficients that belong to `cause`, for lags 1 to `lags`.
Indices CauseRows(int series, int cause, int lags) {
  Indices rows;
  for (int lag = 0; lag < lags; ++lag) rows.push_back(lag * series + cause);
  return rows;
}

// Newey and West's covariance of the coefficients of one equation.
Eigen::MatrixXd HacCovariance(const Eigen::MatrixXd& design,
                              const Eigen::VectorXd& residuals,
                              const Eigen::MatrixXd& gram_inverse, int lags) {
  const Eigen::MatrixXd scores = residuals.asDiagonal() * design;
  const Eigen::Index n = scores.rows();
  Eigen::MatrixXd meat = scores.transpose() * scores;
  for (int lag = 1; lag <= lags; ++lag) {
    const double weight = 1 - lag / (lags + 1.0);
    const Eigen::MatrixXd product =
        scores.bottomRows(n - lag).transpose() * scores.topRows(n - lag);
    meat += weight * (product + product.transpose());
  }
  const double correction =
      static_cast<double>(n) / static_cast<double>(n - design.cols());
  return correction * gram_inverse * meat * gram_inverse;
}

absl::StatusOr<System> PairOf(const System& system, absl::string_view cause,
                              absl::string_view effect) {
  ASSIGN_OR_RETURN(const int from, SeriesIndex(system, cause));
  ASSIGN_OR_RETURN(const int to, SeriesIndex(system, effect));
  if (from == to) {
    return absl::InvalidArgumentError(absl::StrCat(
        cause, " is named as cause and as effect; name two series"));
  }
  System pair;
  pair.names = {std::string(effect), std::string(cause)};
  pair.values.resize(system.periods(), 2);
  pair.values.col(0) = system.values.col(to);
  pair.values.col(1) = system.values.col(from);
  return pair;
}

// The residual sum of squares of `effect` on its own lags and a constant.
absl::StatusOr<double> RestrictedSum(const System& pair, int lags) {
  System own;
  own.names = {pair.names[0]};
  own.values = pair.values.leftCols(1);
  const Lagged lagged = MakeLags(own, lags, Deterministic::kConstant, lags);
  ASSIGN_OR_RETURN(
      const LeastSquares fit,
      SolveFullRank(lagged.regressors, lagged.targets, lagged.columns));
  return fit.residuals.squaredNorm();
}

// The instantaneous covariances between `cause` and the others, tested.
ChiSquaredTest Instantaneous(const Var& var, int cause) {
  const Eigen::MatrixXd& sigma = var.covariance;
  Indices others;
  for (int j = 0; j < var.system.series(); ++j) {
    if (j != cause) others.push_back(j);
  }
  const Eigen::Index count = static_cast<Eigen::Index>(others.size());
  Eigen::VectorXd between(count);
  Eigen::MatrixXd variance(count, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    between[i] = sigma(cause, others[i]);
    for (Eigen::Index j = 0; j < count; ++j) {
      variance(i, j) = sigma(cause, cause) * sigma(others[i], others[j]) +
                       sigma(cause, others[i]) * sigma(cause, others[j]);
    }
  }
  return MakeChiSquared(var.observations() * WaldStatistic(between, variance),
                        static_cast<double>(count));
}

int HacLags(int wanted, int observations) {
  const int lags =
      wanted < 0 ? static_cast<int>(4 * std::pow(observations / 100.0, 2.0 / 9))
                 : wanted;
  return std::min(lags, observations - 1);
}

}  // namespace

absl::StatusOr<PairTest> TestPair(const System& system, absl::string_view cause,
                                  absl::string_view effect, int lags,
                                  int hac_lags) {
  ASSIGN_OR_RETURN(const System pair, PairOf(system, cause, effect));
  ASSIGN_OR_RETURN(const Var var, FitVar(pair, {.lags = lags}));
  ASSIGN_OR_RETURN(const double restricted, RestrictedSum(pair, lags));
  const double n = var.observations();
  const double full = var.residuals.col(0).squaredNorm();
  PairTest test;
  test.cause = std::string(cause);
  test.effect = std::string(effect);
  test.lags = lags;
  test.observations = var.observations();
  test.f = MakeF((restricted - full) / lags / (full / var.degrees()), lags,
                 var.degrees());
  test.wald = MakeChiSquared(n * (restricted - full) / full, lags);
  test.likelihood_ratio = MakeChiSquared(n * std::log(restricted / full), lags);
  ASSIGN_OR_RETURN(const EquationTest equation,
                   TestEquation(var, cause, effect, hac_lags));
  test.hac = equation.hac;
  test.hac_lags = equation.hac_lags;
  return test;
}

absl::StatusOr<EquationTest> TestEquation(const Var& var,
                                          absl::string_view cause,
                                          absl::string_view effect,
                                          int hac_lags) {
  ASSIGN_OR_RETURN(const int from, SeriesIndex(var.system, cause));
  ASSIGN_OR_RETURN(const int to, SeriesIndex(var.system, effect));
  const int lags = var.options.lags;
  const Indices rows = CauseRows(var.system.series(), from, lags);
  const Eigen::VectorXd coefficients = var.coefficients(rows, to);
  EquationTest test;
  test.f = MakeF(WaldStatistic(coefficients, var.covariance(to, to) *
                                                 var.gram_inverse(rows, rows)) /
                     lags,
                 lags, var.degrees());
  test.hac_lags = HacLags(hac_lags, var.observations());
  const Eigen::MatrixXd covariance = HacCovariance(
      var.design, var.residuals.col(to), var.gram_inverse, test.hac_lags);
  test.hac = MakeF(WaldStatistic(coefficients, covariance(rows, rows)) / lags,
                   lags, var.degrees());
  return test;
}

absl::StatusOr<SystemTest> TestSystem(const Var& var, absl::string_view cause) {
  ASSIGN_OR_RETURN(const int from, SeriesIndex(var.system, cause));
  const int k = var.system.series();
  if (k < 2) {
    return absl::InvalidArgumentError(
        "a test of the system needs at least two series");
  }
  const int lags = var.options.lags;
  const Indices rows = CauseRows(k, from, lags);
  Indices others;
  for (int j = 0; j < k; ++j) {
    if (j != from) others.push_back(j);
  }
  const Eigen::Index restrictions = lags * (k - 1);
  // The covariance of all of them is a Kronecker product.
  const Eigen::MatrixXd block = var.coefficients(rows, others);
  const Eigen::MatrixXd gram = var.gram_inverse(rows, rows);
  const Eigen::MatrixXd sigma = var.covariance(others, others);
  const double wald =
      (gram.ldlt().solve(block) * sigma.ldlt().solve(block.transpose()))
          .trace();
  SystemTest test;
  test.granger = MakeF(wald / static_cast<double>(restrictions),
                       static_cast<double>(restrictions),
                       static_cast<double>(k) * var.degrees());
  test.instantaneous = Instantaneous(var, from);
  return test;
}

absl::StatusOr<std::vector<TodaYamamotoTest>> TestTodaYamamoto(
    const System& system, int lags, int extra_lags,
    Deterministic deterministic) {
  if (extra_lags < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("the order of integration: ", extra_lags, " is below 0"));
  }
  ASSIGN_OR_RETURN(const Var var,
                   FitVar(system, {.lags = lags + extra_lags,
                                   .deterministic = deterministic}));
  std::vector<TodaYamamotoTest> tests;
  for (int to = 0; to < system.series(); ++to) {
    for (int from = 0; from < system.series(); ++from) {
      if (from == to) continue;
      const Indices rows = CauseRows(system.series(), from, lags);
      const double wald =
          WaldStatistic(var.coefficients(rows, to),
                        var.covariance(to, to) * var.gram_inverse(rows, rows));
      tests.push_back({system.names[from], system.names[to], lags, extra_lags,
                       MakeChiSquared(wald, lags)});
    }
  }
  return tests;
}

}  // namespace headway::evidence
