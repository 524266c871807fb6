#include "daemon/evidence/var/conditional.h"

#include <gtest/gtest.h>

#include "daemon/evidence/var/bvar.h"
#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

Dynamics DynamicsOf(const Bvar& bvar) {
  return {bvar.coefficients, bvar.covariance, bvar.options.lags,
          bvar.system.values.bottomRows(bvar.options.lags)};
}

class ScenarioExample : public testing::Test {
 protected:
  void SetUp() override {
    const auto table = ReadExample("bvar_conditional/data.csv");
    const auto json = ReadExampleJson("bvar_conditional/expected.json");
    HEADWAY_SKIP_WITHOUT(table);
    system_ = {table->columns, table->values};
    expected_ = (*json)["computed"];
  }

  // Each with the options that its key stands for.
  void ExpectScenario(const std::vector<Condition>& conditions,
                      const char* scenario) {
    const std::vector<std::pair<const char*, BvarOptions>> fits = {
        {"lambda0.2", {}},
        {"lambda0.1", {.tightness = 0.1}},
        {"lambda0.2_soc_tau2", {.sum_of_coefficients = 2}},
        {"lambda0.2_soc_tau2_sur_mu1",
         {.sum_of_coefficients = 2, .single_unit_root = 1}}};
    for (const auto& [key, options] : fits) {
      const auto forecast =
          ForecastGiven(DynamicsOf(*FitBvar(system_, options)), 8, conditions);
      ASSERT_THAT(forecast, IsOk());
      const nlohmann::json& plain = expected_[key]["forecast_8_plug_in"];
      const nlohmann::json& expected = expected_[key][scenario];
      EXPECT_LT(Distance(forecast->baseline, ToMatrix(plain["mean"])), 1e-6);
      EXPECT_LT(Distance(forecast->baseline_sd, ToMatrix(plain["sd"])), 1e-5);
      EXPECT_LT(Distance(forecast->mean, ToMatrix(expected["mean"])), 1e-6);
      EXPECT_LT(Distance(forecast->sd, ToMatrix(expected["sd"])), 1e-5);
      EXPECT_NEAR(forecast->distance, expected["plausibility_mahalanobis_chi2"],
                  1e-6);
      EXPECT_EQ(forecast->degrees, expected["df"]);
    }
  }

  System system_;
  nlohmann::json expected_;
};

TEST_F(ScenarioExample, BillRateOfTwoPercentForEightQuarters) {
  std::vector<Condition> conditions;
  for (int step = 1; step <= 8; ++step) conditions.push_back({3, step, 2.0});
  ExpectScenario(conditions, "scenario_tbill_2pct_8q");
}

TEST_F(ScenarioExample, TwoConditionsFarApart) {
  ExpectScenario({{3, 1, 0.12}, {2, 4, 8.0}},
                 "scenario_sparse_tbill_q1_unchanged_unemp_q4_8");
}

Dynamics SmallDynamics() {
  return DynamicsOf(*FitBvar({{"a", "b", "c"}, Walks(120, 3, 2)}, {.lags = 2}));
}

TEST(ForecastGiven, TheBaselinesOwnPathIsTheBaseline) {
  const Dynamics dynamics = SmallDynamics();
  const auto baseline = ForecastGiven(dynamics, 6, {});
  ASSERT_THAT(baseline, IsOk());
  std::vector<Condition> own;
  for (int step = 1; step <= 6; ++step) {
    own.push_back({1, step, baseline->baseline(step - 1, 1)});
  }
  const auto given = ForecastGiven(dynamics, 6, own);
  ASSERT_THAT(given, IsOk());
  EXPECT_LT(Distance(given->mean, baseline->baseline), 1e-10);
  EXPECT_LT(given->distance, 1e-12);
}

TEST(ForecastGiven, ALaterConditionChangesEarlierSteps) {
  const auto given = ForecastGiven(SmallDynamics(), 6, {{0, 6, 50}});
  ASSERT_THAT(given, IsOk());
  EXPECT_GT((given->mean - given->baseline).row(0).cwiseAbs().maxCoeff(), 0.1);
}

TEST(ForecastGiven, AGuessMovesLessThanACertainty) {
  const Dynamics dynamics = SmallDynamics();
  const auto certain = ForecastGiven(dynamics, 3, {{0, 2, 40}});
  const auto guess = ForecastGiven(dynamics, 3, {{0, 2, 40, 2.0}});
  ASSERT_THAT(guess, IsOk());
  EXPECT_LT(guess->distance, certain->distance);
  EXPECT_GT(guess->sd(1, 0), 0);
  EXPECT_EQ(certain->sd(1, 0), 0);
}

TEST(ForecastGiven, AFarPathIsImplausible) {
  const auto given = ForecastGiven(SmallDynamics(), 2, {{0, 1, 500}});
  ASSERT_THAT(given, IsOk());
  EXPECT_TRUE(given->implausible());
}

TEST(ForecastGiven, RefusesTwoValuesForOneStep) {
  EXPECT_THAT(ForecastGiven(SmallDynamics(), 3, {{0, 2, 1}, {0, 2, 2}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is given twice")));
}

}  // namespace
}  // namespace headway::evidence
