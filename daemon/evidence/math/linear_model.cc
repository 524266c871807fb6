#include "daemon/evidence/math/linear_model.h"

#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

constexpr double kDependentColumn = 1e-9;
constexpr double kDemeaned = 1e-13;
constexpr int kMostSweeps = 20000;

// Subtracts the groups' means and returns the largest of them.
double Demean(const Grouping& effect, Eigen::Ref<Eigen::VectorXd> values) {
  std::vector<double> sums(effect.count, 0);
  std::vector<int> counts(effect.count, 0);
  for (int i = 0; i < values.size(); ++i) {
    sums[effect.group[i]] += values[i];
    ++counts[effect.group[i]];
  }
  double largest = 0;
  for (int g = 0; g < effect.count; ++g) {
    if (counts[g] > 0) sums[g] /= counts[g];
    largest = std::max(largest, std::abs(sums[g]));
  }
  for (int i = 0; i < values.size(); ++i) values[i] -= sums[effect.group[i]];
  return largest;
}

// Alternating projections (Gaure 2013, "OLS with multiple high dimensional
// category variables", Computational Statistics and Data Analysis 66).
absl::Status TakeOut(const std::vector<Grouping>& effects,
                     absl::string_view name,
                     Eigen::Ref<Eigen::VectorXd> values) {
  if (effects.empty()) return absl::OkStatus();
  const double scale = values.cwiseAbs().maxCoeff();
  if (effects.size() == 1) {
    Demean(effects[0], values);
    return absl::OkStatus();
  }
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    const double moved =
        std::max(Demean(effects[0], values), Demean(effects[1], values));
    if (moved <= kDemeaned * scale) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the effects of ", effects[0].name, " and ", effects[1].name,
      " cannot be taken out of ", name,
      ": the panel is too loosely connected; "
      "use one of them, or the largest connected part of the panel"));
}

int Root(std::vector<int>& parents, int node) {
  while (parents[node] != node) node = parents[node] = parents[parents[node]];
  return node;
}

// Two sets of dummies lose one for every part of the panel that no other part
// shares a group with.
int CountEffects(const std::vector<Grouping>& effects) {
  if (effects.empty()) return 0;
  if (effects.size() == 1) return effects[0].count;
  std::vector<int> parents(effects[0].count + effects[1].count);
  std::iota(parents.begin(), parents.end(), 0);
  int parts = static_cast<int>(parents.size());
  for (size_t i = 0; i < effects[0].group.size(); ++i) {
    const int a = Root(parents, effects[0].group[i]);
    const int b = Root(parents, effects[0].count + effects[1].group[i]);
    if (a == b) continue;
    parents[a] = b;
    --parts;
  }
  return effects[0].count + effects[1].count - parts;
}

absl::Status CheckFinite(const LinearInput& input) {
  for (int i = 0; i < input.y.size(); ++i) {
    if (!std::isfinite(input.y[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("the outcome is missing in row ", i + 1,
                       "; leave out the rows without a value"));
    }
    for (int j = 0; j < input.x.cols(); ++j) {
      if (std::isfinite(input.x(i, j))) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("\"", input.names[j], "\" is missing in row ", i + 1,
                       "; leave out the rows without a value"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckShapes(const LinearInput& input) {
  const Eigen::Index rows = input.y.size();
  if (input.x.rows() != rows ||
      input.x.cols() != static_cast<Eigen::Index>(input.names.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the regressors are ", input.x.rows(), " by ",
                     input.x.cols(), ", but there are ", rows, " outcomes and ",
                     input.names.size(), " names"));
  }
  if (input.effects.size() > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", input.effects.size(),
                     " sets of fixed effects; at most two are taken out, so "
                     "give the third as dummies"));
  }
  for (const Grouping& effect : input.effects) {
    if (static_cast<Eigen::Index>(effect.group.size()) == rows) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the effect ", effect.name, " has ", effect.group.size(),
                     " rows, but the outcome has ", rows));
  }
  return CheckFinite(input);
}

// Names the first column that those before it, or the effects, account for.
absl::Status CheckRank(const LinearFit& fit, const Eigen::VectorXd& lengths) {
  Eigen::MatrixXd basis(fit.rows(), fit.slopes());
  for (int j = 0; j < fit.slopes(); ++j) {
    Eigen::VectorXd rest = fit.x.col(j);
    for (int pass = 0; pass < 2 && j > 0; ++pass) {
      rest -= basis.leftCols(j) * (basis.leftCols(j).transpose() * rest);
    }
    const double length = rest.norm();
    if (!(length > kDependentColumn * lengths[j])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", fit.names[j], "\" is a linear combination of ",
          fit.effects.empty()
              ? (j == 0 ? "nothing: it is zero" : "the regressors before it")
              : "the fixed effects and the regressors before it",
          ", so its coefficient cannot be told; leave it out"));
    }
    basis.col(j) = rest / length;
  }
  return absl::OkStatus();
}

void AddRegressors(const LinearInput& input, LinearFit& fit) {
  const bool intercept = input.intercept && input.effects.empty();
  fit.names = input.names;
  if (intercept) fit.names.insert(fit.names.begin(), "(Intercept)");
  fit.x.resize(input.y.size(), static_cast<Eigen::Index>(fit.names.size()));
  if (intercept) fit.x.col(0).setOnes();
  fit.x.rightCols(input.x.cols()) = input.x;
}

void Solve(const LinearInput& input, LinearFit& fit) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(fit.x);
  fit.coefficients = qr.solve(fit.y);
  fit.residuals = fit.y - fit.x * fit.coefficients;
  const int k = fit.slopes();
  const Eigen::MatrixXd r_inverse =
      qr.matrixQR().topRows(k).triangularView<Eigen::Upper>().solve(
          Eigen::MatrixXd::Identity(k, k));
  fit.gram_inverse = r_inverse * r_inverse.transpose();
  fit.rss = fit.residuals.squaredNorm();
  const bool centred = input.intercept || !input.effects.empty();
  const double total = centred
                           ? (input.y.array() - input.y.mean()).square().sum()
                           : input.y.squaredNorm();
  fit.r_squared = 1 - fit.rss / total;
  fit.r_squared_within =
      input.effects.empty() ? fit.r_squared : 1 - fit.rss / fit.y.squaredNorm();
}

}  // namespace

Grouping MakeGrouping(std::string name,
                      const std::vector<std::string>& labels) {
  Grouping grouping{.name = std::move(name)};
  std::map<std::string, int> places;
  for (const std::string& label : labels) {
    const auto [place, is_new] = places.try_emplace(label, grouping.count);
    if (is_new) ++grouping.count;
    grouping.group.push_back(place->second);
  }
  return grouping;
}

Grouping Intersect(const Grouping& a, const Grouping& b) {
  Grouping both{.name = absl::StrCat(a.name, " by ", b.name)};
  std::map<std::pair<int, int>, int> places;
  for (size_t i = 0; i < a.group.size(); ++i) {
    const auto [place, is_new] =
        places.try_emplace({a.group[i], b.group[i]}, both.count);
    if (is_new) ++both.count;
    both.group.push_back(place->second);
  }
  return both;
}

bool IsNested(const Grouping& inner, const Grouping& outer) {
  std::vector<int> owner(inner.count, -1);
  for (size_t i = 0; i < inner.group.size(); ++i) {
    int& known = owner[inner.group[i]];
    if (known < 0) known = outer.group[i];
    if (known != outer.group[i]) return false;
  }
  return true;
}

absl::StatusOr<LinearFit> FitLinear(const LinearInput& input) {
  RETURN_IF_ERROR(CheckShapes(input));
  LinearFit fit;
  fit.effects = input.effects;
  fit.effect_parameters = CountEffects(input.effects);
  AddRegressors(input, fit);
  fit.y = input.y;
  fit.coefficients.resize(fit.x.cols());
  fit.residuals.resize(fit.y.size());
  if (fit.x.cols() == 0) {
    return absl::InvalidArgumentError("there is no regressor; name one");
  }
  if (fit.degrees() < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        fit.rows(), " rows are too few for ", fit.parameters(),
        " parameters; leave out regressors or effects, or add rows"));
  }
  if ((input.y.array() == input.y[0]).all()) {
    return absl::InvalidArgumentError(
        "the outcome is the same in every row, so nothing explains it");
  }
  const Eigen::VectorXd lengths = fit.x.colwise().norm();
  RETURN_IF_ERROR(TakeOut(fit.effects, "the outcome", fit.y));
  for (int j = 0; j < fit.x.cols(); ++j) {
    RETURN_IF_ERROR(TakeOut(fit.effects, fit.names[j], fit.x.col(j)));
  }
  RETURN_IF_ERROR(CheckRank(fit, lengths));
  Solve(input, fit);
  return fit;
}

}  // namespace headway::evidence
