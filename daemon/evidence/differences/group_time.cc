#include "daemon/evidence/differences/group_time.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"

namespace headway::evidence {
namespace {

absl::Status CheckPanel(const StaggeredPanel& panel) {
  const auto units = static_cast<size_t>(panel.outcome.rows());
  if (panel.first_treated.size() != units ||
      (panel.covariates.cols() > 0 &&
       static_cast<size_t>(panel.covariates.rows()) != units)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the panel has ", units, " units, but ", panel.first_treated.size(),
        " groups and ", panel.covariates.rows(), " rows of covariates"));
  }
  if (!panel.outcome.allFinite() || !panel.covariates.allFinite()) {
    return absl::InvalidArgumentError(
        "an outcome or a covariate is missing; leave out units that are not "
        "complete");
  }
  if (panel.outcome.cols() < 2) {
    return absl::InvalidArgumentError(
        "differences need two periods or more; there is one");
  }
  return absl::OkStatus();
}

absl::Status ChooseUnits(const StaggeredPanel& panel, GroupTimeResult& result) {
  int dropped = 0;
  std::set<int> groups;
  for (size_t i = 0; i < panel.first_treated.size(); ++i) {
    const int group = panel.first_treated[i];
    if (group == 0) {
      ++dropped;
      continue;
    }
    result.units.push_back(static_cast<int>(i));
    // Treated after the end is never treated, as far as the panel sees.
    const bool never = group < 0 || group >= panel.outcome.cols();
    result.first_treated.push_back(never ? kNeverTreated : group);
    if (!never) groups.insert(group);
  }
  if (dropped > 0) {
    result.warnings.push_back(absl::StrCat(
        dropped,
        " units are treated from the first period on and say nothing "
        "about a change; they were left out"));
  }
  if (!groups.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "no unit becomes treated after the first period of the panel; check the "
      "column of groups and the periods");
}

int BaseOf(int group, int period, BasePeriod base) {
  const bool before = period < group;
  return before && base == BasePeriod::kVarying ? period - 1 : group - 1;
}

bool IsControl(int first, int group, int period, int base,
               ControlGroup controls) {
  if (first == kNeverTreated) return true;
  if (controls == ControlGroup::kNeverTreated || first == group) return false;
  return first > std::max(period, base);
}

// The rows of `result.units` that a pair compares, treated or not.
struct Pair {
  std::vector<int> rows;
  TwoByTwo data;
};

Pair MakePair(const StaggeredPanel& panel, const GroupTimeResult& result,
              const GroupTimeOptions& options, int group, int period) {
  const int base = BaseOf(group, period, options.base);
  Pair pair;
  for (size_t i = 0; i < result.units.size(); ++i) {
    const int first = result.first_treated[i];
    if (first == group ||
        IsControl(first, group, period, base, options.controls)) {
      pair.rows.push_back(static_cast<int>(i));
    }
  }
  const auto n = static_cast<Eigen::Index>(pair.rows.size());
  pair.data.change.resize(n);
  pair.data.treated.resize(n);
  pair.data.covariates.resize(n, panel.covariates.cols());
  for (Eigen::Index i = 0; i < n; ++i) {
    const int unit = result.units[pair.rows[i]];
    pair.data.change[i] =
        panel.outcome(unit, period) - panel.outcome(unit, base);
    pair.data.treated[i] = result.first_treated[pair.rows[i]] == group;
    if (panel.covariates.cols() > 0) {
      pair.data.covariates.row(i) = panel.covariates.row(unit);
    }
  }
  return pair;
}

void AddEffect(const Pair& pair, const TwoByTwoResult& found, int group,
               int period, GroupTimeResult& result) {
  const auto n = static_cast<double>(result.units.size());
  const double scale = n / static_cast<double>(pair.rows.size());
  const Eigen::Index column = result.influence.cols();
  result.influence.conservativeResize(result.units.size(), column + 1);
  result.influence.col(column).setZero();
  for (size_t i = 0; i < pair.rows.size(); ++i) {
    result.influence(pair.rows[i], column) =
        scale * found.influence[static_cast<Eigen::Index>(i)];
  }
  const int treated = static_cast<int>(pair.data.treated.sum());
  result.effects.push_back(
      {group, period, found.effect,
       std::sqrt(result.influence.col(column).squaredNorm()) / n, treated,
       static_cast<int>(pair.rows.size()) - treated});
}

void TestPretrend(GroupTimeResult& result) {
  std::vector<int> places;
  for (size_t i = 0; i < result.effects.size(); ++i) {
    const GroupTimeEffect& one = result.effects[i];
    if (one.period < one.group && one.standard_error > 0) {
      places.push_back(static_cast<int>(i));
    }
  }
  if (places.empty()) return;
  const auto n = static_cast<double>(result.units.size());
  Eigen::VectorXd effects(places.size());
  Eigen::MatrixXd influence(result.influence.rows(), places.size());
  for (size_t j = 0; j < places.size(); ++j) {
    effects[j] = result.effects[places[j]].effect;
    influence.col(j) = result.influence.col(places[j]);
  }
  const Eigen::MatrixXd covariance =
      influence.transpose() * influence / (n * n);
  const Eigen::FullPivLU<Eigen::MatrixXd> lu(covariance);
  if (!lu.isInvertible()) {
    result.warnings.push_back(
        "the effects before treatment cannot be tested together: their "
        "covariance is singular");
    return;
  }
  result.pretrend_degrees = static_cast<int>(places.size());
  result.pretrend_statistic = effects.dot(lu.solve(effects));
  result.pretrend_p =
      ChiSquaredUpperTail(result.pretrend_statistic, result.pretrend_degrees);
}

}  // namespace

absl::StatusOr<GroupTimeResult> EstimateGroupTime(
    const StaggeredPanel& panel, const GroupTimeOptions& options) {
  RETURN_IF_ERROR(CheckPanel(panel));
  GroupTimeResult result;
  RETURN_IF_ERROR(ChooseUnits(panel, result));
  std::set<int> groups(result.first_treated.begin(),
                       result.first_treated.end());
  groups.erase(kNeverTreated);
  const auto periods = static_cast<int>(panel.outcome.cols());
  absl::Status last = absl::OkStatus();
  int failed = 0;
  for (const int group : groups) {
    for (int period = 0; period < periods; ++period) {
      const int base = BaseOf(group, period, options.base);
      if (base < 0 || base == period) continue;
      const Pair pair = MakePair(panel, result, options, group, period);
      const auto found = EstimateTwoByTwo(pair.data, options.estimator);
      if (found.ok()) {
        AddEffect(pair, *found, group, period, result);
      } else {
        last = found.status();
        ++failed;
      }
    }
  }
  if (result.effects.empty()) return last;
  if (failed > 0) {
    result.warnings.push_back(absl::StrCat(
        failed,
        " pairs of group and period could not be estimated and were "
        "left out: ",
        last.message()));
  }
  TestPretrend(result);
  return result;
}

}  // namespace headway::evidence
