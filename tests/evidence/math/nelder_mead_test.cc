#include "daemon/evidence/math/nelder_mead.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace headway::evidence {
namespace {

using Eigen::VectorXd;

// The valley of Rosenbrock, least at (1, 1).
double Valley(const VectorXd& x) {
  return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2);
}

TEST(NelderMeadTest, FollowsACurvedValleyToItsEnd) {
  const NelderMeadMinimum found = MinimizeNelderMead(
      Valley, Eigen::Vector2d(-1.2, 1),
      {.step = 0.5, .tolerance = 1e-14, .max_evaluations = 5000});
  EXPECT_NEAR(found.x[0], 1, 1e-3);
  EXPECT_NEAR(found.x[1], 1, 1e-3);
}

TEST(NelderMeadTest, FindsTheLeastOfAKink) {
  const auto kink = [](const VectorXd& x) { return std::abs(x[0] - 3) + 2; };
  const NelderMeadMinimum found =
      MinimizeNelderMead(kink, VectorXd::Zero(1), {.tolerance = 1e-12});
  EXPECT_NEAR(found.x[0], 3, 1e-6);
}

TEST(NelderMeadTest, NeverEndsAboveItsStart) {
  // Nothing but the start is allowed.
  const auto lonely = [](const VectorXd& x) {
    return x.isZero() ? 7.0 : std::numeric_limits<double>::quiet_NaN();
  };
  EXPECT_EQ(MinimizeNelderMead(lonely, VectorXd::Zero(3), {}).value, 7);
}

TEST(NelderMeadTest, StopsAfterTheEvaluationsThatItIsAllowed) {
  const NelderMeadMinimum found = MinimizeNelderMead(
      Valley, Eigen::Vector2d(-1.2, 1), {.max_evaluations = 50});
  // One step ends what it began.
  EXPECT_LT(found.evaluations, 56);
}

}  // namespace
}  // namespace headway::evidence
