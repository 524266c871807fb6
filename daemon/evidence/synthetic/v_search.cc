#include "daemon/evidence/synthetic/v_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/nelder_mead.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Of the least V to the greatest, as a logarithm.
const double kLeastLogV = std::log(1e-8);

// V from the logarithms, which may be any numbers: the greatest is 1.
VectorXd ToV(const VectorXd& logs) {
  const VectorXd below =
      (logs.array() - logs.maxCoeff()).max(kLeastLogV).matrix();
  return below.array().exp().matrix();
}

VectorXd ToLogs(const VectorXd& v) {
  const double most = v.maxCoeff();
  return (v / most).array().max(std::exp(kLeastLogV)).log().matrix();
}

double MeanSquaredGap(const VProblem& problem, const VectorXd& weights) {
  return (problem.outcome - problem.donor_outcomes * weights).squaredNorm() /
         static_cast<double>(problem.outcome.size());
}

struct NamedV {
  std::string name;
  VectorXd v;
};

std::vector<NamedV> Starts(const VProblem& problem,
                           const std::vector<std::string>& names) {
  const Index count = problem.treated.size();
  std::vector<NamedV> starts = {
      {"equal", VectorXd::Constant(count, 1)},
      {"regression", RegressionV(problem)},
  };
  constexpr double kOthers = 1e-3;
  for (Index k = 0; k < count && count > 1; ++k) {
    VectorXd v = VectorXd::Constant(count, kOthers);
    v[k] = 1;
    starts.push_back(
        {absl::StrCat("mostly ", names[static_cast<size_t>(k)]), v});
  }
  return starts;
}

// Runs the search again from where it ended, with a fresh simplex, until that
// gains nothing.
NelderMeadMinimum SearchFrom(
    absl::FunctionRef<double(const VectorXd&)> function, VectorXd start,
    int evaluations) {
  constexpr int kMostRounds = 6;
  NelderMeadMinimum best{start, std::numeric_limits<double>::infinity(), 0};
  for (int round = 0; round < kMostRounds; ++round) {
    const NelderMeadMinimum found =
        MinimizeNelderMead(function, best.x,
                           {.step = round % 2 == 0 ? 2.0 : -1.0,
                            .tolerance = 1e-9,
                            .max_evaluations = evaluations});
    const double gain = best.value - found.value;
    if (found.value <= best.value) best = found;
    if (gain <= 1e-5 * std::abs(best.value)) break;
  }
  return best;
}

}  // namespace

absl::StatusOr<SimplexFit> WeightsForV(const VProblem& problem,
                                       const VectorXd& v) {
  const VectorXd roots = v.array().sqrt().matrix();
  return FitSimplex({.a = roots.asDiagonal() * problem.donors,
                     .b = roots.cwiseProduct(problem.treated)});
}

VectorXd RegressionV(const VProblem& problem) {
  const Index predictors = problem.treated.size();
  const Index units = problem.donors.cols() + 1;
  MatrixXd design(units, predictors + 1);
  design.col(0).setOnes();
  design.row(0).tail(predictors) = problem.treated.transpose();
  design.bottomRows(units - 1).rightCols(predictors) =
      problem.donors.transpose();
  MatrixXd outcomes(units, problem.outcome.size());
  outcomes.row(0) = problem.outcome.transpose();
  outcomes.bottomRows(units - 1) = problem.donor_outcomes.transpose();
  // Of the least length where predictors are collinear.
  const MatrixXd coefficients =
      design.completeOrthogonalDecomposition().solve(outcomes);
  const VectorXd v =
      coefficients.bottomRows(predictors).rowwise().squaredNorm();
  const double sum = v.sum();
  if (!(sum > 0) || !std::isfinite(sum)) {
    return VectorXd::Constant(predictors,
                              1.0 / static_cast<double>(predictors));
  }
  return v / sum;
}

absl::StatusOr<VChoice> NestedV(const VProblem& problem,
                                const std::vector<std::string>& names) {
  // Whatever is wrong with the numbers is said here, once.
  RETURN_IF_ERROR(
      WeightsForV(problem, VectorXd::Ones(problem.treated.size())).status());
  const auto gap = [&problem](const VectorXd& logs) {
    const auto fit = WeightsForV(problem, ToV(logs));
    return fit.ok() ? MeanSquaredGap(problem, fit->weights)
                    : std::numeric_limits<double>::infinity();
  };
  const int evaluations = 120 * static_cast<int>(problem.treated.size()) + 100;
  VChoice choice;
  double best = std::numeric_limits<double>::infinity();
  double worst = 0;
  for (const NamedV& start : Starts(problem, names)) {
    const VectorXd logs = ToLogs(start.v);
    const NelderMeadMinimum found = SearchFrom(gap, logs, evaluations);
    choice.starts.push_back({start.name, gap(logs), found.value});
    worst = std::max(worst, found.value);
    if (found.value >= best) continue;
    best = found.value;
    choice.v = ToV(found.x);
    choice.v /= choice.v.sum();
  }
  choice.starts_agree = worst <= 1.01 * best;
  return choice;
}

}  // namespace headway::evidence
