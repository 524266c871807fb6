#include "daemon/evidence/var/bvar.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/full_rank.h"
#include "daemon/evidence/var/var.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::evidence {
namespace {

struct Rows {
  Eigen::MatrixXd targets;
  Eigen::MatrixXd regressors;
};

absl::Status CheckPositive(absl::string_view name, double value) {
  if (std::isfinite(value) && value > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      name, ": ", value, " is not above 0; the prior needs a positive number"));
}

absl::Status CheckBvarOptions(const System& system, const BvarOptions& o) {
  RETURN_IF_ERROR(CheckSystem(system));
  if (o.lags < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("lags: ", o.lags, " is not at least 1"));
  }
  if (system.periods() < 2 * o.lags + 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        system.periods(), " periods are too few for ", o.lags,
        " lags: the prior is scaled by each series' own autoregression, which "
        "needs ",
        2 * o.lags + 3, "; use fewer lags"));
  }
  if (static_cast<int>(o.own_lag.size()) != system.series()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the prior mean of own lags has ", o.own_lag.size(),
                     " values for ", system.series(), " series"));
  }
  RETURN_IF_ERROR(CheckPositive("tightness", o.tightness));
  RETURN_IF_ERROR(CheckPositive("constant precision", o.constant_precision));
  if (o.sum_of_coefficients.has_value()) {
    RETURN_IF_ERROR(
        CheckPositive("sum of coefficients", *o.sum_of_coefficients));
  }
  if (o.single_unit_root.has_value()) {
    RETURN_IF_ERROR(CheckPositive("single unit root", *o.single_unit_root));
  }
  return absl::OkStatus();
}

// The residual standard deviation of each series' autoregression.
absl::StatusOr<Eigen::VectorXd> OwnScales(const System& system, int lags) {
  Eigen::VectorXd scales(system.series());
  for (int j = 0; j < system.series(); ++j) {
    System one;
    one.names = {system.names[j]};
    one.values = system.values.col(j);
    const absl::StatusOr<Var> fit = FitVar(one, {.lags = lags});
    if (!fit.ok()) {
      return Annotate(fit.status(),
                      absl::StrCat("the autoregression of ", system.names[j]));
    }
    scales[j] = std::sqrt(fit->covariance(0, 0));
  }
  return scales;
}

Rows PriorRows(const System& system, const BvarOptions& o,
               const Eigen::VectorXd& sigma) {
  const Eigen::Index k = system.series();
  const Eigen::Index p = o.lags;
  const Eigen::Index m = k * p + 1;
  const Eigen::Index extra = (o.sum_of_coefficients.has_value() ? k : 0) +
                             (o.single_unit_root.has_value() ? 1 : 0);
  Rows rows{Eigen::MatrixXd::Zero(k * p + k + 1 + extra, k),
            Eigen::MatrixXd::Zero(k * p + k + 1 + extra, m)};
  const Eigen::VectorXd own =
      Eigen::Map<const Eigen::VectorXd>(o.own_lag.data(), k);
  rows.targets.topRows(k) =
      (own.cwiseProduct(sigma) / o.tightness).asDiagonal();
  for (Eigen::Index lag = 0; lag < p; ++lag) {
    rows.regressors.block(lag * k, lag * k, k, k) =
        (static_cast<double>(lag + 1) * sigma / o.tightness).asDiagonal();
  }
  rows.targets.middleRows(k * p, k) = sigma.asDiagonal();
  rows.regressors(k * p + k, m - 1) = o.constant_precision;
  const Eigen::VectorXd mean = system.values.topRows(p).colwise().mean();
  Eigen::Index at = k * p + k + 1;
  if (o.sum_of_coefficients.has_value()) {
    const Eigen::MatrixXd block =
        (own.cwiseProduct(mean) / *o.sum_of_coefficients).asDiagonal();
    rows.targets.middleRows(at, k) = block;
    for (Eigen::Index lag = 0; lag < p; ++lag) {
      rows.regressors.block(at, lag * k, k, k) = block;
    }
    at += k;
  }
  if (o.single_unit_root.has_value()) {
    const Eigen::RowVectorXd row = mean.transpose() / *o.single_unit_root;
    rows.targets.row(at) = row;
    for (Eigen::Index lag = 0; lag < p; ++lag) {
      rows.regressors.block(at, lag * k, 1, k) = row;
    }
    rows.regressors(at, m - 1) = 1 / *o.single_unit_root;
  }
  return rows;
}

Rows Stack(const Rows& prior, const Lagged& data) {
  Rows rows;
  rows.targets.resize(prior.targets.rows() + data.targets.rows(),
                      prior.targets.cols());
  rows.targets << prior.targets, data.targets;
  rows.regressors.resize(rows.targets.rows(), prior.regressors.cols());
  rows.regressors << prior.regressors, data.regressors;
  return rows;
}

// log |X'X|, from its inverse.
double LogDeterminant(const Eigen::MatrixXd& positive) {
  return 2 * Eigen::LLT<Eigen::MatrixXd>(positive)
                 .matrixLLT()
                 .diagonal()
                 .array()
                 .log()
                 .sum();
}

// Without the powers of pi, which cancel between posterior and prior but for
// the one of the data.
double LogMultivariateGamma(double x, Eigen::Index k) {
  double sum = 0;
  for (Eigen::Index j = 0; j < k; ++j) {
    sum += std::lgamma(x - 0.5 * static_cast<double>(j));
  }
  return sum;
}

double LogMarginalLikelihood(const Bvar& bvar, const LeastSquares& prior,
                             const Eigen::MatrixXd& prior_scale,
                             double prior_degrees) {
  const Eigen::Index k = bvar.scale.rows();
  const double n = bvar.observations;
  return -n * static_cast<double>(k) / 2 * std::log(M_PI) +
         LogMultivariateGamma(bvar.degrees / 2, k) -
         LogMultivariateGamma(prior_degrees / 2, k) +
         static_cast<double>(k) / 2 *
             (LogDeterminant(bvar.gram_inverse) -
              LogDeterminant(prior.gram_inverse)) +
         prior_degrees / 2 * LogDeterminant(prior_scale) -
         bvar.degrees / 2 * LogDeterminant(bvar.scale);
}

BvarOptions Complete(const System& system, const BvarOptions& options) {
  BvarOptions complete = options;
  if (complete.own_lag.empty()) complete.own_lag.assign(system.series(), 1.0);
  return complete;
}

absl::StatusOr<Bvar> FitWithScales(const System& system,
                                   const BvarOptions& options,
                                   const Eigen::VectorXd& sigma) {
  const Lagged data =
      MakeLags(system, options.lags, Deterministic::kConstant, options.lags);
  const Rows dummies = PriorRows(system, options, sigma);
  ASSIGN_OR_RETURN(
      const LeastSquares prior,
      SolveFullRank(dummies.regressors, dummies.targets, data.columns));
  const Rows all = Stack(dummies, data);
  ASSIGN_OR_RETURN(LeastSquares posterior,
                   SolveFullRank(all.regressors, all.targets, data.columns));
  const double k = system.series();
  Bvar bvar;
  bvar.system = system;
  bvar.options = options;
  bvar.regressors = data.columns;
  bvar.coefficients = std::move(posterior.coefficients);
  bvar.gram_inverse = std::move(posterior.gram_inverse);
  bvar.scale = posterior.residuals.transpose() * posterior.residuals;
  bvar.observations = static_cast<int>(data.targets.rows());
  const double prior_degrees = k + 2;
  bvar.degrees = prior_degrees + bvar.observations;
  bvar.covariance = bvar.scale / (bvar.degrees - k - 1);
  bvar.residual_scale = sigma;
  bvar.log_marginal_likelihood = LogMarginalLikelihood(
      bvar, prior, prior.residuals.transpose() * prior.residuals,
      prior_degrees);
  bvar.roots = CompanionRoots(bvar.coefficients, options.lags);
  return bvar;
}

}  // namespace

absl::StatusOr<Bvar> FitBvar(const System& system, const BvarOptions& options) {
  const BvarOptions complete = Complete(system, options);
  RETURN_IF_ERROR(CheckBvarOptions(system, complete));
  ASSIGN_OR_RETURN(const Eigen::VectorXd sigma,
                   OwnScales(system, complete.lags));
  return FitWithScales(system, complete, sigma);
}

absl::StatusOr<Bvar> FitBvarOfBestTightness(const System& system,
                                            const BvarOptions& options) {
  constexpr double kTightest = 0.005;
  constexpr double kLoosest = 10;
  constexpr int kGrid = 40;
  BvarOptions trial = Complete(system, options);
  RETURN_IF_ERROR(CheckBvarOptions(system, trial));
  ASSIGN_OR_RETURN(const Eigen::VectorXd sigma, OwnScales(system, trial.lags));
  const auto loss = [&](double log_tightness) {
    trial.tightness = std::exp(log_tightness);
    const absl::StatusOr<Bvar> bvar = FitWithScales(system, trial, sigma);
    return bvar.ok() ? -bvar->log_marginal_likelihood : HUGE_VAL;
  };
  trial.tightness = std::exp(forecast::MinimizeOnInterval(
      loss, std::log(kTightest), std::log(kLoosest), kGrid));
  return FitWithScales(system, trial, sigma);
}

StudentPredictive PredictNext(const Bvar& bvar) {
  const int k = bvar.system.series();
  const Eigen::Index periods = bvar.system.values.rows();
  Eigen::RowVectorXd x(bvar.coefficients.rows());
  for (int lag = 0; lag < bvar.options.lags; ++lag) {
    x.segment(static_cast<Eigen::Index>(lag) * k, k) =
        bvar.system.values.row(periods - 1 - lag);
  }
  x[x.size() - 1] = 1;
  StudentPredictive predictive;
  predictive.mean = (x * bvar.coefficients).transpose();
  predictive.degrees = bvar.degrees - k + 1;
  const double spread = (x * bvar.gram_inverse).dot(x);
  predictive.scale = bvar.scale * (1 + spread) / predictive.degrees;
  return predictive;
}

}  // namespace headway::evidence
