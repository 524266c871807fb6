#include "daemon/evidence/math/distributions.h"

#include "gtest/gtest.h"

namespace headway::evidence {
namespace {

// R 4.2.2: pf(..., lower.tail = FALSE), pchisq(..., lower.tail = FALSE).
TEST(DistributionsTest, TailsOfFAreThoseOfR) {
  EXPECT_NEAR(FUpperTail(3.7, 2, 17), 0.04634493824946958, 1e-13);
  EXPECT_NEAR(FUpperTail(0.2, 5, 3), 0.9423311143775627, 1e-13);
  EXPECT_NEAR(FUpperTail(76, 1, 98) / 7.29151530006762e-14, 1, 1e-9);
}

TEST(DistributionsTest, TailsOfChiSquaredAreThoseOfR) {
  EXPECT_NEAR(ChiSquaredUpperTail(3.3, 2), 0.1920499086207541, 1e-13);
  EXPECT_NEAR(ChiSquaredUpperTail(0.5, 7), 0.9994464813904251, 1e-12);
  EXPECT_NEAR(ChiSquaredUpperTail(80, 3) / 3.069277486172418e-17, 1, 1e-9);
}

TEST(DistributionsTest, NothingIsAboveZeroWithProbabilityOne) {
  EXPECT_EQ(FUpperTail(0, 3, 4), 1);
  EXPECT_EQ(ChiSquaredUpperTail(0, 3), 1);
}

}  // namespace
}  // namespace headway::evidence
