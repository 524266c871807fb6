#include "daemon/evidence/differences/permutation.h"

#include "gtest/gtest.h"

namespace headway::evidence {
namespace {

TEST(PermutationTest, FewAssignmentsAreEnumerated) {
  Eigen::VectorXd change(5);
  change << 9, 8, 1, 2, 3;
  const auto test =
      TestRandomisation(change, {true, true, false, false, false}, 100, 1);
  ASSERT_TRUE(test.ok());
  EXPECT_TRUE(test->enumerated);
  EXPECT_EQ(test->assignments, 10);
  EXPECT_EQ(test->p, 0.1);
}

TEST(PermutationTest, ManyAssignmentsAreDrawnAndTheDataCount) {
  const Eigen::VectorXd change = Eigen::VectorXd::LinSpaced(40, 0, 1);
  std::vector<bool> treated(40, false);
  for (int i = 20; i < 40; ++i) treated[i] = true;
  const auto test = TestRandomisation(change, treated, 99, 1);
  ASSERT_TRUE(test.ok());
  EXPECT_EQ(test->p, 0.01);
  EXPECT_EQ(test->least_p, 0.01);
}

}  // namespace
}  // namespace headway::evidence
