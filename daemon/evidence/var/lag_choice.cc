#include "daemon/evidence/var/lag_choice.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/full_rank.h"

namespace headway::evidence {
namespace {

LagScores ScoresOf(const Eigen::MatrixXd& residuals, int lags, int terms) {
  const double n = static_cast<double>(residuals.rows());
  const double k = static_cast<double>(residuals.cols());
  const Eigen::LLT<Eigen::MatrixXd> llt(residuals.transpose() * residuals / n);
  const double log_determinant =
      2 * llt.matrixLLT().diagonal().array().log().sum();
  const double parameters = lags * k * k + k * terms;
  const double each = lags * k + terms;
  return {
      .lags = lags,
      .aic = log_determinant + 2 / n * parameters,
      .hannan_quinn =
          log_determinant + 2 * std::log(std::log(n)) / n * parameters,
      .bic = log_determinant + std::log(n) / n * parameters,
      .fpe = std::pow((n + each) / (n - each), k) * std::exp(log_determinant)};
}

int Best(const std::vector<LagScores>& scores, double LagScores::*criterion) {
  const LagScores* best = &scores[0];
  for (const LagScores& score : scores) {
    if (score.*criterion < best->*criterion) best = &score;
  }
  return best->lags;
}

}  // namespace

absl::string_view LagCriterionName(LagCriterion criterion) {
  switch (criterion) {
    case LagCriterion::kAic:
      return "aic";
    case LagCriterion::kHannanQuinn:
      return "hq";
    case LagCriterion::kBic:
      return "bic";
    case LagCriterion::kFpe:
      return "fpe";
  }
  return "aic";
}

int LagChoice::Lags(LagCriterion criterion) const {
  switch (criterion) {
    case LagCriterion::kAic:
      return aic;
    case LagCriterion::kHannanQuinn:
      return hannan_quinn;
    case LagCriterion::kBic:
      return bic;
    case LagCriterion::kFpe:
      return fpe;
  }
  return aic;
}

absl::StatusOr<LagChoice> ChooseLags(const System& system, int most,
                                     Deterministic deterministic) {
  RETURN_IF_ERROR(CheckSystem(system));
  const int k = system.series();
  const int terms = DeterministicTerms(deterministic);
  if (most < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the most lags: ", most, " is not at least 1"));
  }
  if (system.periods() - most < k * most + terms + k) {
    return absl::InvalidArgumentError(
        absl::StrCat(system.periods(), " periods are too few to try ", most,
                     " lags of ", k, " series; try fewer, such as ",
                     AffordableLags(system, most, deterministic)));
  }
  LagChoice choice;
  choice.observations = system.periods() - most;
  for (int lags = 1; lags <= most; ++lags) {
    const Lagged lagged = MakeLags(system, lags, deterministic, most);
    ASSIGN_OR_RETURN(
        const LeastSquares fit,
        SolveFullRank(lagged.regressors, lagged.targets, lagged.columns));
    choice.scores.push_back(ScoresOf(fit.residuals, lags, terms));
  }
  choice.aic = Best(choice.scores, &LagScores::aic);
  choice.hannan_quinn = Best(choice.scores, &LagScores::hannan_quinn);
  choice.bic = Best(choice.scores, &LagScores::bic);
  choice.fpe = Best(choice.scores, &LagScores::fpe);
  return choice;
}

int AffordableLags(const System& system, int wanted,
                   Deterministic deterministic) {
  int lags = 1;
  while (lags < wanted && system.periods() - (lags + 1) >=
                              2 * (system.series() * (lags + 1) +
                                   DeterministicTerms(deterministic))) {
    ++lags;
  }
  return lags;
}

}  // namespace headway::evidence
