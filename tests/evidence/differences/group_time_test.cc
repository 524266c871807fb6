#include "daemon/evidence/differences/group_time.h"

#include <map>

#include "daemon/evidence/differences/aggregate.h"
#include "gtest/gtest.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

struct Counties {
  StaggeredPanel panel;
  nlohmann::json expected;
};

std::optional<Counties> LoadCounties() {
  const auto table = ReadExample("staggered_mpdta/mpdta.csv");
  const auto expected = ReadExampleJson("staggered_mpdta/expected.json");
  if (!table || !expected) return std::nullopt;
  const Grouping unit = MakeGrouping("county", table->rows);
  const Eigen::MatrixXd values =
      table->Select({"year", "lemp", "first.treat", "lpop"});
  Counties counties;
  counties.expected = (*expected)["computed"];
  counties.panel.outcome.resize(unit.count, 5);
  counties.panel.first_treated.resize(unit.count);
  counties.panel.covariates.resize(unit.count, 1);
  for (int i = 0; i < values.rows(); ++i) {
    const int u = unit.group[i];
    counties.panel.outcome(u, static_cast<int>(values(i, 0)) - 2003) =
        values(i, 1);
    counties.panel.first_treated[u] =
        values(i, 2) > 0 ? static_cast<int>(values(i, 2)) - 2003
                         : kNeverTreated;
    counties.panel.covariates(u, 0) = values(i, 3);
  }
  return counties;
}

Counties WithoutCovariates(Counties counties) {
  counties.panel.covariates.resize(counties.panel.outcome.rows(), 0);
  return counties;
}

TEST(GroupTimeTest, EffectsAndErrorsOfTeenEmploymentAreThoseOfDid) {
  auto data = LoadCounties();
  HEADWAY_SKIP_WITHOUT(data);
  const Counties counties = WithoutCovariates(*data);
  const auto result = EstimateGroupTime(counties.panel, {});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->effects.size(), 12u);
  for (const GroupTimeEffect& one : result->effects) {
    const std::string key = std::to_string(2003 + one.group) + "_" +
                            std::to_string(2003 + one.period);
    const auto& expected = counties.expected["att_gt"][key];
    EXPECT_NEAR(one.effect, expected["att"].get<double>(), 1e-10) << key;
    EXPECT_NEAR(one.standard_error, expected["se"].get<double>(), 1e-10) << key;
  }
  EXPECT_NEAR(result->pretrend_p, 0.16812, 5e-5);
}

TEST(GroupTimeTest, AveragesOfTeenEmploymentAreThoseOfDid) {
  auto data = LoadCounties();
  HEADWAY_SKIP_WITHOUT(data);
  const Counties counties = WithoutCovariates(*data);
  const auto result = EstimateGroupTime(counties.panel, {});
  ASSERT_TRUE(result.ok());
  const std::map<Aggregation, double> overall = {
      {Aggregation::kSimple, -0.0399512751551763},
      {Aggregation::kDynamic, -0.0772398214573151},
      {Aggregation::kGroup, -0.0310182822287484}};
  for (const auto& [aggregation, expected] : overall) {
    const auto average = AggregateEffects(
        *result, {.aggregation = aggregation, .clusters = std::nullopt});
    ASSERT_TRUE(average.ok());
    EXPECT_NEAR(average->overall.effect, expected, 1e-10);
  }
}

TEST(GroupTimeTest, DynamicErrorIsThatOfDidsBootstrap) {
  auto data = LoadCounties();
  HEADWAY_SKIP_WITHOUT(data);
  const auto result = EstimateGroupTime(WithoutCovariates(*data).panel, {});
  const auto average = AggregateEffects(*result, {});
  EXPECT_NEAR(average->overall.standard_error, 0.0219, 0.1 * 0.0219);
  EXPECT_GT(average->critical_value, 1.96);
}

// did 2.1.2 on the same data with xformla = ~lpop prints simple ATT -0.0418.
TEST(GroupTimeTest, ACovariateGivesThePublishedDoublyRobustAverage) {
  const auto data = LoadCounties();
  HEADWAY_SKIP_WITHOUT(data);
  const auto result = EstimateGroupTime(data->panel, {});
  ASSERT_TRUE(result.ok()) << result.status();
  const auto average = AggregateEffects(
      *result, {.aggregation = Aggregation::kSimple, .clusters = std::nullopt});
  EXPECT_NEAR(average->overall.effect, -0.0418, 5e-5);
}

TEST(GroupTimeTest, APanelWithoutTreatmentIsRefused) {
  StaggeredPanel panel{Noise(5, 4, 1), {-1, -1, -1, -1, -1}, {}};
  EXPECT_FALSE(EstimateGroupTime(panel, {}).ok());
}

}  // namespace
}  // namespace headway::evidence
