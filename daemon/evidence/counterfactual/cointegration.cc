#include "daemon/evidence/counterfactual/cointegration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kLeastValues = 20;

// With a constant, at 5 %: by the number of series, the terms in 1 / n.
constexpr std::array<std::array<double, 4>, 6> kCritical = {{
    {-2.86154, -2.8903, -4.234, -40.040},
    {-3.33613, -6.1101, -6.823, 0},
    {-3.74066, -8.5632, -10.852, 27.982},
    {-4.09600, -11.2349, -11.175, 0},
    {-4.41519, -14.0405, -12.575, 0},
    {-4.70693, -16.9178, -17.492, 60.007},
}};

struct Regression {
  double tau = 0;
  double aic = std::numeric_limits<double>::infinity();
  Index values = 0;
};

// Of the residual's change on its lag and on `lags` changes before, in the
// periods that have `most` of them.
Regression RegressChanges(const VectorXd& rest, int lags, int most) {
  std::vector<Index> rows;
  for (Index t = most + 1; t < rest.size(); ++t) {
    if (!rest.segment(t - most - 1, most + 2).array().isNaN().any()) {
      rows.push_back(t);
    }
  }
  const auto count = static_cast<Index>(rows.size());
  Regression result;
  if (count < lags + 5) return result;
  MatrixXd x(count, lags + 1);
  VectorXd y(count);
  for (Index i = 0; i < count; ++i) {
    const Index t = rows[static_cast<size_t>(i)];
    y[i] = rest[t] - rest[t - 1];
    x(i, 0) = rest[t - 1];
    for (int lag = 1; lag <= lags; ++lag) {
      x(i, lag) = rest[t - lag] - rest[t - lag - 1];
    }
  }
  const MatrixXd inverse =
      (x.transpose() * x).ldlt().solve(MatrixXd::Identity(lags + 1, lags + 1));
  const VectorXd slopes = inverse * (x.transpose() * y);
  const double squares = (y - x * slopes).squaredNorm();
  const double degrees = static_cast<double>(count - lags - 1);
  result.tau = slopes[0] / std::sqrt(squares / degrees * inverse(0, 0));
  result.aic = static_cast<double>(count) *
                   std::log(squares / static_cast<double>(count)) +
               2.0 * (lags + 1);
  result.values = count;
  return result;
}

VectorXd Residuals(const VectorXd& outcome, const MatrixXd& controls) {
  const Index rows = outcome.size();
  MatrixXd x(rows, controls.cols() + 1);
  x << VectorXd::Ones(rows), controls;
  VectorXd y = outcome;
  for (Index t = 0; t < rows; ++t) {
    if (!std::isnan(y[t])) continue;
    y[t] = 0;
    x.row(t).setZero();
  }
  VectorXd rest = y - x * x.colPivHouseholderQr().solve(y);
  for (Index t = 0; t < rows; ++t) {
    if (std::isnan(outcome[t])) rest[t] = outcome[t];
  }
  return rest;
}

}  // namespace

absl::StatusOr<ResidualRoot> TestResidualRoot(const VectorXd& outcome,
                                              const MatrixXd& controls) {
  Index known = 0;
  for (const double value : outcome) known += std::isnan(value) ? 0 : 1;
  if (known < controls.cols() + kLeastValues) {
    return absl::FailedPreconditionError(absl::StrCat(
        "whether the controls move with the outcome cannot be "
        "tested on ",
        known, " values; ", controls.cols() + kLeastValues, " are needed"));
  }
  const VectorXd rest = Residuals(outcome, controls);
  const int most = static_cast<int>(
      std::min(12 * std::pow(static_cast<double>(known) / 100, 0.25),
               static_cast<double>(known - controls.cols()) / 5));
  ResidualRoot root;
  double best = std::numeric_limits<double>::infinity();
  for (int lags = 0; lags <= most; ++lags) {
    const double aic = RegressChanges(rest, lags, most).aic;
    if (aic >= best) continue;
    best = aic;
    root.lags = lags;
  }
  const Regression chosen = RegressChanges(rest, root.lags, root.lags);
  if (chosen.values == 0) {
    return absl::FailedPreconditionError(
        "whether the controls move with the outcome cannot be tested: too "
        "many values are missing");
  }
  root.tau = chosen.tau;
  root.values = chosen.values;
  const auto series = static_cast<size_t>(controls.cols());
  root.too_many_controls = series >= kCritical.size();
  const auto& terms = kCritical[std::min(series, kCritical.size() - 1)];
  const double n = static_cast<double>(chosen.values);
  root.critical =
      terms[0] + terms[1] / n + terms[2] / n / n + terms[3] / n / n / n;
  return root;
}

}  // namespace headway::evidence
