#include "daemon/evidence/synthetic/difference.h"

#include <gmock/gmock.h>

#include <limits>

#include "daemon/forecast/math/normal.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using testing::HasSubstr;

// Units with levels, loads on a common factor, and noise; the treated ones,
// the last, have `effect` more in the last 4 of 16 periods.
BlockPanel MadeBlock(int donors, int treated, double effect, uint64_t seed) {
  constexpr int kPeriods = 16;
  constexpr int kBefore = 12;
  forecast::NormalGenerator normal(seed);
  Eigen::RowVectorXd factor(kPeriods);
  double level = 0;
  for (double& value : factor) value = level += normal.Next();
  BlockPanel panel{.outcomes = Eigen::MatrixXd(donors + treated, kPeriods),
                   .treated = treated,
                   .before = kBefore};
  for (Eigen::Index unit = 0; unit < panel.outcomes.rows(); ++unit) {
    const double start = 10 * normal.Next();
    const double load = 1 + normal.Next();
    for (Eigen::Index t = 0; t < kPeriods; ++t) {
      panel.outcomes(unit, t) = start + load * factor[t] + 0.2 * normal.Next() +
                                (unit >= donors && t >= kBefore ? effect : 0);
    }
  }
  return panel;
}

DifferenceFit Fit(const BlockPanel& panel, DifferenceEstimator estimator) {
  const auto fit = FitDifference(panel, estimator);
  EXPECT_THAT(fit, IsOk());
  return fit.value_or(DifferenceFit());
}

absl::StatusOr<ErrorEstimate> ErrorBy(const BlockPanel& panel,
                                      DifferenceError method,
                                      int replications = 50) {
  return EstimateError(
      panel, DifferenceEstimator::kSynthetic,
      Fit(panel, DifferenceEstimator::kSynthetic),
      {.method = method, .replications = replications, .seed = 3}, {});
}

TEST(SyntheticDifferenceTest, FindsTheEffectThatWasAdded) {
  EXPECT_NEAR(
      Fit(MadeBlock(30, 5, 7, 1), DifferenceEstimator::kSynthetic).effect, 7,
      0.8);
}

TEST(SyntheticDifferenceTest, AnAddedEffectMovesTheEstimateByAsMuch) {
  EXPECT_NEAR(
      Fit(MadeBlock(20, 2, 9, 2), DifferenceEstimator::kSynthetic).effect -
          Fit(MadeBlock(20, 2, 0, 2), DifferenceEstimator::kSynthetic).effect,
      9, 1e-8);
}

TEST(SyntheticDifferenceTest, LevelsOfUnitsDoNotMatter) {
  BlockPanel panel = MadeBlock(20, 1, 3, 3);
  const double before = Fit(panel, DifferenceEstimator::kSynthetic).effect;
  panel.outcomes.row(4).array() += 500;
  panel.outcomes.row(20).array() -= 300;
  EXPECT_NEAR(Fit(panel, DifferenceEstimator::kSynthetic).effect, before, 1e-6);
}

TEST(SyntheticDifferenceTest, WeightsSumToOne) {
  const DifferenceFit fit =
      Fit(MadeBlock(20, 1, 3, 4), DifferenceEstimator::kSynthetic);
  EXPECT_NEAR(fit.unit_weights.sum(), 1, 1e-12);
  EXPECT_NEAR(fit.time_weights.sum(), 1, 1e-12);
}

TEST(SyntheticDifferenceTest, EffectIsTheMeanGapAfter) {
  const DifferenceFit fit =
      Fit(MadeBlock(20, 2, 3, 5), DifferenceEstimator::kSynthetic);
  EXPECT_NEAR((fit.observed - fit.counterfactual).tail(4).mean(), fit.effect,
              1e-12);
}

TEST(SyntheticDifferenceTest, EqualWeightsAreTheDifferenceOfMeans) {
  const BlockPanel panel = MadeBlock(6, 2, 3, 6);
  const auto change = [](const Eigen::MatrixXd& rows) {
    return rows.rightCols(4).mean() - rows.leftCols(12).mean();
  };
  EXPECT_NEAR(
      Fit(panel, DifferenceEstimator::kDifference).effect,
      change(panel.outcomes.bottomRows(2)) - change(panel.outcomes.topRows(6)),
      1e-12);
}

TEST(SyntheticDifferenceTest, OneTreatedUnitTakesEachPlaceboOnce) {
  const auto error = ErrorBy(MadeBlock(20, 1, 3, 7), DifferenceError::kPlacebo);
  ASSERT_THAT(error, IsOk());
  EXPECT_TRUE(error->is_exhaustive);
  EXPECT_EQ(error->estimates.size(), 20u);
}

TEST(SyntheticDifferenceTest, DrawsAreThoseOfTheSeed) {
  const BlockPanel panel = MadeBlock(20, 3, 3, 8);
  for (const auto method :
       {DifferenceError::kPlacebo, DifferenceError::kBootstrap}) {
    const auto one = ErrorBy(panel, method);
    const auto same = ErrorBy(panel, method);
    ASSERT_THAT(one, IsOk());
    EXPECT_EQ(one->estimates, same->estimates);
    EXPECT_GT(one->standard_error, 0);
  }
}

TEST(SyntheticDifferenceTest, ErrorsOfTheThreeMethodsAreOfOneSize) {
  const BlockPanel panel = MadeBlock(40, 8, 3, 9);
  const auto placebo = ErrorBy(panel, DifferenceError::kPlacebo, 200);
  const auto bootstrap = ErrorBy(panel, DifferenceError::kBootstrap, 200);
  const auto jackknife = ErrorBy(panel, DifferenceError::kJackknife);
  ASSERT_THAT(jackknife, IsOk());
  EXPECT_LT(bootstrap->standard_error, 4 * placebo->standard_error);
  EXPECT_GT(bootstrap->standard_error, placebo->standard_error / 4);
  EXPECT_LT(jackknife->standard_error, 4 * placebo->standard_error);
  EXPECT_GT(jackknife->standard_error, placebo->standard_error / 4);
}

TEST(SyntheticDifferenceTest, OneTreatedUnitHasNoBootstrapAndNoJackknife) {
  const BlockPanel panel = MadeBlock(20, 1, 3, 10);
  for (const auto method :
       {DifferenceError::kJackknife, DifferenceError::kBootstrap}) {
    EXPECT_THAT(ErrorBy(panel, method),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("need at least two treated units; with one "
                                   "take placebo")));
  }
}

TEST(SyntheticDifferenceTest, PlacebosNeedMoreDonorsThanTreatedUnits) {
  EXPECT_THAT(ErrorBy(MadeBlock(3, 3, 1, 11), DifferenceError::kPlacebo),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("there are 3 and 3")));
}

TEST(SyntheticDifferenceTest, RefusesAMissingOutcome) {
  BlockPanel panel = MadeBlock(5, 1, 1, 12);
  panel.outcomes(2, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(FitDifference(panel, DifferenceEstimator::kSynthetic),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("an outcome is missing")));
}

TEST(SyntheticDifferenceTest, RefusesNoPeriodAfter) {
  BlockPanel panel = MadeBlock(5, 1, 1, 13);
  panel.before = 16;
  EXPECT_THAT(FitDifference(panel, DifferenceEstimator::kSynthetic),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("16 periods come before")));
}

}  // namespace
}  // namespace headway::evidence
