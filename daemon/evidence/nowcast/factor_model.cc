#include "daemon/evidence/nowcast/factor_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

constexpr int kQuarterMonths = 5;
constexpr std::array<double, kQuarterMonths> kQuarterWeights = {1, 2, 3, 2, 1};

bool AnyQuarterly(const FactorModelOptions& options) {
  return std::any_of(options.quarterly.begin(), options.quarterly.end(),
                     [](bool quarterly) { return quarterly; });
}

// Where things stand in the state.
struct Layout {
  explicit Layout(const FactorModelOptions& options)
      : factors(options.factors),
        held(AnyQuarterly(options) ? std::max(options.lags, kQuarterMonths)
                                   : options.lags) {
    Eigen::Index at = static_cast<Eigen::Index>(factors) * held;
    own.resize(options.quarterly.size());
    for (size_t i = 0; i < own.size(); ++i) {
      if (!options.quarterly[i]) own[i] = at++;
    }
    for (size_t i = 0; i < own.size(); ++i) {
      if (!options.quarterly[i]) continue;
      own[i] = at;
      at += kQuarterMonths;
    }
    states = at;
  }

  int factors;
  int held;  // months of factors
  std::vector<Eigen::Index> own;
  Eigen::Index states = 0;
};

// The factors as a series sees them, as a function of the state, and its own
// part: z = select * state, e = own * state.
struct View {
  Eigen::MatrixXd select;
  Eigen::RowVectorXd own;
};

View ViewOf(const Layout& layout, const FactorModelOptions& options,
            size_t series) {
  const int r = layout.factors;
  View view{Eigen::MatrixXd::Zero(r, layout.states),
            Eigen::RowVectorXd::Zero(layout.states)};
  const int months = options.quarterly[series] ? kQuarterMonths : 1;
  for (int lag = 0; lag < months; ++lag) {
    const double weight = months == 1 ? 1 : kQuarterWeights[lag];
    view.select.middleCols(static_cast<Eigen::Index>(lag) * r, r) =
        weight * Eigen::MatrixXd::Identity(r, r);
    view.own[layout.own[series] + lag] = weight;
  }
  return view;
}

absl::Status CheckFactorOptions(const std::vector<std::string>& names,
                                const Eigen::MatrixXd& table,
                                const FactorModelOptions& options) {
  const Eigen::Index series = table.cols();
  if (static_cast<Eigen::Index>(names.size()) != series ||
      static_cast<Eigen::Index>(options.quarterly.size()) != series) {
    return absl::InvalidArgumentError(
        "give a name and a frequency for every series of the factor model");
  }
  const Eigen::Index monthly =
      std::count(options.quarterly.begin(), options.quarterly.end(), false);
  if (options.factors < 1 || options.factors > monthly) {
    return absl::InvalidArgumentError(absl::StrCat("factors: ", options.factors,
                                                   " is not between 1 and the ",
                                                   monthly, " monthly series"));
  }
  if (options.lags < 1 || options.lags > 12) {
    return absl::InvalidArgumentError(absl::StrCat(
        "lags of the factors: ", options.lags, " is not between 1 and 12"));
  }
  if (!(options.tolerance > 0) || options.most_iterations < 1 ||
      !(options.observation_variance > 0)) {
    return absl::InvalidArgumentError(
        "tolerance, iterations and the observation variance must be above 0");
  }
  for (Eigen::Index j = 0; j < series; ++j) {
    const Eigen::Index values =
        (table.col(j).array() == table.col(j).array()).count();
    const Eigen::Index least = options.quarterly[j] ? 4 : 8;
    if (values >= least) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        names[j], " has ", values, " values; a factor model needs ", least,
        " or more of each series"));
  }
  return absl::OkStatus();
}

struct Autoregression {
  double coefficient = 0;
  double variance = 0;
};

// Of a series with gaps, where it and its past are there.
Autoregression FitOwn(const Eigen::VectorXd& values) {
  double products = 0;
  double squares = 0;
  double total = 0;
  int pairs = 0;
  for (Eigen::Index t = 1; t < values.size(); ++t) {
    if (std::isnan(values[t]) || std::isnan(values[t - 1])) continue;
    products += values[t] * values[t - 1];
    squares += values[t - 1] * values[t - 1];
    total += values[t] * values[t];
    ++pairs;
  }
  if (pairs < 3 || squares <= 0) return {0, 1};
  Autoregression fit;
  fit.coefficient = std::clamp(products / squares, -0.9, 0.9);
  fit.variance = std::max(1e-4, (total - fit.coefficient * products) / pairs);
  return fit;
}

// Principal components of the monthly series; a missing value is its mean.
Eigen::MatrixXd StartFactors(const Eigen::MatrixXd& table,
                             const FactorModelOptions& options) {
  Eigen::MatrixXd monthly(table.rows(), 0);
  for (Eigen::Index j = 0; j < table.cols(); ++j) {
    if (options.quarterly[j]) continue;
    monthly.conservativeResize(Eigen::NoChange, monthly.cols() + 1);
    monthly.rightCols(1) = table.col(j).unaryExpr(
        [](double value) { return std::isnan(value) ? 0.0 : value; });
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      monthly.transpose() * monthly);
  // Eigenvalues rise, and a component's sign is free: the first load is up.
  Eigen::MatrixXd loads =
      solver.eigenvectors().rightCols(options.factors).rowwise().reverse();
  for (Eigen::Index k = 0; k < loads.cols(); ++k) {
    if (loads.col(k).sum() < 0) loads.col(k) *= -1;
  }
  return monthly * loads;
}

// What a series sees of the factors, month by month; NaN before enough months.
Eigen::MatrixXd SeenFactors(const Eigen::MatrixXd& factors, bool quarterly) {
  if (!quarterly) return factors;
  Eigen::MatrixXd seen =
      Eigen::MatrixXd::Constant(factors.rows(), factors.cols(), std::nan(""));
  for (Eigen::Index t = kQuarterMonths - 1; t < factors.rows(); ++t) {
    seen.row(t).setZero();
    for (int lag = 0; lag < kQuarterMonths; ++lag) {
      seen.row(t) += kQuarterWeights[lag] * factors.row(t - lag);
    }
  }
  return seen;
}

void StartSeries(const Eigen::VectorXd& values, const Eigen::MatrixXd& seen,
                 bool quarterly, Eigen::Index series,
                 FactorParameters& parameters) {
  const Eigen::Index r = seen.cols();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Identity(r, r) * 1e-8;
  Eigen::VectorXd products = Eigen::VectorXd::Zero(r);
  for (Eigen::Index t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t]) || std::isnan(seen(t, 0))) continue;
    gram += seen.row(t).transpose() * seen.row(t);
    products += seen.row(t).transpose() * values[t];
  }
  const Eigen::VectorXd load = gram.ldlt().solve(products);
  parameters.loadings.row(series) = load.transpose();
  const Eigen::VectorXd rest = values - seen * load;
  Autoregression own = FitOwn(rest);
  if (quarterly) {
    // The sum of 1 + 4 + 9 + 4 + 1 months of its own part.
    double squares = 0;
    int count = 0;
    for (double value : rest) {
      if (std::isnan(value)) continue;
      squares += value * value;
      ++count;
    }
    own = {0.1, std::max(1e-4, squares / std::max(count, 1) / 19)};
  }
  parameters.own_ar[series] = own.coefficient;
  parameters.own_variance[series] = own.variance;
}

FactorParameters StartParameters(const Eigen::MatrixXd& table,
                                 const FactorModelOptions& options) {
  const Eigen::MatrixXd factors = StartFactors(table, options);
  const Eigen::Index r = options.factors;
  const Eigen::Index p = options.lags;
  const Eigen::Index n = table.rows() - p;
  Eigen::MatrixXd past(n, r * p);
  for (Eigen::Index lag = 1; lag <= p; ++lag) {
    past.middleCols((lag - 1) * r, r) = factors.middleRows(p - lag, n);
  }
  FactorParameters parameters;
  parameters.factor_transition =
      past.colPivHouseholderQr().solve(factors.bottomRows(n)).transpose();
  const Eigen::MatrixXd rest =
      factors.bottomRows(n) - past * parameters.factor_transition.transpose();
  parameters.factor_covariance =
      rest.transpose() * rest / static_cast<double>(n);
  parameters.loadings.resize(table.cols(), r);
  parameters.own_ar.resize(table.cols());
  parameters.own_variance.resize(table.cols());
  for (Eigen::Index j = 0; j < table.cols(); ++j) {
    StartSeries(table.col(j), SeenFactors(factors, options.quarterly[j]),
                options.quarterly[j], j, parameters);
  }
  return parameters;
}

// Sums of smoothed second moments, from the second month on.
struct Moments {
  Eigen::MatrixXd now;     // E[a_t a_t']
  Eigen::MatrixXd cross;   // E[a_t a_{t-1}']
  Eigen::MatrixXd before;  // E[a_{t-1} a_{t-1}']
};

Eigen::MatrixXd SecondMoment(const Smoothed& smoothed, Eigen::Index t) {
  return smoothed.covariances[t] +
         smoothed.states.col(t) * smoothed.states.col(t).transpose();
}

Moments MomentsOf(const Smoothed& smoothed) {
  const Eigen::Index m = smoothed.states.rows();
  Moments moments{Eigen::MatrixXd::Zero(m, m), Eigen::MatrixXd::Zero(m, m),
                  Eigen::MatrixXd::Zero(m, m)};
  Eigen::MatrixXd previous = SecondMoment(smoothed, 0);
  for (Eigen::Index t = 1; t < smoothed.states.cols(); ++t) {
    Eigen::MatrixXd current = SecondMoment(smoothed, t);
    moments.now += current;
    moments.before += previous;
    moments.cross +=
        smoothed.lag_covariances[t] +
        smoothed.states.col(t) * smoothed.states.col(t - 1).transpose();
    previous = std::move(current);
  }
  return moments;
}

// Loadings of one series, given smoothed states: its values less its own part,
// on what it sees of the factors.
Eigen::RowVectorXd NextLoadings(const Eigen::VectorXd& values, const View& view,
                                const Smoothed& smoothed) {
  const Eigen::Index r = view.select.rows();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(r, r);
  Eigen::RowVectorXd products = Eigen::RowVectorXd::Zero(r);
  for (Eigen::Index t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    const Eigen::MatrixXd moment =
        SecondMoment(smoothed, t) * view.select.transpose();
    gram += view.select * moment;
    products += values[t] * (view.select * smoothed.states.col(t)).transpose() -
                view.own * moment;
  }
  return gram.ldlt().solve(products.transpose()).transpose();
}

FactorParameters NextParameters(const Eigen::MatrixXd& table,
                                const FactorModelOptions& options,
                                const Smoothed& smoothed) {
  const Layout layout(options);
  const Moments moments = MomentsOf(smoothed);
  const Eigen::Index r = options.factors;
  const Eigen::Index past = r * options.lags;
  const double n = static_cast<double>(table.rows() - 1);
  FactorParameters next;
  const Eigen::MatrixXd cross = moments.cross.topLeftCorner(r, past);
  next.factor_transition = moments.before.topLeftCorner(past, past)
                               .ldlt()
                               .solve(cross.transpose())
                               .transpose();
  next.factor_covariance = (moments.now.topLeftCorner(r, r) -
                            next.factor_transition * cross.transpose()) /
                           n;
  next.factor_covariance =
      (0.5 * (next.factor_covariance + next.factor_covariance.transpose()))
          .eval();
  next.loadings.resize(table.cols(), r);
  next.own_ar.resize(table.cols());
  next.own_variance.resize(table.cols());
  for (Eigen::Index j = 0; j < table.cols(); ++j) {
    const Eigen::Index at = layout.own[j];
    next.own_ar[j] = moments.cross(at, at) / moments.before(at, at);
    next.own_variance[j] = std::max(
        1e-12,
        (moments.now(at, at) - next.own_ar[j] * moments.cross(at, at)) / n);
    next.loadings.row(j) =
        NextLoadings(table.col(j),
                     ViewOf(layout, options, static_cast<size_t>(j)), smoothed);
  }
  return next;
}

}  // namespace

absl::StatusOr<StateSpace> FactorStateSpace(const FactorParameters& p,
                                            const FactorModelOptions& options) {
  const Layout layout(options);
  const Eigen::Index r = layout.factors;
  const Eigen::Index series = p.loadings.rows();
  StateSpace model;
  model.transition = Eigen::MatrixXd::Zero(layout.states, layout.states);
  model.shock_covariance = Eigen::MatrixXd::Zero(layout.states, layout.states);
  model.transition.topLeftCorner(r, p.factor_transition.cols()) =
      p.factor_transition;
  const Eigen::Index kept = r * (layout.held - 1);
  model.transition.block(r, 0, kept, kept).setIdentity();
  model.shock_covariance.topLeftCorner(r, r) = p.factor_covariance;
  model.design.resize(series, layout.states);
  for (Eigen::Index j = 0; j < series; ++j) {
    const Eigen::Index at = layout.own[j];
    model.transition(at, at) = p.own_ar[j];
    model.shock_covariance(at, at) = p.own_variance[j];
    if (options.quarterly[j]) {
      model.transition.block(at + 1, at, kQuarterMonths - 1, kQuarterMonths - 1)
          .setIdentity();
    }
    const View view = ViewOf(layout, options, static_cast<size_t>(j));
    model.design.row(j) = p.loadings.row(j) * view.select + view.own;
  }
  model.observation_variance =
      Eigen::VectorXd::Constant(series, options.observation_variance);
  model.state0 = Eigen::VectorXd::Zero(layout.states);
  ASSIGN_OR_RETURN(
      model.covariance0,
      StationaryCovariance(model.transition, model.shock_covariance));
  return model;
}

absl::StatusOr<FactorModel> FitFactorModel(
    const std::vector<std::string>& names, const Eigen::MatrixXd& table,
    const FactorModelOptions& options) {
  RETURN_IF_ERROR(CheckFactorOptions(names, table, options));
  FactorModel model;
  model.options = options;
  model.parameters = StartParameters(table, options);
  for (int i = 0; i <= options.most_iterations; ++i) {
    const absl::StatusOr<StateSpace> state_space =
        FactorStateSpace(model.parameters, options);
    if (!state_space.ok()) {
      return Annotate(state_space.status(),
                      "a factor model needs series that return to their mean; "
                      "take differences or growth rates");
    }
    model.state_space = *state_space;
    ASSIGN_OR_RETURN(const Smoothed smoothed, Smooth(model.state_space, table));
    const double before = model.log_likelihood;
    model.log_likelihood = smoothed.log_likelihood;
    model.path.push_back(smoothed.log_likelihood);
    const double change = 2 * std::abs(model.log_likelihood - before) /
                          (std::abs(model.log_likelihood) + std::abs(before));
    if (i > 0 && change < options.tolerance) {
      model.converged = true;
      break;
    }
    if (i == options.most_iterations) break;
    model.parameters = NextParameters(table, options, smoothed);
  }
  return model;
}

absl::StatusOr<Standardised> StandardiseTable(
    const std::vector<std::string>& names, const Eigen::MatrixXd& table) {
  Standardised result;
  result.mean.resize(table.cols());
  result.deviation.resize(table.cols());
  result.table = table;
  for (Eigen::Index j = 0; j < table.cols(); ++j) {
    double sum = 0;
    double count = 0;
    for (double value : table.col(j)) {
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    const double mean = count > 0 ? sum / count : 0;
    double squares = 0;
    for (double value : table.col(j)) {
      if (!std::isnan(value)) squares += (value - mean) * (value - mean);
    }
    if (count < 2 || !(squares > 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat(names[j], " has ", count,
                       " values and no variation among them; leave it out"));
    }
    result.mean[j] = mean;
    result.deviation[j] = std::sqrt(squares / (count - 1));
    result.table.col(j).array() =
        (table.col(j).array() - mean) / result.deviation[j];
  }
  return result;
}

}  // namespace headway::evidence
