#include "daemon/forecast/reconcile.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using Matrix = std::vector<std::vector<double>>;

// A total, two halves, and four bottom series. All made up.
Hierarchy FourLeaves() {
  return {4, {{1, 1, 1, 1}, {1, 1, 0, 0}, {0, 0, 1, 1}}};
}

const Matrix kErrors = {{1.2, -0.5, 0.8, -1.9, 0.4, 1.1, -0.7, 0.3},
                        {0.9, -0.1, 0.6, -1.0, -0.2, 0.5, -0.9, 0.4},
                        {0.1, -0.6, 0.5, -0.7, 0.3, 0.8, 0.2, -0.3},
                        {0.5, 0.2, 0.1, -0.8, 0.1, 0.3, -0.4, 0.2},
                        {0.3, -0.4, 0.4, -0.1, -0.3, 0.2, -0.6, 0.1},
                        {0.2, -0.5, 0.1, -0.4, 0.5, 0.4, 0.1, -0.1},
                        {-0.2, 0.1, 0.3, -0.2, -0.1, 0.5, 0.0, -0.3}};
const Matrix kBase = {{10.5, 9.0}, {6.2, 3.1}, {4.9, 5.2}, {3.8, 2.5},
                      {2.1, -0.4}, {1.7, 2.2}, {2.6, 3.4}};

void ExpectNear(const Matrix& values, const Matrix& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(values[i].size(), expected[i].size());
    for (size_t h = 0; h < values[i].size(); ++h) {
      EXPECT_NEAR(values[i][h], expected[i][h], 1e-8) << i << " " << h;
    }
  }
}

// Computed with numpy as S (S' W^-1 S)^-1 S' W^-1 y, W as `shrink.estim` of R's
// package hts has it.
TEST(ReconcileTest, AgreesWithNumpy) {
  const auto reconciled =
      Reconcile(FourLeaves(), kBase, kErrors, NegativeForecasts::kKeep);
  ASSERT_TRUE(reconciled.ok()) << reconciled.status();
  EXPECT_NEAR(reconciled->shrinkage, 0.3269349733900648, 1e-13);
  ExpectNear(reconciled->forecasts, {{10.44815062, 8.09239752},
                                     {5.93420143, 2.547854},
                                     {4.51394919, 5.54454352},
                                     {3.83524786, 2.6699121},
                                     {2.09895356, -0.1220581},
                                     {1.81502188, 2.13812677},
                                     {2.69892731, 3.40641675}});
  ExpectNear({reconciled->variance},
             {{0.67474296, 0.32139477, 0.18455448, 0.14841566, 0.10506422,
               0.10497384, 0.05855209}});
}

TEST(ReconcileTest, SetsNegativeBottomForecastsToZero) {
  const auto reconciled =
      Reconcile(FourLeaves(), kBase, kErrors, NegativeForecasts::kSetToZero);
  ASSERT_TRUE(reconciled.ok()) << reconciled.status();
  EXPECT_EQ(reconciled->forecasts[4][1], 0);
  EXPECT_NEAR(reconciled->forecasts[0][1], 8.21445562, 1e-8);
  EXPECT_NEAR(reconciled->forecasts[1][1], 2.6699121, 1e-8);
}

TEST(ReconcileTest, LeavesForecastsThatAddUpAlone) {
  Matrix base = kBase;
  base[1] = {5.9, 2.1};
  base[2] = {4.3, 5.6};
  base[0] = {10.2, 7.7};
  const auto reconciled =
      Reconcile(FourLeaves(), base, kErrors, NegativeForecasts::kKeep);
  ASSERT_TRUE(reconciled.ok()) << reconciled.status();
  ExpectNear(reconciled->forecasts, base);
}

// A series without errors is right, and the others give way.
TEST(ReconcileTest, TrustsASeriesWithoutErrors) {
  Matrix errors = kErrors;
  errors[3].assign(errors[3].size(), 0.0);
  const auto reconciled =
      Reconcile(FourLeaves(), kBase, errors, NegativeForecasts::kKeep);
  ASSERT_TRUE(reconciled.ok()) << reconciled.status();
  EXPECT_NEAR(reconciled->forecasts[3][0], kBase[3][0], 1e-12);
}

TEST(EstimateCovarianceTest, LeavesPeriodsWithAMissingErrorOut) {
  Matrix errors = kErrors;
  for (std::vector<double>& row : errors) row.push_back(5);
  errors[2].back() = kMissing;
  EXPECT_EQ(EstimateCovariance(errors)->covariance,
            EstimateCovariance(kErrors)->covariance);
}

TEST(EstimateCovarianceTest, ShrinksAllTheWayWhereCorrelationsAreNoise) {
  const Matrix errors = {{1, -1, 1, -1.1}, {1, 1, -1, -1}};
  const auto estimate = EstimateCovariance(errors);
  ASSERT_TRUE(estimate.ok()) << estimate.status();
  EXPECT_EQ(estimate->shrinkage, 1);
  EXPECT_EQ(estimate->covariance[0][1], 0);
}

TEST(ReconcileTest, SaysWhatDoesNotFit) {
  const auto status = [](const Hierarchy& hierarchy, const Matrix& base,
                         const Matrix& errors) {
    return Reconcile(hierarchy, base, errors, NegativeForecasts::kKeep)
        .status();
  };
  Matrix short_base = kBase;
  short_base.pop_back();
  EXPECT_TRUE(
      absl::IsInvalidArgument(status(FourLeaves(), short_base, kErrors)));
  Matrix ragged = kBase;
  ragged[2].pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(status(FourLeaves(), ragged, kErrors)));
  Matrix infinite = kBase;
  infinite[2][0] = kMissing;
  EXPECT_TRUE(absl::IsInvalidArgument(status(FourLeaves(), infinite, kErrors)));
  Hierarchy hierarchy = FourLeaves();
  hierarchy.sums[1].pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(status(hierarchy, kBase, kErrors)));
  const Matrix one_period(7, {1.0});
  EXPECT_TRUE(absl::IsInvalidArgument(status(FourLeaves(), kBase, one_period)));
  const Matrix none(7, {0.0, 0.0, 0.0});
  EXPECT_TRUE(absl::IsFailedPrecondition(status(FourLeaves(), kBase, none)));
}

}  // namespace
}  // namespace headway::forecast
