#include "daemon/evidence/var/conditional.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/evidence/math/state_space.h"
#include "daemon/evidence/var/var.h"

namespace headway::evidence {
namespace {

// The two algorithms agree to this part of a standard deviation, or the answer
// is refused.
constexpr double kAgreement = 1e-6;

// All steps as one normal vector: step by step, series by series.
struct Gaussian {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

absl::Status CheckDynamics(const Dynamics& d, int steps) {
  const Eigen::Index k = d.coefficients.cols();
  if (steps < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("steps: ", steps, " is not at least 1"));
  }
  if (k < 1 || d.lags < 1 || d.coefficients.rows() != k * d.lags + 1 ||
      d.covariance.rows() != k || d.covariance.cols() != k ||
      d.last.rows() != d.lags || d.last.cols() != k) {
    return absl::InvalidArgumentError(
        "the shapes of coefficients, covariance and last values do not fit "
        "one another");
  }
  return absl::OkStatus();
}

absl::Status CheckConditions(const std::vector<Condition>& conditions,
                             int steps, Eigen::Index series) {
  std::set<std::pair<int, int>> seen;
  for (const Condition& condition : conditions) {
    const std::string where =
        absl::StrCat("the condition on series ", condition.series + 1,
                     " in step ", condition.step);
    if (condition.series < 0 || condition.series >= series ||
        condition.step < 1 || condition.step > steps) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " is outside of the forecast of ", series,
                       " series and ", steps, " steps"));
    }
    if (!std::isfinite(condition.value) ||
        !(condition.standard_deviation >= 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, " is ", condition.value, " with standard deviation ",
          condition.standard_deviation, "; give finite numbers"));
    }
    if (!seen.insert({condition.series, condition.step}).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " is given twice; give one"));
    }
  }
  return absl::OkStatus();
}

Eigen::VectorXd MeanPath(const Dynamics& d, int steps) {
  const Eigen::Index k = d.coefficients.cols();
  Eigen::MatrixXd path(d.lags + steps, k);
  path.topRows(d.lags) = d.last;
  for (int h = 0; h < steps; ++h) {
    Eigen::RowVectorXd next = d.coefficients.row(k * d.lags);
    for (int lag = 1; lag <= d.lags; ++lag) {
      next += path.row(d.lags + h - lag) *
              d.coefficients.middleRows(k * (lag - 1), k);
    }
    path.row(d.lags + h) = next;
  }
  const Eigen::MatrixXd ahead = path.bottomRows(steps).transpose();
  return Eigen::Map<const Eigen::VectorXd>(ahead.data(), ahead.size());
}

Gaussian JointForecast(const Dynamics& d, int steps) {
  const Eigen::Index k = d.coefficients.cols();
  const std::vector<Eigen::MatrixXd> psi =
      MovingAverage(d.coefficients, d.lags, steps);
  Eigen::MatrixXd impact = Eigen::MatrixXd::Zero(k * steps, k * steps);
  const Eigen::MatrixXd factor =
      Eigen::LLT<Eigen::MatrixXd>(d.covariance).matrixL();
  for (int h = 0; h < steps; ++h) {
    for (int s = 0; s <= h; ++s) {
      impact.block(h * k, s * k, k, k) = psi[h - s] * factor;
    }
  }
  return {MeanPath(d, steps), impact * impact.transpose()};
}

Eigen::VectorXd Deviations(const Eigen::MatrixXd& covariance) {
  return covariance.diagonal().cwiseMax(0).cwiseSqrt();
}

Eigen::MatrixXd AsSteps(const Eigen::VectorXd& stacked, Eigen::Index k) {
  return Eigen::Map<const Eigen::MatrixXd>(stacked.data(), k,
                                           stacked.size() / k)
      .transpose();
}

// By the conditional distribution of a normal vector.
absl::Status ConditionJointly(const Gaussian& joint,
                              const std::vector<Condition>& conditions,
                              Eigen::Index k, ConditionalForecast& result) {
  std::vector<Eigen::Index> at;
  Eigen::VectorXd values(conditions.size());
  Eigen::VectorXd noise(conditions.size());
  for (size_t i = 0; i < conditions.size(); ++i) {
    at.push_back((conditions[i].step - 1) * k + conditions[i].series);
    values[i] = conditions[i].value;
    noise[i] =
        conditions[i].standard_deviation * conditions[i].standard_deviation;
  }
  Eigen::MatrixXd middle = joint.covariance(at, at);
  middle.diagonal() += noise;
  const Eigen::VectorXd scale = middle.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::LLT<Eigen::MatrixXd> llt(scale.asDiagonal() * middle *
                                        scale.asDiagonal());
  if (llt.info() != Eigen::Success ||
      llt.matrixLLT().diagonal().minCoeff() < 1e-8) {
    return absl::InvalidArgumentError(
        "the conditions determine one another, so that they cannot be chosen "
        "freely; leave one of them out");
  }
  const Eigen::MatrixXd cross =
      joint.covariance(Eigen::all, at) * scale.asDiagonal();
  const Eigen::VectorXd gap = scale.asDiagonal() * (values - joint.mean(at));
  const Eigen::VectorXd solved = llt.solve(gap);
  result.mean = AsSteps(joint.mean + cross * solved, k);
  const Eigen::MatrixXd half = llt.matrixL().solve(cross.transpose());
  result.sd =
      AsSteps(Deviations(joint.covariance - half.transpose() * half), k);
  result.distance = gap.dot(solved);
  result.degrees = static_cast<int>(conditions.size());
  result.p = ChiSquaredUpperTail(result.distance, result.degrees);
  return absl::OkStatus();
}

// The same by a Kalman smoother that sees the conditions alone.
absl::StatusOr<Smoothed> ConditionBySmoother(
    const Dynamics& d, int steps, const std::vector<Condition>& conditions) {
  const Eigen::Index k = d.coefficients.cols();
  const Eigen::Index m = k * d.lags;
  StateSpace model;
  model.transition = Eigen::MatrixXd::Zero(m, m);
  model.transition.topRows(k) = d.coefficients.topRows(m).transpose();
  model.transition.bottomLeftCorner(m - k, m - k).setIdentity();
  model.shock_covariance = Eigen::MatrixXd::Zero(m, m);
  model.shock_covariance.topLeftCorner(k, k) = d.covariance;
  model.intercept = Eigen::VectorXd::Zero(m);
  model.intercept.head(k) = d.coefficients.row(m).transpose();
  model.state0.resize(m);
  for (int lag = 0; lag < d.lags; ++lag) {
    model.state0.segment(lag * k, k) = d.last.row(d.lags - 1 - lag).transpose();
  }
  model.covariance0 = Eigen::MatrixXd::Zero(m, m);
  // A row for each condition, since each may have a variance of its own.
  const Eigen::Index count = static_cast<Eigen::Index>(conditions.size());
  model.design = Eigen::MatrixXd::Zero(count, m);
  model.observation_variance.resize(count);
  Eigen::MatrixXd seen = Eigen::MatrixXd::Constant(
      steps, count, std::numeric_limits<double>::quiet_NaN());
  for (Eigen::Index i = 0; i < count; ++i) {
    const Condition& condition = conditions[i];
    model.design(i, condition.series) = 1;
    model.observation_variance[i] =
        condition.standard_deviation * condition.standard_deviation;
    seen(condition.step - 1, i) = condition.value;
  }
  return Smooth(model, seen);
}

// The largest difference, in standard deviations of the baseline.
double Disagreement(const ConditionalForecast& result,
                    const Smoothed& smoothed) {
  const Eigen::Index k = result.mean.cols();
  double largest = 0;
  for (Eigen::Index h = 0; h < result.mean.rows(); ++h) {
    for (Eigen::Index j = 0; j < k; ++j) {
      const double unit = result.baseline_sd(h, j);
      const double variance = std::max(0.0, smoothed.covariances[h](j, j));
      const double sd = result.sd(h, j);
      largest = std::max(
          {largest, std::abs(result.mean(h, j) - smoothed.states(j, h)) / unit,
           // Roots of what should be nothing are rounding alone.
           std::abs(sd * sd - variance) / (unit * unit)});
    }
  }
  return largest;
}

}  // namespace

absl::StatusOr<ConditionalForecast> ForecastGiven(
    const Dynamics& dynamics, int steps,
    const std::vector<Condition>& conditions) {
  RETURN_IF_ERROR(CheckDynamics(dynamics, steps));
  const Eigen::Index k = dynamics.coefficients.cols();
  RETURN_IF_ERROR(CheckConditions(conditions, steps, k));
  const Gaussian joint = JointForecast(dynamics, steps);
  ConditionalForecast result;
  result.baseline = AsSteps(joint.mean, k);
  result.baseline_sd = AsSteps(Deviations(joint.covariance), k);
  result.mean = result.baseline;
  result.sd = result.baseline_sd;
  if (conditions.empty()) return result;
  RETURN_IF_ERROR(ConditionJointly(joint, conditions, k, result));
  // A value that is given is certain.
  for (const Condition& condition : conditions) {
    if (condition.standard_deviation > 0) continue;
    result.mean(condition.step - 1, condition.series) = condition.value;
    result.sd(condition.step - 1, condition.series) = 0;
  }
  ASSIGN_OR_RETURN(const Smoothed smoothed,
                   ConditionBySmoother(dynamics, steps, conditions));
  result.disagreement = Disagreement(result, smoothed);
  if (!(result.disagreement <= kAgreement)) {
    return absl::InternalError(absl::StrCat(
        "two algorithms for the conditional forecast differ by ",
        result.disagreement,
        " standard deviations; the conditions are all but contradictory"));
  }
  return result;
}

}  // namespace headway::evidence
