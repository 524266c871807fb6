#include "daemon/evidence/counterfactual/likelihood.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/optimize.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Variances are searched for between these, in units of the changes'. A
// convention: below, they are taken as zero where that is no less likely.
constexpr double kLeastLog = -18;
constexpr double kMostLog = 5;
// Likelihoods that differ by less are the same.
constexpr double kSameLikelihood = 1e-6;

MatrixXd Joined(const VectorXd& outcome, const MatrixXd& regressors) {
  MatrixXd columns(outcome.size(), regressors.cols() + 1);
  columns << outcome, regressors;
  return columns;
}

// What the errors of one run say about the coefficients.
struct Profile {
  VectorXd coefficients;
  MatrixXd precision;
  double log_likelihood = -std::numeric_limits<double>::infinity();
  Index values = 0;
  Index diffuse = 0;
};

class Sums {
 public:
  explicit Sums(const StateFilter& filter) : filter_(filter) {
    const Index count = filter.errors().cols() - 1;
    precision_.setZero(count, count);
    product_.setZero(count);
    for (Index t = 0; t < filter.errors().rows(); ++t) Add(t);
  }

  Profile At(const VectorXd& coefficients) const {
    const double squares = squares_ - 2 * coefficients.dot(product_) +
                           coefficients.dot(precision_ * coefficients);
    Profile profile{coefficients, precision_};
    profile.values = values_;
    profile.diffuse = diffuse_;
    if (is_possible_) {
      profile.log_likelihood =
          -0.5 *
          (static_cast<double>(values_) * std::log(2 * std::numbers::pi) +
           logs_ + filter_.log_infinite_variances() + squares);
    }
    return profile;
  }

  Profile Best() const { return At(precision_.ldlt().solve(product_)); }
  bool is_possible() const { return is_possible_; }

 private:
  void Add(Index t) {
    const auto row = filter_.errors().row(t);
    if (std::isnan(row[0])) return;
    ++values_;
    if (filter_.is_diffuse(t)) {
      ++diffuse_;
      return;
    }
    const double variance = filter_.error_variances()[t];
    if (!(variance > 0) || std::isinf(variance)) {
      is_possible_ = false;
      return;
    }
    const VectorXd others = row.tail(row.size() - 1);
    precision_.noalias() += others * others.transpose() / variance;
    product_ += others * (row[0] / variance);
    squares_ += row[0] * row[0] / variance;
    logs_ += std::log(variance);
  }

  const StateFilter& filter_;
  MatrixXd precision_;
  VectorXd product_;
  double squares_ = 0;
  double logs_ = 0;
  Index values_ = 0;
  Index diffuse_ = 0;
  bool is_possible_ = true;
};

// The variances that are searched for, as numbers.
class Search {
 public:
  Search(const MatrixXd& columns, const StructuralOptions& options, double unit)
      : columns_(columns),
        form_(options.form),
        first_(FirstState::Diffuse(options.form)),
        unit_(unit),
        filter_(options.form) {
    parts_ = {&StructuralVariances::irregular, &StructuralVariances::level};
    if (form_.slope) parts_.push_back(&StructuralVariances::slope);
    if (form_.season > 1 && options.season_varies) {
      parts_.push_back(&StructuralVariances::season);
    }
  }

  StructuralVariances VariancesAt(absl::Span<const double> x) const {
    StructuralVariances variances;
    for (size_t i = 0; i < parts_.size(); ++i) {
      variances.*parts_[i] = unit_ * std::exp(x[i]);
    }
    return variances;
  }

  Profile At(const StructuralVariances& variances) {
    filter_.Run(columns_, variances, first_);
    return Sums(filter_).Best();
  }

  StructuralVariances Best() {
    std::optional<forecast::Minimum> best;
    for (const std::array<double, 4>& start : kStarts) {
      const forecast::Minimum found = From(start);
      if (!best || found.value < best->value - kSameLikelihood) best = found;
    }
    return WithZeros(VariancesAt(best->x));
  }

 private:
  // Logarithms of irregular, level, slope and season.
  static constexpr std::array<std::array<double, 4>, 4> kStarts = {{
      {-0.7, -2.0, -6.0, -5.0},
      {-2.5, -0.3, -4.0, -3.0},
      {-0.7, -6.0, -9.0, -9.0},
      {-7.0, 0.0, -8.0, -1.5},
  }};

  forecast::Minimum From(const std::array<double, 4>& start) {
    const size_t count = parts_.size();
    std::vector<double> x(start.begin(), start.begin() + 2);
    if (form_.slope) x.push_back(start[2]);
    if (count > x.size()) x.push_back(start[3]);
    const forecast::Box box = {std::vector<double>(count, kLeastLog),
                               std::vector<double>(count, kMostLog)};
    const auto value = [this](absl::Span<const double> at) {
      return -At(VariancesAt(at)).log_likelihood;
    };
    const auto objective = [&](absl::Span<const double> at,
                               absl::Span<double> gradient) {
      constexpr double kStep = 1e-4;
      std::vector<double> near(at.begin(), at.end());
      for (size_t i = 0; i < count; ++i) {
        near[i] = at[i] + kStep;
        const double above = value(near);
        near[i] = at[i] - kStep;
        gradient[i] = (above - value(near)) / (2 * kStep);
        near[i] = at[i];
      }
      return value(at);
    };
    forecast::MinimizeOptions options;
    options.tolerance = 1e-10;
    return forecast::MinimizeInBox(objective, std::move(x), box, options);
  }

  // Those that are no better than zero are zero.
  StructuralVariances WithZeros(StructuralVariances variances) {
    double likelihood = At(variances).log_likelihood;
    for (const auto part : parts_) {
      StructuralVariances without = variances;
      without.*part = 0;
      const double other = At(without).log_likelihood;
      if (other < likelihood - kSameLikelihood) continue;
      variances = without;
      likelihood = other;
    }
    return variances;
  }

  const MatrixXd& columns_;
  StructuralForm form_;
  FirstState first_;
  double unit_;
  StateFilter filter_;
  std::vector<double StructuralVariances::*> parts_;
};

// The mean square of the changes of what least squares leave of the outcome;
// its own scale, so that units do not matter.
double UnitOf(const MatrixXd& columns) {
  const Index rows = columns.rows();
  MatrixXd x(rows, columns.cols());
  x << VectorXd::Ones(rows), columns.rightCols(columns.cols() - 1);
  VectorXd y = columns.col(0);
  for (Index t = 0; t < rows; ++t) {
    if (!std::isnan(y[t])) continue;
    y[t] = 0;
    x.row(t).setZero();
  }
  const VectorXd rest = y - x * x.colPivHouseholderQr().solve(y);
  double sum = 0;
  Index count = 0;
  for (Index t = 1; t < rows; ++t) {
    if (std::isnan(columns(t, 0)) || std::isnan(columns(t - 1, 0))) continue;
    sum += (rest[t] - rest[t - 1]) * (rest[t] - rest[t - 1]);
    ++count;
  }
  const double unit = count > 0 ? sum / static_cast<double>(count) : 0;
  return unit > 0 ? unit : std::max(1e-300, y.squaredNorm() * 1e-12);
}

// Whether the values tell the regressors from one another and from the states.
absl::Status CheckPrecision(const MatrixXd& precision,
                            const MatrixXd& regressors,
                            const std::vector<std::string>& names) {
  const VectorXd scale = precision.diagonal().cwiseMax(0).cwiseSqrt();
  for (Index i = 0; i < precision.rows(); ++i) {
    MatrixXd part = precision.topLeftCorner(i + 1, i + 1);
    for (Index j = 0; j <= i; ++j) {
      if (scale[j] <= 0) continue;
      part.row(j) /= scale[j];
      part.col(j) /= scale[j];
    }
    const double size = regressors.col(i).cwiseAbs().maxCoeff();
    if (scale[i] > 1e-9 * size && part.ldlt().vectorD().minCoeff() > 1e-10) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "regressor \"", names[static_cast<size_t>(i)],
        "\" is a combination of those before it and of level and season; leave "
        "it out"));
  }
  return absl::OkStatus();
}

absl::StatusOr<StructuralFit> FinishedFit(StateFilter& filter,
                                          const StructuralVariances& variances,
                                          const Profile& profile) {
  if (!filter.is_determined()) {
    return absl::FailedPreconditionError(
        "the values do not determine every part of the season or the slope; "
        "begin earlier, or leave that part out");
  }
  if (!std::isfinite(profile.log_likelihood)) {
    return absl::FailedPreconditionError(
        "the model leaves no room for the values: all its variances are zero");
  }
  StructuralFit fit;
  fit.variances = variances;
  fit.coefficients = profile.coefficients;
  fit.log_likelihood = profile.log_likelihood;
  fit.values = profile.values;
  fit.diffuse = profile.diffuse;
  fit.states = filter.SmoothedStates(profile.coefficients);
  return fit;
}

}  // namespace

absl::StatusOr<StructuralFit> FitAt(const VectorXd& outcome,
                                    const MatrixXd& regressors,
                                    const StructuralForm& form,
                                    const StructuralVariances& variances,
                                    const VectorXd& coefficients) {
  StateFilter filter(form);
  filter.Run(Joined(outcome, regressors), variances, FirstState::Diffuse(form));
  ASSIGN_OR_RETURN(
      StructuralFit fit,
      FinishedFit(filter, variances, Sums(filter).At(coefficients)));
  fit.coefficient_covariance.setZero(coefficients.size(), coefficients.size());
  return fit;
}

absl::StatusOr<StructuralFit> FitStructural(
    const VectorXd& outcome, const MatrixXd& regressors,
    const std::vector<std::string>& names, const StructuralOptions& options) {
  const MatrixXd columns = Joined(outcome, regressors);
  Search search(columns, options, UnitOf(columns));
  StateFilter filter(options.form);
  const FirstState first = FirstState::Diffuse(options.form);
  // Before the search, whose likelihoods would mean nothing.
  filter.Run(columns, {.irregular = 1, .level = 1}, first);
  RETURN_IF_ERROR(
      CheckPrecision(Sums(filter).Best().precision, regressors, names));
  const StructuralVariances variances = search.Best();
  filter.Run(columns, variances, first);
  const Profile profile = Sums(filter).Best();
  ASSIGN_OR_RETURN(StructuralFit fit, FinishedFit(filter, variances, profile));
  const Index count = regressors.cols();
  fit.coefficient_covariance =
      profile.precision.ldlt().solve(MatrixXd::Identity(count, count));
  return fit;
}

absl::StatusOr<StructuralForecast> ForecastStructural(
    const VectorXd& outcome, const MatrixXd& regressors,
    const StructuralForm& form, const StructuralFit& fit) {
  const Index known = outcome.size();
  const Index ahead = regressors.rows() - known;
  VectorXd longer = VectorXd::Constant(
      regressors.rows(), std::numeric_limits<double>::quiet_NaN());
  longer.head(known) = outcome;
  // While the outcome is missing, the errors of a regressor are what an error
  // of its coefficient is multiplied by.
  StateFilter filter(form);
  filter.Run(Joined(longer, regressors), fit.variances,
             FirstState::Diffuse(form));
  if (!filter.is_determined()) {
    return absl::FailedPreconditionError(
        "the values do not determine every part of the season or the slope");
  }
  const MatrixXd x =
      filter.errors().bottomRightCorner(ahead, regressors.cols());
  StructuralForecast forecast;
  forecast.covariance = x * fit.coefficient_covariance * x.transpose();
  for (Index i = 0; i < ahead; ++i) {
    for (Index j = i; j < ahead; ++j) {
      const double shared = filter.ErrorCovariance(known + i, known + j);
      forecast.covariance(i, j) += shared;
      if (j > i) forecast.covariance(j, i) += shared;
    }
  }
  VectorXd state = fit.states.col(known - 1);
  forecast.mean.resize(ahead);
  for (Index i = 0; i < ahead; ++i) {
    MoveStates(form, state);
    forecast.mean[i] = state[0] +
                       (form.season > 1 ? state[form.first_season()] : 0) +
                       regressors.row(known + i).dot(fit.coefficients);
  }
  return forecast;
}

absl::StatusOr<StructuralImpact> EstimateStructuralImpact(
    const CounterfactualInput& input, const StructuralOptions& options) {
  RETURN_IF_ERROR(CheckInput(input, options.form));
  StructuralImpact impact;
  const Index count = input.controls.cols();
  MatrixXd with_step(input.periods(), count + 1);
  with_step << input.controls, VectorXd::Zero(input.periods());
  with_step.col(count).tail(input.after()).setOnes();
  std::vector<std::string> names = input.control_names;
  names.push_back("the step at the event");
  ASSIGN_OR_RETURN(impact.with_step,
                   FitStructural(input.outcome, with_step, names, options));
  impact.step = impact.with_step.coefficients[count];
  impact.step_error =
      std::sqrt(impact.with_step.coefficient_covariance(count, count));

  const VectorXd before = input.outcome.head(input.before);
  ASSIGN_OR_RETURN(impact.before,
                   FitStructural(before, input.controls.topRows(input.before),
                                 input.control_names, options));
  ASSIGN_OR_RETURN(
      impact.forecast,
      ForecastStructural(before, input.controls, options.form, impact.before));
  const VectorXd after = input.outcome.tail(input.after());
  VectorXd weights(after.size());
  for (Index i = 0; i < after.size(); ++i) {
    weights[i] = std::isnan(after[i]) ? 0 : 1;
  }
  impact.compared = static_cast<Index>(weights.sum());
  weights /= weights.sum();
  for (Index i = 0; i < after.size(); ++i) {
    if (weights[i] > 0) {
      impact.average += weights[i] * (after[i] - impact.forecast.mean[i]);
    }
  }
  impact.average_error =
      std::sqrt(weights.dot(impact.forecast.covariance * weights));
  impact.fitted =
      impact.before.states.row(0).transpose() +
      input.controls.topRows(input.before) * impact.before.coefficients;
  if (options.form.season > 1) {
    impact.fitted +=
        impact.before.states.row(options.form.first_season()).transpose();
  }
  return impact;
}

}  // namespace headway::evidence
