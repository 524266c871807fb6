#include "daemon/evidence/breaks/segments.h"
#include "daemon/evidence/breaks/stability.h"
#include "gtest/gtest.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

std::optional<BreakInput> Load(const std::string& file,
                               const std::string& outcome,
                               const std::vector<std::string>& regressors) {
  const auto table = ReadExample("breaks/" + file);
  if (!table) return std::nullopt;
  BreakInput input{.y = table->Select({outcome}).col(0), .x = {}, .names = {}};
  input.x = Eigen::MatrixXd::Ones(input.y.size(), 1 + regressors.size());
  input.x.rightCols(regressors.size()) = table->Select(regressors);
  input.names = {"(Intercept)"};
  input.names.insert(input.names.end(), regressors.begin(), regressors.end());
  return input;
}

HacOptions KernelHac() {
  return {.kernel = Kernel::kQuadraticSpectral,
          .rule = BandwidthRule::kAndrews,
          .bandwidth = std::nullopt,
          .prewhiten = true};
}

TEST(BreaksTest, TheNileBreaksIn1898) {
  const auto input = Load("nile.csv", "flow", {});
  HEADWAY_SKIP_WITHOUT(input);
  const auto search = FindBreaks(*input, 15, 5);
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_EQ(search->best_bic, 1);
  EXPECT_EQ(search->by_count[1].breaks, std::vector<int>({28}));
  EXPECT_NEAR(search->by_count[1].bic, 1270.08373573957, 1e-6);
  EXPECT_EQ(search->by_count[5].breaks, std::vector<int>({15, 30, 45, 68, 83}));
  const auto fits = FitSegments(*input, {28}, std::nullopt, 0.95);
  ASSERT_TRUE(fits.ok() && fits->intervals[0]);
  EXPECT_EQ(fits->intervals[0]->low, 25);
  EXPECT_EQ(fits->intervals[0]->high, 32);
}

TEST(BreaksTest, TheRealInterestRateHasBaiAndPerronsDatesAndErrors) {
  const auto input = Load("realint.csv", "realint", {});
  HEADWAY_SKIP_WITHOUT(input);
  const auto search = FindBreaks(*input, 15, 5);
  ASSERT_TRUE(search.ok());
  EXPECT_EQ(search->best_bic, 2);
  EXPECT_EQ(search->by_count[3].breaks, std::vector<int>({24, 47, 79}));
  const auto fits = FitSegments(*input, {24, 47, 79}, KernelHac(), 0.95);
  ASSERT_TRUE(fits.ok()) << fits.status();
  const double errors[] = {0.185757672968457, 0.14998494094872,
                           0.502674894671045, 0.58874602403169};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(fits->segments[i].standard_errors[0], errors[i], 1e-6) << i;
  }
  const int low[] = {18, 33, 77};
  const int high[] = {35, 48, 81};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(fits->intervals[i]);
    EXPECT_NEAR(fits->intervals[i]->low, low[i], 1);
    EXPECT_NEAR(fits->intervals[i]->high, high[i], 1);
  }
}

TEST(BreaksTest, UkDriversBreakTwiceButNotForBic) {
  const auto input = Load("ukdriver_lags.csv", "y", {"ylag1", "ylag12"});
  HEADWAY_SKIP_WITHOUT(input);
  const auto search = FindBreaks(*input, 18, 3);
  ASSERT_TRUE(search.ok());
  EXPECT_EQ(search->best_bic, 0);
  EXPECT_EQ(search->by_count[2].breaks, std::vector<int>({46, 157}));
  EXPECT_NEAR(search->by_count[2].bic, -598.90415533898, 1e-6);
}

TEST(StabilityTest, FTestsOfUkDriversAreThoseOfStrucchange) {
  const auto input = Load("ukdriver_lags.csv", "y", {"ylag1", "ylag12"});
  HEADWAY_SKIP_WITHOUT(input);
  const auto tests =
      TestStability(*input, {.limit_draws = 10000, .bootstrap_draws = 0});
  ASSERT_TRUE(tests.ok());
  EXPECT_EQ(tests->at, 46);
  EXPECT_NEAR(tests->sup.statistic, 19.3331117025531, 1e-6);
  EXPECT_NEAR(tests->ave.statistic, 7.01596014019105, 1e-6);
  EXPECT_NEAR(tests->exp.statistic, 6.28595786743764, 1e-6);
  // Hansen's curves are fits to draws of their own.
  EXPECT_NEAR(tests->sup.p, 0.0049, 4e-3);
  EXPECT_NEAR(tests->ave.p, 0.0259, 4e-3);
  EXPECT_NEAR(tests->exp.p, 0.0090, 4e-3);
  EXPECT_NEAR(TestChow(*input, 157)->p, 0.000790945180586089, 1e-9);
}

TEST(StabilityTest, CusumsOfTheRealInterestRateAreThoseOfStrucchange) {
  const auto input = Load("realint.csv", "realint", {});
  HEADWAY_SKIP_WITHOUT(input);
  EXPECT_NEAR(TestOlsCusum(*input)->statistic, 2.92554688702626, 1e-9);
  EXPECT_NEAR(TestRecursiveCusum(*input)->statistic, 1.01929900945698, 1e-9);
  EXPECT_NEAR(TestRecursiveCusum(*input)->p, 0.02874494443368, 1e-9);
}

TEST(StabilityTest, PersistentNoiseIsNoBreakForTheAutoregressiveBootstrap) {
  BreakInput input{.y = Noise(150, 1, 3).col(0),
                   .x = Eigen::MatrixXd::Ones(150, 1),
                   .names = {"(Intercept)"}};
  for (int t = 1; t < 150; ++t) input.y[t] += 0.8 * input.y[t - 1];
  const auto tests =
      TestStability(input, {.limit_draws = 2000, .bootstrap_draws = 199});
  ASSERT_TRUE(tests.ok());
  EXPECT_GT(*tests->sup_p_autoregressive, tests->sup.p);
}

TEST(BreaksTest, ASegmentLongerThanHalfTheRowsIsRefused) {
  const BreakInput input{.y = Noise(20, 1, 1).col(0),
                         .x = Eigen::MatrixXd::Ones(20, 1),
                         .names = {"(Intercept)"}};
  EXPECT_FALSE(FindBreaks(input, 11, std::nullopt).ok());
}

}  // namespace
}  // namespace headway::evidence
