#include "daemon/evidence/var/var.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/full_rank.h"

namespace headway::evidence {
namespace {

absl::Status CheckVarOptions(const System& system, const VarOptions& options) {
  if (options.lags < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("lags: ", options.lags, " is not at least 1"));
  }
  const int observations = system.periods() - options.lags;
  const int coefficients = system.series() * options.lags +
                           DeterministicTerms(options.deterministic);
  // The covariance of the residuals must have full rank as well.
  if (observations >= coefficients + system.series()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(system.periods(), " periods are too few for ", options.lags,
                   " lags of ", system.series(), " series, which need ",
                   options.lags + coefficients + system.series(),
                   "; use fewer lags or series, or a longer sample"));
}

double GaussianLogLikelihood(const Eigen::MatrixXd& covariance_ml, int n) {
  const Eigen::LLT<Eigen::MatrixXd> llt(covariance_ml);
  const double log_determinant =
      2 * llt.matrixLLT().diagonal().array().log().sum();
  const double k = static_cast<double>(covariance_ml.rows());
  return -n / 2.0 * (k * std::log(2 * M_PI) + log_determinant + k);
}

// What the deterministic terms add to an equation in period `period`, from 1.
Eigen::RowVectorXd DeterministicPart(const Var& var, int period) {
  const int k = var.system.series();
  Eigen::Index row = static_cast<Eigen::Index>(k) * var.options.lags;
  Eigen::RowVectorXd part = Eigen::RowVectorXd::Zero(k);
  const Deterministic terms = var.options.deterministic;
  if (terms == Deterministic::kConstant ||
      terms == Deterministic::kConstantAndTrend) {
    part += var.coefficients.row(row++);
  }
  if (terms == Deterministic::kTrend ||
      terms == Deterministic::kConstantAndTrend) {
    part += period * var.coefficients.row(row);
  }
  return part;
}

}  // namespace

Eigen::MatrixXd Var::Lag(int lag) const {
  const int k = system.series();
  return coefficients.middleRows(static_cast<Eigen::Index>(k) * (lag - 1), k)
      .transpose();
}

std::vector<double> CompanionRoots(const Eigen::MatrixXd& coefficients,
                                   int lags) {
  const Eigen::Index k = coefficients.cols();
  const Eigen::Index size = k * lags;
  Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(size, size);
  companion.topRows(k) = coefficients.topRows(size).transpose();
  companion.bottomLeftCorner(size - k, size - k).setIdentity();
  const Eigen::VectorXcd values =
      Eigen::EigenSolver<Eigen::MatrixXd>(companion, false).eigenvalues();
  std::vector<double> roots;
  for (const std::complex<double>& value : values) {
    roots.push_back(std::abs(value));
  }
  std::sort(roots.rbegin(), roots.rend());
  return roots;
}

absl::StatusOr<Var> FitVar(const System& system, const VarOptions& options) {
  RETURN_IF_ERROR(CheckSystem(system));
  RETURN_IF_ERROR(CheckVarOptions(system, options));
  Lagged lagged =
      MakeLags(system, options.lags, options.deterministic, options.lags);
  ASSIGN_OR_RETURN(
      LeastSquares fit,
      SolveFullRank(lagged.regressors, lagged.targets, lagged.columns));
  Var var;
  var.system = system;
  var.options = options;
  var.regressors = std::move(lagged.columns);
  var.design = std::move(lagged.regressors);
  var.coefficients = std::move(fit.coefficients);
  var.residuals = std::move(fit.residuals);
  var.gram_inverse = std::move(fit.gram_inverse);
  const Eigen::MatrixXd products = var.residuals.transpose() * var.residuals;
  var.covariance = products / var.degrees();
  var.covariance_ml = products / var.observations();
  var.standard_errors =
      (var.gram_inverse.diagonal() * var.covariance.diagonal().transpose())
          .cwiseSqrt();
  var.log_likelihood =
      GaussianLogLikelihood(var.covariance_ml, var.observations());
  if (!std::isfinite(var.log_likelihood)) {
    return absl::InvalidArgumentError(
        "the residuals of the equations are collinear: a series is a sum of "
        "others; leave one of them out");
  }
  var.roots = CompanionRoots(var.coefficients, options.lags);
  return var;
}

std::vector<Eigen::MatrixXd> MovingAverage(const Eigen::MatrixXd& coefficients,
                                           int lags, int steps) {
  const Eigen::Index k = coefficients.cols();
  std::vector<Eigen::MatrixXd> psi = {Eigen::MatrixXd::Identity(k, k)};
  for (int h = 1; h <= steps; ++h) {
    Eigen::MatrixXd next = Eigen::MatrixXd::Zero(k, k);
    for (int lag = 1; lag <= std::min(lags, h); ++lag) {
      next +=
          psi[h - lag] * coefficients.middleRows(k * (lag - 1), k).transpose();
    }
    psi.push_back(std::move(next));
  }
  return psi;
}

VarForecast ForecastVar(const Var& var, int steps) {
  const int k = var.system.series();
  const int lags = var.options.lags;
  Eigen::MatrixXd path(lags + steps, k);
  path.topRows(lags) = var.system.values.bottomRows(lags);
  VarForecast forecast;
  forecast.standard_error.resize(steps, k);
  const std::vector<Eigen::MatrixXd> psi =
      MovingAverage(var.coefficients, lags, steps);
  Eigen::MatrixXd error = Eigen::MatrixXd::Zero(k, k);
  for (int h = 0; h < steps; ++h) {
    Eigen::RowVectorXd next =
        DeterministicPart(var, var.system.periods() + h + 1);
    for (int lag = 1; lag <= lags; ++lag) {
      next += path.row(lags + h - lag) * var.Lag(lag).transpose();
    }
    path.row(lags + h) = next;
    error += psi[h] * var.covariance * psi[h].transpose();
    forecast.standard_error.row(h) = error.diagonal().cwiseSqrt().transpose();
  }
  forecast.mean = path.bottomRows(steps);
  return forecast;
}

}  // namespace headway::evidence
