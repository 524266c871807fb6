#include "daemon/evidence/nowcast/midas.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/evidence/math/full_rank.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::evidence {
namespace {

using Thetas = std::vector<Eigen::Vector2d>;

absl::Status CheckMidas(const MidasData& data) {
  const Eigen::Index n = data.target.size();
  if (data.others.rows() != n ||
      data.others.cols() !=
          static_cast<Eigen::Index>(data.other_names.size())) {
    return absl::InvalidArgumentError(
        "the other regressors do not fit the target or their names");
  }
  if (!data.target.allFinite() || !data.others.allFinite()) {
    return absl::InvalidArgumentError(
        "the target or its other regressors have missing values; leave those "
        "periods out");
  }
  for (const MidasRegressor& regressor : data.regressors) {
    if (regressor.lags.rows() != n || regressor.lags.cols() < 1 ||
        !regressor.lags.allFinite()) {
      return absl::InvalidArgumentError(
          absl::StrCat(regressor.name,
                       ": its lags do not fit the target, or some are "
                       "missing; leave those periods out"));
    }
    if (ThetaCount(regressor.weights) > 0 && regressor.lags.cols() < 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          regressor.name, ": ", regressor.lags.cols(), " lags are too few for ",
          MidasWeightsName(regressor.weights),
          " weights, which have 3 coefficients; use more lags or umidas"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> ColumnNames(const MidasData& data) {
  std::vector<std::string> names = data.other_names;
  for (const MidasRegressor& regressor : data.regressors) {
    if (regressor.weights != MidasWeights::kUnrestricted) {
      names.push_back(absl::StrCat(regressor.name, ".delta"));
      continue;
    }
    for (Eigen::Index i = 0; i < regressor.lags.cols(); ++i) {
      names.push_back(
          absl::StrCat(regressor.name, ".lag", regressor.first_lag + i));
    }
  }
  return names;
}

// The regressors of the equation that is linear once thetas are known.
Eigen::MatrixXd LinearDesign(const MidasData& data, const Thetas& thetas) {
  Eigen::Index columns = data.others.cols();
  for (const MidasRegressor& r : data.regressors) {
    columns += r.weights == MidasWeights::kUnrestricted ? r.lags.cols() : 1;
  }
  Eigen::MatrixXd design(data.target.size(), columns);
  design.leftCols(data.others.cols()) = data.others;
  Eigen::Index at = data.others.cols();
  for (size_t i = 0; i < data.regressors.size(); ++i) {
    const MidasRegressor& r = data.regressors[i];
    if (r.weights == MidasWeights::kUnrestricted) {
      design.middleCols(at, r.lags.cols()) = r.lags;
      at += r.lags.cols();
      continue;
    }
    design.col(at++) =
        r.lags *
        WeightsAt(r.weights, static_cast<int>(r.lags.cols()), thetas[i])
            .weights;
  }
  return design;
}

// Where a regressor's delta stands among the linear coefficients.
Eigen::Index DeltaColumn(const MidasData& data, size_t regressor) {
  Eigen::Index at = data.others.cols();
  for (size_t i = 0; i < regressor; ++i) {
    const MidasRegressor& r = data.regressors[i];
    at += r.weights == MidasWeights::kUnrestricted ? r.lags.cols() : 1;
  }
  return at;
}

// Derivatives of the fit by the thetas of one regressor: periods x 2.
Eigen::MatrixXd ThetaColumns(const MidasRegressor& r,
                             const Eigen::Vector2d& theta, double delta) {
  return delta * r.lags *
         WeightsAt(r.weights, static_cast<int>(r.lags.cols()), theta).slopes;
}

class ThetaProblem {
 public:
  explicit ThetaProblem(const MidasData& data) : data_(data) {
    total_ = (data.target.array() - data.target.mean()).square().sum();
    for (const MidasRegressor& r : data.regressors) {
      if (ThetaCount(r.weights) == 0) continue;
      const ThetaSearch search =
          ThetaSearchOf(r.weights, static_cast<int>(r.lags.cols()));
      for (int i = 0; i < 2; ++i) {
        box_.lower.push_back(search.low[i]);
        box_.upper.push_back(search.high[i]);
      }
      starts_ = std::max(starts_, search.starts.size());
    }
  }

  bool needed() const { return starts_ > 0; }
  size_t starts() const { return starts_; }

  Thetas ThetasAt(absl::Span<const double> units) const {
    Thetas thetas(data_.regressors.size(), Eigen::Vector2d::Zero());
    size_t at = 0;
    for (size_t i = 0; i < thetas.size(); ++i) {
      const MidasRegressor& r = data_.regressors[i];
      if (ThetaCount(r.weights) == 0) continue;
      thetas[i] = ThetaFromUnits(r.weights, static_cast<int>(r.lags.cols()),
                                 {units[at], units[at + 1]});
      at += 2;
    }
    return thetas;
  }

  // Of residual sums of squares, the part of the target's; its slopes are those
  // at fixed linear coefficients, since these minimise it.
  double operator()(absl::Span<const double> units,
                    absl::Span<double> gradient) const {
    const Thetas thetas = ThetasAt(units);
    const Eigen::MatrixXd design = LinearDesign(data_, thetas);
    const Eigen::VectorXd linear =
        design.colPivHouseholderQr().solve(data_.target);
    const Eigen::VectorXd residuals = data_.target - design * linear;
    size_t at = 0;
    for (size_t i = 0; i < thetas.size(); ++i) {
      const MidasRegressor& r = data_.regressors[i];
      if (ThetaCount(r.weights) == 0) continue;
      const Eigen::MatrixXd columns =
          ThetaColumns(r, thetas[i], linear[DeltaColumn(data_, i)]);
      const Eigen::Vector2d slope =
          ThetaSlope(r.weights, static_cast<int>(r.lags.cols()),
                     {units[at], units[at + 1]});
      for (int j = 0; j < 2; ++j) {
        gradient[at + j] =
            -2 * residuals.dot(columns.col(j)) * slope[j] / total_;
      }
      at += 2;
    }
    return residuals.squaredNorm() / total_;
  }

  // The best thetas of searches from every start.
  Thetas Solve() const {
    const forecast::MinimizeOptions options = {.tolerance = 1e-13,
                                               .max_evaluations = 2000};
    forecast::Minimum best;
    best.value = HUGE_VAL;
    for (size_t i = 0; i < starts_; ++i) {
      forecast::Minimum found = forecast::MinimizeInBox(
          [this](absl::Span<const double> x, absl::Span<double> gradient) {
            return (*this)(x, gradient);
          },
          Start(i), box_, options);
      if (found.value < best.value) best = std::move(found);
    }
    return ThetasAt(best.x);
  }

 private:
  std::vector<double> Start(size_t number) const {
    std::vector<double> start;
    for (const MidasRegressor& r : data_.regressors) {
      if (ThetaCount(r.weights) == 0) continue;
      const ThetaSearch search =
          ThetaSearchOf(r.weights, static_cast<int>(r.lags.cols()));
      const Eigen::Vector2d& units =
          search.starts[number % search.starts.size()];
      start.insert(start.end(), {units[0], units[1]});
    }
    return start;
  }

  const MidasData& data_;
  double total_ = 0;
  size_t starts_ = 0;
  forecast::Box box_;
};

// Derivatives of the fit by every coefficient, thetas last.
Eigen::MatrixXd FullDesign(const MidasData& data, const Thetas& thetas,
                           const Eigen::VectorXd& linear,
                           std::vector<std::string>& names) {
  Eigen::MatrixXd design = LinearDesign(data, thetas);
  for (size_t i = 0; i < data.regressors.size(); ++i) {
    const MidasRegressor& r = data.regressors[i];
    if (ThetaCount(r.weights) == 0) continue;
    const Eigen::Index at = design.cols();
    design.conservativeResize(Eigen::NoChange, at + 2);
    design.rightCols(2) =
        ThetaColumns(r, thetas[i], linear[DeltaColumn(data, i)]);
    names.push_back(absl::StrCat(r.name, ".theta1"));
    names.push_back(absl::StrCat(r.name, ".theta2"));
  }
  return design;
}

void SetLagCoefficients(const MidasData& data, const Eigen::VectorXd& linear,
                        MidasFit& fit) {
  for (size_t i = 0; i < data.regressors.size(); ++i) {
    const MidasRegressor& r = data.regressors[i];
    const Eigen::Index at = DeltaColumn(data, i);
    const int lags = static_cast<int>(r.lags.cols());
    if (r.weights == MidasWeights::kUnrestricted) {
      fit.lag_coefficients.push_back(linear.segment(at, lags));
      fit.lag_weights.emplace_back();
    } else {
      fit.lag_weights.push_back(
          WeightsAt(r.weights, lags, fit.thetas[i]).weights);
      fit.lag_coefficients.push_back(linear[at] * fit.lag_weights.back());
    }
    fit.shapes.push_back({r.name, r.weights, r.first_lag, {}});
  }
}

void SetGoodness(const MidasData& data, MidasFit& fit) {
  const double n = fit.observations;
  const double k = static_cast<double>(fit.coefficients.size());
  const double total =
      (data.target.array() - data.target.mean()).square().sum();
  fit.rss = fit.residuals.squaredNorm();
  fit.r_squared = total > 0 ? 1 - fit.rss / total : 0;
  fit.sigma = std::sqrt(fit.rss / fit.degrees);
  // As R's AIC and BIC, which count the variance.
  const double deviance = n * (std::log(2 * M_PI * fit.rss / n) + 1);
  fit.aic = deviance + 2 * (k + 1);
  fit.bic = deviance + std::log(n) * (k + 1);
}

void SetCoefficients(const std::vector<std::string>& names,
                     const Eigen::VectorXd& linear,
                     const Eigen::MatrixXd& full_design,
                     const Eigen::VectorXd& target, MidasFit& fit) {
  const absl::StatusOr<LeastSquares> slopes =
      SolveFullRank(full_design, target, names);
  if (slopes.ok()) {
    fit.covariance = fit.sigma * fit.sigma * slopes->gram_inverse;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (static_cast<Eigen::Index>(i) < linear.size()) {
      fit.coefficients[i].estimate = linear[i];
    }
    if (fit.covariance.has_value()) {
      fit.coefficients[i].standard_error = std::sqrt((*fit.covariance)(i, i));
    }
  }
}

}  // namespace

absl::StatusOr<MidasFit> FitMidas(const MidasData& data) {
  RETURN_IF_ERROR(CheckMidas(data));
  std::vector<std::string> names = ColumnNames(data);
  MidasFit fit;
  fit.thetas.assign(data.regressors.size(), Eigen::Vector2d::Zero());
  // Collinear columns are said before a search among them.
  {
    MidasData plain = data;
    for (MidasRegressor& r : plain.regressors) {
      if (ThetaCount(r.weights) > 0) r.weights = MidasWeights::kEqual;
    }
    RETURN_IF_ERROR(
        SolveFullRank(LinearDesign(plain, fit.thetas), data.target, names)
            .status());
  }
  const ThetaProblem problem(data);
  if (problem.needed()) {
    fit.thetas = problem.Solve();
    fit.starts = static_cast<int>(problem.starts());
  }
  const Eigen::MatrixXd design = LinearDesign(data, fit.thetas);
  ASSIGN_OR_RETURN(const LeastSquares linear,
                   SolveFullRank(design, data.target, names));
  const Eigen::VectorXd estimates = linear.coefficients.col(0);
  const Eigen::MatrixXd full = FullDesign(data, fit.thetas, estimates, names);
  fit.other_count = data.others.cols();
  fit.observations = static_cast<int>(data.target.size());
  fit.degrees = fit.observations - static_cast<int>(names.size());
  if (fit.degrees < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        fit.observations, " periods are too few for ", names.size(),
        " coefficients; use fewer lags or regressors"));
  }
  fit.residuals = linear.residuals.col(0);
  fit.fitted = data.target - fit.residuals;
  for (const std::string& name : names) fit.coefficients.push_back({name});
  SetGoodness(data, fit);
  SetCoefficients(names, estimates, full, data.target, fit);
  size_t at = static_cast<size_t>(estimates.size());
  for (size_t i = 0; i < data.regressors.size(); ++i) {
    if (ThetaCount(data.regressors[i].weights) == 0) continue;
    fit.coefficients[at++].estimate = fit.thetas[i][0];
    fit.coefficients[at++].estimate = fit.thetas[i][1];
  }
  SetLagCoefficients(data, estimates, fit);
  return fit;
}

absl::StatusOr<MidasForecast> ForecastMidas(
    const MidasFit& fit, const Eigen::VectorXd& others,
    const std::vector<Eigen::VectorXd>& lags) {
  if (others.size() != fit.other_count || lags.size() != fit.shapes.size()) {
    return absl::InvalidArgumentError(
        "the regressors of the forecast are not those of the fit");
  }
  MidasData one;
  one.target = Eigen::VectorXd::Zero(1);
  one.others = others.transpose();
  one.other_names.resize(others.size());
  for (size_t i = 0; i < lags.size(); ++i) {
    if (lags[i].size() != fit.lag_coefficients[i].size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(fit.shapes[i].name, ": ", lags[i].size(), " lags, not ",
                       fit.lag_coefficients[i].size()));
    }
    one.regressors.push_back(fit.shapes[i]);
    one.regressors.back().lags = lags[i].transpose();
  }
  const Eigen::MatrixXd design = LinearDesign(one, fit.thetas);
  Eigen::VectorXd linear(design.cols());
  for (Eigen::Index i = 0; i < linear.size(); ++i) {
    linear[i] = fit.coefficients[i].estimate;
  }
  MidasForecast forecast;
  forecast.mean = design.row(0).dot(linear);
  double variance = fit.sigma * fit.sigma;
  if (fit.covariance.has_value()) {
    std::vector<std::string> names;
    const Eigen::RowVectorXd slope =
        FullDesign(one, fit.thetas, linear, names).row(0);
    variance += (slope * *fit.covariance).dot(slope);
    forecast.with_coefficients = true;
  }
  forecast.standard_error = std::sqrt(variance);
  return forecast;
}

absl::StatusOr<RestrictionTest> TestRestriction(const MidasFit& restricted,
                                                const MidasFit& unrestricted) {
  if (restricted.observations != unrestricted.observations ||
      restricted.degrees <= unrestricted.degrees ||
      restricted.rss < unrestricted.rss) {
    return absl::InvalidArgumentError(
        "the second fit is not a less restricted one of the same periods");
  }
  RestrictionTest test;
  test.degrees1 = restricted.degrees - unrestricted.degrees;
  test.degrees2 = unrestricted.degrees;
  test.f = (restricted.rss - unrestricted.rss) / test.degrees1 /
           (unrestricted.rss / test.degrees2);
  test.p = FUpperTail(test.f, test.degrees1, test.degrees2);
  return test;
}

absl::StatusOr<Eigen::VectorXd> ExtendByAutoregression(
    const std::string& name, const Eigen::VectorXd& values, int steps,
    int most_lags) {
  const Eigen::Index n = values.size();
  if (!values.allFinite() || n < 3 * most_lags + 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", n,
                     " values are too few, or have gaps, to extend it by an "
                     "autoregression of up to ",
                     most_lags, " lags"));
  }
  Eigen::VectorXd best;
  double least = HUGE_VAL;
  for (int lags = 1; lags <= most_lags; ++lags) {
    const Eigen::Index rows = n - most_lags;
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(rows, lags + 1);
    std::vector<std::string> columns;
    for (int lag = 1; lag <= lags; ++lag) {
      x.col(lag - 1) = values.segment(most_lags - lag, rows);
      columns.push_back(absl::StrCat(name, ".l", lag));
    }
    columns.push_back("const");
    ASSIGN_OR_RETURN(const LeastSquares fit,
                     SolveFullRank(x, values.tail(rows), columns));
    const double count = static_cast<double>(rows);
    const double bic = count * std::log(fit.residuals.squaredNorm() / count) +
                       std::log(count) * (lags + 1);
    if (bic >= least) continue;
    least = bic;
    best = fit.coefficients.col(0);
  }
  Eigen::VectorXd extended(n + steps);
  extended.head(n) = values;
  const Eigen::Index lags = best.size() - 1;
  for (Eigen::Index t = n; t < n + steps; ++t) {
    extended[t] = best[lags];
    for (Eigen::Index lag = 1; lag <= lags; ++lag) {
      extended[t] += best[lag - 1] * extended[t - lag];
    }
  }
  return Eigen::VectorXd(extended.tail(steps));
}

}  // namespace headway::evidence
