#include "daemon/evidence/math/linear_model.h"

#include "gtest/gtest.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

TEST(LinearModelTest, ACollinearRegressorIsNamed) {
  LinearInput input{.y = Noise(20, 1, 1).col(0), .x = Noise(20, 2, 2)};
  input.x.col(1) = 2 * input.x.col(0).array() + 1;
  input.names = {"gdp", "twice"};
  const auto fit = FitLinear(input);
  EXPECT_NE(fit.status().message().find("\"twice\""), std::string::npos);
}

TEST(LinearModelTest, ARegressorThatIsConstantWithinUnitsIsRefused) {
  LinearInput input{.y = Noise(6, 1, 1).col(0), .x = Eigen::MatrixXd(6, 1)};
  input.x << 1, 1, 2, 2, 3, 3;
  input.names = {"size"};
  input.effects = {MakeGrouping("unit", {"a", "a", "b", "b", "c", "c"})};
  EXPECT_FALSE(FitLinear(input).ok());
}

TEST(LinearModelTest, UnbalancedTwoWayEffectsAreThoseOfDummies) {
  const int n = 11;
  LinearInput within{.y = Noise(n, 1, 3).col(0), .x = Noise(n, 1, 4)};
  within.names = {"x"};
  const Grouping unit = MakeGrouping(
      "unit", {"a", "a", "a", "b", "b", "b", "c", "c", "c", "d", "d"});
  const Grouping time = MakeGrouping(
      "time", {"1", "2", "3", "1", "2", "3", "2", "3", "4", "3", "4"});
  within.effects = {unit, time};
  LinearInput dummies = within;
  dummies.effects.clear();
  dummies.x = Eigen::MatrixXd::Zero(n, 7);
  dummies.x.col(0) = within.x;
  for (int i = 0; i < n; ++i) {
    if (unit.group[i] > 0) dummies.x(i, unit.group[i]) = 1;
    if (time.group[i] > 0) dummies.x(i, 3 + time.group[i]) = 1;
  }
  dummies.names = {"x", "b", "c", "d", "2", "3", "4"};
  const LinearFit a = FitLinear(within).value();
  const LinearFit b = FitLinear(dummies).value();
  EXPECT_NEAR(a.coefficients[0], b.coefficients[1], 1e-10);
  EXPECT_EQ(a.degrees(), b.degrees());
  EXPECT_NEAR(a.rss, b.rss, 1e-10);
}

}  // namespace
}  // namespace headway::evidence
