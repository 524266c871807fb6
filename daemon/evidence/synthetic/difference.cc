#include "daemon/evidence/synthetic/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/parallel_for.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/simplex_qp.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Ridges {
  double unit = 0;
  double time = 0;
};

Index DonorsOf(const BlockPanel& panel) {
  return panel.outcomes.rows() - panel.treated;
}

absl::Status CheckPanel(const BlockPanel& panel,
                        DifferenceEstimator estimator) {
  const int least = estimator == DifferenceEstimator::kDifference ? 1 : 2;
  if (panel.treated < 1 || DonorsOf(panel) < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("synthetic difference in differences: there are ",
                     panel.treated, " treated units and ", DonorsOf(panel),
                     " donors; at least one of each is needed"));
  }
  if (panel.before < least || panel.before >= panel.outcomes.cols()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "synthetic difference in differences: ", panel.before,
        " periods come before the treatment and ",
        panel.outcomes.cols() - panel.before, " after it begins; at least ",
        least, " before and 1 after are needed"));
  }
  if (panel.outcomes.allFinite()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "synthetic difference in differences: an outcome is missing; fill it or "
      "leave its unit out");
}

double NoiseOf(const BlockPanel& panel) {
  const MatrixXd donors =
      panel.outcomes.topLeftCorner(DonorsOf(panel), panel.before);
  if (panel.before < 2) return 0;
  const MatrixXd steps =
      donors.rightCols(panel.before - 1) - donors.leftCols(panel.before - 1);
  if (steps.size() < 2) return 0;
  return std::sqrt((steps.array() - steps.mean()).square().sum() /
                   static_cast<double>(steps.size() - 1));
}

Ridges RidgesOf(const BlockPanel& panel, DifferenceEstimator estimator,
                double noise) {
  constexpr double kSlight = 1e-6;
  const auto after = static_cast<double>(panel.outcomes.cols() - panel.before);
  const double share = std::pow(panel.treated * after, 0.25);
  return {
      noise * (estimator == DifferenceEstimator::kSynthetic ? share : kSlight),
      noise * kSlight};
}

absl::Status WeighUnits(const BlockPanel& panel, const Ridges& ridges,
                        bool has_intercept, DifferenceFit& fit) {
  const Index before = panel.before;
  ASSIGN_OR_RETURN(
      const SimplexFit solution,
      FitSimplex(
          {.a = panel.outcomes.topLeftCorner(DonorsOf(panel), before)
                    .transpose(),
           .b = panel.outcomes.bottomLeftCorner(panel.treated, before)
                    .colwise()
                    .mean()
                    .transpose(),
           .ridge = ridges.unit * ridges.unit * static_cast<double>(before),
           .has_intercept = has_intercept}));
  fit.unit_weights = solution.weights;
  fit.duality_gap = std::max(fit.duality_gap, solution.duality_gap);
  return absl::OkStatus();
}

absl::Status WeighPeriods(const BlockPanel& panel, const Ridges& ridges,
                          DifferenceFit& fit) {
  const Index donors = DonorsOf(panel);
  const Index after = panel.outcomes.cols() - panel.before;
  ASSIGN_OR_RETURN(
      const SimplexFit solution,
      FitSimplex(
          {.a = panel.outcomes.topLeftCorner(donors, panel.before),
           .b = panel.outcomes.topRightCorner(donors, after).rowwise().mean(),
           .ridge = ridges.time * ridges.time * static_cast<double>(donors),
           .has_intercept = true}));
  fit.time_weights = solution.weights;
  fit.duality_gap = std::max(fit.duality_gap, solution.duality_gap);
  return absl::OkStatus();
}

void FillEffect(const BlockPanel& panel, DifferenceFit& fit) {
  const Index donors = DonorsOf(panel);
  fit.observed =
      panel.outcomes.bottomRows(panel.treated).colwise().mean().transpose();
  const VectorXd weighted =
      panel.outcomes.topRows(donors).transpose() * fit.unit_weights;
  const double shift =
      (fit.observed - weighted).head(panel.before).dot(fit.time_weights);
  fit.counterfactual = weighted.array() + shift;
  fit.effect = (fit.observed - fit.counterfactual)
                   .tail(panel.outcomes.cols() - panel.before)
                   .mean();
}

absl::StatusOr<DifferenceFit> FitChecked(const BlockPanel& panel,
                                         DifferenceEstimator estimator) {
  DifferenceFit fit;
  fit.noise = NoiseOf(panel);
  const Ridges ridges = RidgesOf(panel, estimator, fit.noise);
  if (estimator != DifferenceEstimator::kDifference) {
    fit.unit_ridge = ridges.unit;
  }
  if (estimator == DifferenceEstimator::kSynthetic) {
    fit.time_ridge = ridges.time;
  }
  const Index donors = DonorsOf(panel);
  switch (estimator) {
    case DifferenceEstimator::kSynthetic:
      RETURN_IF_ERROR(WeighUnits(panel, ridges, true, fit));
      RETURN_IF_ERROR(WeighPeriods(panel, ridges, fit));
      break;
    case DifferenceEstimator::kControl:
      RETURN_IF_ERROR(WeighUnits(panel, ridges, false, fit));
      fit.time_weights = VectorXd::Zero(panel.before);
      break;
    case DifferenceEstimator::kDifference:
      fit.unit_weights =
          VectorXd::Constant(donors, 1.0 / static_cast<double>(donors));
      fit.time_weights = VectorXd::Constant(panel.before, 1.0 / panel.before);
      break;
  }
  FillEffect(panel, fit);
  return fit;
}

// The rows of `order`, of which the last `treated` count as treated.
BlockPanel Reordered(const BlockPanel& panel, const std::vector<Index>& order,
                     int treated) {
  BlockPanel chosen{.outcomes = MatrixXd(static_cast<Index>(order.size()),
                                         panel.outcomes.cols()),
                    .treated = treated,
                    .before = panel.before};
  for (size_t i = 0; i < order.size(); ++i) {
    chosen.outcomes.row(static_cast<Index>(i)) = panel.outcomes.row(order[i]);
  }
  return chosen;
}

// Donors with those at `treated` moved to the end.
std::vector<Index> PlaceboOrder(Index donors,
                                const std::vector<Index>& treated) {
  std::vector<Index> order;
  for (Index j = 0; j < donors; ++j) {
    if (std::find(treated.begin(), treated.end(), j) == treated.end()) {
      order.push_back(j);
    }
  }
  order.insert(order.end(), treated.begin(), treated.end());
  return order;
}

// Uniform numbers of one replication.
class Draws {
 public:
  Draws(uint64_t seed, size_t replication)
      : seed_(seed), counter_(static_cast<uint64_t>(replication) << 32) {}
  // Below `count`.
  Index Next(Index count) {
    const double uniform = forecast::UniformAt(seed_, counter_++);
    return std::min(count - 1,
                    static_cast<Index>(uniform * static_cast<double>(count)));
  }

 private:
  uint64_t seed_;
  uint64_t counter_;
};

std::vector<Index> DrawPlacebos(Index donors, int treated, Draws draws) {
  std::vector<Index> all;
  for (Index j = 0; j < donors; ++j) all.push_back(j);
  for (int i = 0; i < treated; ++i) {
    std::swap(all[static_cast<size_t>(i)],
              all[static_cast<size_t>(i + draws.Next(donors - i))]);
  }
  all.resize(static_cast<size_t>(treated));
  return all;
}

// Units with replacement, at least one treated and one donor; sorted.
std::vector<Index> DrawUnits(const BlockPanel& panel, Draws draws) {
  const Index units = panel.outcomes.rows();
  const Index donors = DonorsOf(panel);
  std::vector<Index> order;
  do {
    order.clear();
    for (Index i = 0; i < units; ++i) order.push_back(draws.Next(units));
    std::sort(order.begin(), order.end());
  } while (order.front() >= donors || order.back() < donors);
  return order;
}

// All estimates, or the first error.
absl::Status Replicate(
    size_t count, const Workers& workers, std::vector<double>& estimates,
    absl::FunctionRef<absl::StatusOr<DifferenceFit>(size_t)> make) {
  std::vector<absl::Status> errors(count);
  estimates.resize(count);
  ParallelFor(workers.pool, workers.threads, count, [&](size_t i) {
    const auto fit = make(i);
    errors[i] = fit.status();
    if (fit.ok()) estimates[i] = fit->effect;
  });
  for (const absl::Status& error : errors) RETURN_IF_ERROR(error);
  return absl::OkStatus();
}

// With the number of estimates below, as the paper has it.
double Spread(const std::vector<double>& estimates) {
  const auto count = static_cast<double>(estimates.size());
  double mean = 0;
  for (const double estimate : estimates) mean += estimate / count;
  double sum = 0;
  for (const double estimate : estimates) {
    sum += (estimate - mean) * (estimate - mean);
  }
  return std::sqrt(sum / count);
}

absl::StatusOr<ErrorEstimate> PlaceboError(const BlockPanel& panel,
                                           DifferenceEstimator estimator,
                                           const ErrorOptions& options,
                                           const Workers& workers) {
  const Index donors = DonorsOf(panel);
  if (donors <= panel.treated) {
    return absl::FailedPreconditionError(absl::StrCat(
        "placebo standard errors need more donors than treated units; there "
        "are ",
        donors, " and ", panel.treated,
        "; take bootstrap or jackknife, or give more donors"));
  }
  ErrorEstimate result;
  result.is_exhaustive = panel.treated == 1 && donors <= options.replications;
  const size_t count = result.is_exhaustive
                           ? static_cast<size_t>(donors)
                           : static_cast<size_t>(options.replications);
  RETURN_IF_ERROR(Replicate(count, workers, result.estimates, [&](size_t i) {
    const std::vector<Index> chosen =
        result.is_exhaustive
            ? std::vector<Index>{static_cast<Index>(i)}
            : DrawPlacebos(donors, panel.treated, Draws(options.seed, i));
    return FitChecked(
        Reordered(panel, PlaceboOrder(donors, chosen), panel.treated),
        estimator);
  }));
  result.standard_error = Spread(result.estimates);
  return result;
}

absl::Status CheckSeveralTreated(const BlockPanel& panel,
                                 absl::string_view method) {
  if (panel.treated > 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(method,
                   " standard errors need at least two treated units; "
                   "with one take placebo"));
}

absl::StatusOr<ErrorEstimate> BootstrapError(const BlockPanel& panel,
                                             DifferenceEstimator estimator,
                                             const ErrorOptions& options,
                                             const Workers& workers) {
  RETURN_IF_ERROR(CheckSeveralTreated(panel, "bootstrap"));
  const Index donors = DonorsOf(panel);
  ErrorEstimate result;
  RETURN_IF_ERROR(Replicate(
      static_cast<size_t>(options.replications), workers, result.estimates,
      [&](size_t i) {
        const std::vector<Index> order =
            DrawUnits(panel, Draws(options.seed, i));
        const auto treated =
            std::count_if(order.begin(), order.end(),
                          [donors](Index unit) { return unit >= donors; });
        return FitChecked(Reordered(panel, order, static_cast<int>(treated)),
                          estimator);
      }));
  result.standard_error = Spread(result.estimates);
  return result;
}

// The effect without a unit, with the weights of the others scaled to one.
double EffectWithout(const BlockPanel& panel, const DifferenceFit& fit,
                     Index unit) {
  const Index donors = DonorsOf(panel);
  std::vector<Index> order;
  for (Index i = 0; i < panel.outcomes.rows(); ++i) {
    if (i != unit) order.push_back(i);
  }
  const bool is_donor = unit < donors;
  DifferenceFit without;
  without.time_weights = fit.time_weights;
  without.unit_weights = VectorXd(donors - (is_donor ? 1 : 0));
  for (Index j = 0, to = 0; j < donors; ++j) {
    if (j != unit) without.unit_weights[to++] = fit.unit_weights[j];
  }
  without.unit_weights /= without.unit_weights.sum();
  FillEffect(Reordered(panel, order, panel.treated - (is_donor ? 0 : 1)),
             without);
  return without.effect;
}

absl::StatusOr<ErrorEstimate> JackknifeError(const BlockPanel& panel,
                                             const DifferenceFit& fit) {
  RETURN_IF_ERROR(CheckSeveralTreated(panel, "jackknife"));
  if ((fit.unit_weights.array() > 1e-12).count() < 2) {
    return absl::FailedPreconditionError(
        "jackknife standard errors need two donors with weight; there is one; "
        "take placebo or bootstrap");
  }
  ErrorEstimate result;
  for (Index unit = 0; unit < panel.outcomes.rows(); ++unit) {
    result.estimates.push_back(EffectWithout(panel, fit, unit));
  }
  // (n - 1) / n times the sum of squares.
  const auto count = static_cast<double>(result.estimates.size());
  result.standard_error = Spread(result.estimates) * std::sqrt(count - 1);
  return result;
}

}  // namespace

absl::StatusOr<DifferenceFit> FitDifference(const BlockPanel& panel,
                                            DifferenceEstimator estimator) {
  RETURN_IF_ERROR(CheckPanel(panel, estimator));
  return FitChecked(panel, estimator);
}

absl::StatusOr<ErrorEstimate> EstimateError(const BlockPanel& panel,
                                            DifferenceEstimator estimator,
                                            const DifferenceFit& fit,
                                            const ErrorOptions& options,
                                            const Workers& workers) {
  if (options.replications < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("standard errors from ", options.replications,
                     " replications; take at least two"));
  }
  switch (options.method) {
    case DifferenceError::kPlacebo:
      return PlaceboError(panel, estimator, options, workers);
    case DifferenceError::kBootstrap:
      return BootstrapError(panel, estimator, options, workers);
    case DifferenceError::kJackknife:
      break;
  }
  return JackknifeError(panel, fit);
}

}  // namespace headway::evidence
