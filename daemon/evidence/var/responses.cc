#include "daemon/evidence/var/responses.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

// A sample of the model with residuals drawn with replacement.
System Resample(const Var& var, uint64_t seed, uint64_t& counter) {
  const int lags = var.options.lags;
  const Eigen::Index n = var.residuals.rows();
  const Eigen::Index lagged =
      static_cast<Eigen::Index>(lags) * var.system.series();
  const Eigen::Index terms = var.design.cols() - lagged;
  System sample = var.system;
  const Eigen::RowVectorXd centre = var.residuals.colwise().mean();
  for (Eigen::Index t = 0; t < n; ++t) {
    const Eigen::Index drawn = std::min<Eigen::Index>(
        n - 1, static_cast<Eigen::Index>(forecast::UniformAt(seed, ++counter) *
                                         static_cast<double>(n)));
    Eigen::RowVectorXd next =
        var.residuals.row(drawn) - centre +
        var.design.row(t).tail(terms) * var.coefficients.bottomRows(terms);
    for (int lag = 1; lag <= lags; ++lag) {
      next += sample.values.row(lags + t - lag) * var.Lag(lag).transpose();
    }
    sample.values.row(lags + t) = next;
  }
  return sample;
}

// By linear interpolation, as R's type 7.
double Quantile(std::vector<double>& sorted, double probability) {
  const double at = probability * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] +
         (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

absl::Status CheckBandOptions(const BandOptions& options) {
  if (options.draws < 100) {
    return absl::InvalidArgumentError(
        absl::StrCat("draws: ", options.draws,
                     " are too few for the ends of a band; use at least 100"));
  }
  if (!(options.level > 0 && options.level < 100)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "level: ", options.level, " is not between 0 and 100 percent"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Eigen::MatrixXd> OrthogonalResponses(const Var& var, int steps) {
  const Eigen::MatrixXd factor =
      Eigen::LLT<Eigen::MatrixXd>(var.covariance).matrixL();
  std::vector<Eigen::MatrixXd> responses =
      MovingAverage(var.coefficients, var.options.lags, steps);
  for (Eigen::MatrixXd& response : responses) response *= factor;
  return responses;
}

std::vector<Eigen::MatrixXd> VarianceDecomposition(const Var& var, int steps) {
  const std::vector<Eigen::MatrixXd> responses =
      OrthogonalResponses(var, steps - 1);
  const int k = var.system.series();
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(k, k);
  std::vector<Eigen::MatrixXd> shares;
  for (const Eigen::MatrixXd& response : responses) {
    sum += response.cwiseAbs2();
    shares.push_back(sum.rowwise().sum().cwiseInverse().asDiagonal() * sum);
  }
  return shares;
}

absl::StatusOr<ResponseBands> BootstrapBands(const Var& var,
                                             const BandOptions& options) {
  RETURN_IF_ERROR(CheckBandOptions(options));
  std::vector<std::vector<Eigen::MatrixXd>> draws;
  uint64_t counter = 0;
  for (int i = 0; i < options.draws; ++i) {
    const absl::StatusOr<Var> fit =
        FitVar(Resample(var, options.seed, counter), var.options);
    if (fit.ok()) draws.push_back(OrthogonalResponses(*fit, options.steps));
  }
  if (static_cast<int>(draws.size()) * 10 < options.draws * 9) {
    return absl::FailedPreconditionError(
        absl::StrCat("only ", draws.size(), " of ", options.draws,
                     " samples for the bands could be fitted; use fewer lags"));
  }
  const double tail = (1 - options.level / 100) / 2;
  const int k = var.system.series();
  ResponseBands bands;
  bands.draws = static_cast<int>(draws.size());
  std::vector<double> values(draws.size());
  for (int h = 0; h <= options.steps; ++h) {
    Eigen::MatrixXd low(k, k);
    Eigen::MatrixXd high(k, k);
    for (Eigen::Index at = 0; at < low.size(); ++at) {
      for (size_t i = 0; i < draws.size(); ++i) {
        values[i] = draws[i][h].data()[at];
      }
      std::sort(values.begin(), values.end());
      low.data()[at] = Quantile(values, tail);
      high.data()[at] = Quantile(values, 1 - tail);
    }
    bands.low.push_back(std::move(low));
    bands.high.push_back(std::move(high));
  }
  return bands;
}

}  // namespace headway::evidence
