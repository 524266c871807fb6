#include "daemon/evidence/math/simplex_qp.h"

#include <gmock/gmock.h>

#include <limits>

#include "daemon/forecast/math/normal.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::HasSubstr;

MatrixXd RandomMatrix(Eigen::Index rows, Eigen::Index columns, uint64_t seed) {
  forecast::NormalGenerator normal(seed);
  MatrixXd matrix(rows, columns);
  for (double& value : matrix.reshaped()) value = normal.Next();
  return matrix;
}

SimplexFit Fit(const SimplexProblem& problem) {
  const auto fit = FitSimplex(problem);
  EXPECT_THAT(fit, IsOk());
  return fit.value_or(SimplexFit());
}

TEST(SimplexQpTest, RecoversTheWeightsThatMadeTheTarget) {
  const MatrixXd a = RandomMatrix(12, 8, 1);
  VectorXd weights = VectorXd::Zero(8);
  weights[2] = 0.7;
  weights[5] = 0.3;
  EXPECT_TRUE(Fit({.a = a, .b = a * weights}).weights.isApprox(weights, 1e-9));
}

TEST(SimplexQpTest, WeightsAreNotNegativeAndSumToOne) {
  const SimplexFit fit =
      Fit({.a = RandomMatrix(6, 40, 2), .b = RandomMatrix(6, 1, 3)});
  EXPECT_GE(fit.weights.minCoeff(), 0);
  EXPECT_NEAR(fit.weights.sum(), 1, 1e-14);
}

TEST(SimplexQpTest, DualityGapIsRounding) {
  for (uint64_t seed = 10; seed < 40; ++seed) {
    const SimplexFit fit = Fit({.a = RandomMatrix(20, 30, seed),
                                .b = RandomMatrix(20, 1, seed + 100),
                                .ridge = seed % 2 == 0 ? 0 : 0.3});
    EXPECT_LE(fit.duality_gap, 1e-10 * (1 + fit.value)) << seed;
  }
}

TEST(SimplexQpTest, TakesTheNearestColumnWhereTheTargetIsOutside) {
  const MatrixXd a = Eigen::RowVector3d(1, 2, 3);
  const SimplexFit fit = Fit({.a = a, .b = VectorXd::Constant(1, 9)});
  EXPECT_EQ(fit.weights[2], 1);
  EXPECT_DOUBLE_EQ(fit.value, 36);
}

TEST(SimplexQpTest, RidgeSharesWeightAmongEqualColumns) {
  const SimplexFit fit = Fit({.a = MatrixXd::Constant(3, 4, 2),
                              .b = VectorXd::Constant(3, 5),
                              .ridge = 0.1});
  EXPECT_TRUE(fit.weights.isApprox(VectorXd::Constant(4, 0.25), 1e-12));
}

TEST(SimplexQpTest, InterceptTakesUpTheLevel) {
  const MatrixXd a = RandomMatrix(10, 5, 4);
  const VectorXd target = a.col(1).array() + 100;
  const SimplexFit fit = Fit({.a = a, .b = target, .has_intercept = true});
  EXPECT_NEAR(fit.weights[1], 1, 1e-9);
  EXPECT_NEAR(fit.intercept, 100, 1e-8);
}

TEST(SimplexQpTest, EqualColumnsAreNoTrouble) {
  MatrixXd a(5, 6);
  a << RandomMatrix(5, 3, 5), RandomMatrix(5, 3, 5);
  const VectorXd target = 0.5 * (a.col(0) + a.col(1));
  EXPECT_LT(Fit({.a = a, .b = target}).value, 1e-20);
}

TEST(SimplexQpTest, OneColumnHasAllTheWeight) {
  EXPECT_EQ(Fit({.a = MatrixXd::Ones(2, 1), .b = VectorXd::Zero(2)}).weights[0],
            1);
}

TEST(SimplexQpTest, RefusesAMissingValue) {
  MatrixXd a = MatrixXd::Ones(2, 2);
  a(0, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(FitSimplex({.a = a, .b = VectorXd::Zero(2)}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("a value is missing or infinite")));
}

TEST(SimplexQpTest, RefusesNoColumns) {
  EXPECT_THAT(FitSimplex({.a = MatrixXd(2, 0), .b = VectorXd::Zero(2)}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("give at least one column")));
}

}  // namespace
}  // namespace headway::evidence
