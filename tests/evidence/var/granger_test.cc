#include "daemon/evidence/var/granger.h"

#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

constexpr double kRelative = 1e-6;

void ExpectClose(double actual, double expected) {
  EXPECT_NEAR(actual / expected, 1, kRelative);
}

class GrangerExample : public testing::Test {
 protected:
  void SetUp() override {
    const auto table = ReadExample("granger_var/canada.csv");
    const auto macro = ReadExample("granger_var/macrodata.csv");
    const auto json = ReadExampleJson("granger_var/expected.json");
    HEADWAY_SKIP_WITHOUT(table);
    canada_ = {table->columns, table->values};
    levels_.names = {"realcons", "realgdp", "realinv"};
    levels_.values = macro->Select(levels_.names);
    growth_ = levels_;
    const Eigen::Index n = levels_.values.rows();
    const Eigen::ArrayXXd logs = levels_.values.array().log();
    growth_.values = (logs.bottomRows(n - 1) - logs.topRows(n - 1)).matrix();
    expected_ = (*json)["computed"];
  }

  System canada_;
  System levels_;
  System growth_;
  nlohmann::json expected_;
};

TEST_F(GrangerExample, SystemTestsAreThoseOfVars) {
  const auto var = FitVar(canada_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  for (const std::string& name : canada_.names) {
    const auto test = TestSystem(*var, name);
    ASSERT_THAT(test, IsOk());
    const nlohmann::json& expected =
        expected_["canada"]["var2_const"][absl::StrCat("granger_", name)];
    ExpectClose(test->granger.f, expected["F"]);
    ExpectClose(test->granger.p, expected["p"]);
    EXPECT_EQ(test->granger.degrees1, expected["df1"]);
    EXPECT_EQ(test->granger.degrees2, expected["df2"]);
  }
}

TEST_F(GrangerExample, InstantaneousTestIsThatOfStatsmodels) {
  const auto var = FitVar(levels_, {.lags = 4});
  ASSERT_THAT(var, IsOk());
  for (const std::string& name : levels_.names) {
    const auto test = TestSystem(*var, name);
    ASSERT_THAT(test, IsOk());
    const nlohmann::json& expected =
        expected_["macrodata_levels_var4"]["granger"][name];
    ExpectClose(test->granger.f, expected["F"]);
    ExpectClose(test->granger.p, expected["p"]);
    ExpectClose(test->instantaneous.statistic, expected["inst_chi2"]);
    ExpectClose(test->instantaneous.p, expected["inst_p"]);
  }
}

TEST_F(GrangerExample, EquationAndPairTestsAreThoseOfLmtest) {
  const auto var = FitVar(canada_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& equations =
      expected_["canada"]["single_equation_exclusion_F_lag2"];
  const nlohmann::json& pairs =
      expected_["canada"]["pairwise_grangertest_lag2"];
  for (const auto& [direction, expected] : equations.items()) {
    const std::vector<std::string> names = absl::StrSplit(direction, "->");
    const auto equation = TestEquation(*var, names[0], names[1]);
    ASSERT_THAT(equation, IsOk());
    ExpectClose(equation->f.f, expected["F"]);
    ExpectClose(equation->f.p, expected["p"]);
    const auto pair = TestPair(canada_, names[0], names[1], 2);
    ASSERT_THAT(pair, IsOk());
    ExpectClose(pair->f.f, pairs[direction]["F"]);
    ExpectClose(pair->f.p, pairs[direction]["p"]);
    EXPECT_EQ(pair->f.degrees2, pairs[direction]["df2"]);
  }
}

TEST_F(GrangerExample, TodaYamamotoIsWithinTheWholeSystem) {
  const auto tests = TestTodaYamamoto(canada_, 2, 1);
  ASSERT_THAT(tests, IsOk());
  ASSERT_EQ(tests->size(), 12u);
  for (const TodaYamamotoTest& test : *tests) {
    const nlohmann::json& expected =
        expected_["canada"]["toda_yamamoto_p2_d1_wald_chi2"]
                 [absl::StrCat(test.cause, "->", test.effect)];
    ExpectClose(test.wald.statistic, expected["chi2"]);
    ExpectClose(test.wald.p, expected["p"]);
  }
}

TEST_F(GrangerExample, HacTestIsThatOfSandwich) {
  const auto var = FitVar(canada_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  for (const char* direction : {"e->U", "U->rw"}) {
    const std::vector<std::string> names = absl::StrSplit(direction, "->");
    const auto test = TestEquation(*var, names[0], names[1], 4);
    ASSERT_THAT(test, IsOk());
    ExpectClose(test->hac.f, expected_["canada"]["hac_wald"][direction]["F"]);
    ExpectClose(test->hac.p, expected_["canada"]["hac_wald"][direction]["p"]);
  }
}

TEST_F(GrangerExample, BothDirectionsOfGrowthAreThoseOfStatsmodels) {
  for (int lags = 1; lags <= 4; ++lags) {
    const std::string key = absl::StrCat("lag", lags);
    const nlohmann::json& there = expected_["macrodata_dlog_bivariate"][key];
    const auto pair = TestPair(growth_, "realgdp", "realcons", lags);
    ASSERT_THAT(pair, IsOk());
    ExpectClose(pair->f.f, there["F"]);
    ExpectClose(pair->f.p, there["p"]);
    ExpectClose(pair->wald.statistic, there["chi2"]);
    ExpectClose(pair->likelihood_ratio.statistic, there["lr"]);
    const auto back = TestPair(growth_, "realcons", "realgdp", lags);
    ASSERT_THAT(back, IsOk());
    ExpectClose(back->f.f,
                expected_["macrodata_dlog_bivariate_reverse"][key]["F"]);
  }
}

TEST(TestPair, FindsALeadInItsDirectionAlone) {
  Eigen::MatrixXd values = Noise(200, 2, 5);
  for (int t = 1; t < 200; ++t) values(t, 1) += 0.8 * values(t - 1, 0);
  const System system = {{"lead", "follower"}, values};
  EXPECT_LT(TestPair(system, "lead", "follower", 1)->f.p, 1e-10);
  EXPECT_GT(TestPair(system, "follower", "lead", 1)->f.p, 0.01);
}

TEST(TestPair, NamesTheNearestOfAnUnknownSeries) {
  EXPECT_THAT(
      TestPair({{"price", "wage"}, Noise(50, 2, 1)}, "wages", "price", 1),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"wage\"")));
}

// The warning that the command gives rests on this.
TEST(TestPair, RejectsTooOftenInLevelsOfIndependentWalks) {
  int levels = 0;
  int differences = 0;
  for (int seed = 1; seed <= 300; ++seed) {
    const System walks = {{"a", "b"}, Walks(100, 2, seed)};
    const System steps = {{"a", "b"}, Noise(100, 2, seed)};
    levels += TestPair(walks, "a", "b", 2)->f.p < 0.05 ? 1 : 0;
    differences += TestPair(steps, "a", "b", 2)->f.p < 0.05 ? 1 : 0;
  }
  EXPECT_GT(levels, 25);
  EXPECT_LT(differences, 25);
}

}  // namespace
}  // namespace headway::evidence
