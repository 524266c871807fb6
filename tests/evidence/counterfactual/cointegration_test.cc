#include "daemon/evidence/counterfactual/cointegration.h"

#include <gtest/gtest.h>

#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

TEST(ResidualRoot, IsSeldomRejectedForIndependentWalks) {
  int rejected = 0;
  for (int seed = 1; seed <= 200; ++seed) {
    const Eigen::MatrixXd walks = Walks(100, 2, seed);
    const auto root = TestResidualRoot(walks.col(0), walks.rightCols(1));
    ASSERT_TRUE(root.ok()) << root.status();
    rejected += root->is_stationary() ? 1 : 0;
  }
  EXPECT_LT(rejected, 30);
}

TEST(ResidualRoot, IsRejectedForAControlThatMovesWithTheOutcome) {
  const Eigen::MatrixXd walk = Walks(100, 1, 5);
  const Eigen::VectorXd outcome = 1.2 * walk.col(0) + Noise(100, 1, 9).col(0);
  EXPECT_TRUE(TestResidualRoot(outcome, walk)->is_stationary());
}

TEST(ResidualRoot, HasTheCriticalValueOfTwoSeries) {
  const Eigen::MatrixXd walks = Walks(101, 2, 5);
  const auto root = TestResidualRoot(walks.col(0), walks.rightCols(1));
  const double n = static_cast<double>(root->values);
  EXPECT_DOUBLE_EQ(root->critical, -3.33613 - 6.1101 / n - 6.823 / n / n);
}

TEST(ResidualRoot, RefusesAFewValues) {
  EXPECT_FALSE(TestResidualRoot(Walks(15, 1, 5).col(0), Walks(15, 1, 6)).ok());
}

}  // namespace
}  // namespace headway::evidence
