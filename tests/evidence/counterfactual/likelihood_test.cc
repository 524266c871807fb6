#include "daemon/evidence/counterfactual/likelihood.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

constexpr Eigen::Index kBeforeLaw = 169;

CounterfactualInput Seatbelts(const ExampleTable& table,
                              const std::string& outcome) {
  return {.outcome = table.Select({outcome}).col(0).array().log(),
          .controls = table.Select({"PetrolPrice"}).array().log(),
          .control_names = {"PetrolPrice"},
          .before = kBeforeLaw};
}

StructuralOptions Monthly(bool season_varies) {
  return {.form = {.season = 12}, .season_varies = season_varies};
}

TEST(StructuralLikelihood, IsExactlyDiffuseAtFixedParameters) {
  const auto table = ReadExample("uk_seatbelts/seatbelts.csv");
  const auto json = ReadExampleJson("uk_seatbelts/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  const auto& expected = (*json)["computed"]["fixed_params_check"];
  Eigen::MatrixXd regressors(table->values.rows(), 2);
  regressors << table->Select({"PetrolPrice"}).array().log(),
      table->Select({"law"});
  const auto fit =
      FitAt(table->Select({"drivers"}).col(0).array().log(), regressors,
            {.season = 12}, {.irregular = 0.004, .level = 0.0003},
            Eigen::Vector2d(-0.28, -0.24));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->log_likelihood, expected["loglik_exact_diffuse"], 1e-8);
  EXPECT_NEAR(fit->states(0, 0), expected["smoothed_level_first"], 1e-8);
  EXPECT_NEAR(fit->states(0, 191), expected["smoothed_level_last"], 1e-8);
}

TEST(StructuralForecast, IsThatOfFixedParameters) {
  const auto table = ReadExample("uk_seatbelts/seatbelts.csv");
  const auto json = ReadExampleJson("uk_seatbelts/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  const auto& expected = (*json)["computed"]["fixed_params_check"];
  Eigen::MatrixXd regressors(193, 2);
  regressors.topRows(192) << table->Select({"PetrolPrice"}).array().log(),
      table->Select({"law"});
  regressors.row(192) = regressors.row(191);
  const Eigen::VectorXd outcome =
      table->Select({"drivers"}).col(0).array().log();
  const auto fit = FitAt(outcome, regressors.topRows(192), {.season = 12},
                         {.irregular = 0.004, .level = 0.0003},
                         Eigen::Vector2d(-0.28, -0.24));
  const auto forecast =
      ForecastStructural(outcome, regressors, {.season = 12}, *fit);
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_NEAR(forecast->mean[0], expected["forecast_1985_01"], 1e-8);
  EXPECT_NEAR(std::sqrt(forecast->covariance(0, 0)), expected["forecast_se"],
              1e-8);
}

void ExpectSeatbelts(const std::string& series, bool season_varies) {
  const auto table = ReadExample("uk_seatbelts/seatbelts.csv");
  const auto json = ReadExampleJson("uk_seatbelts/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  const auto& all = (*json)["computed"]["series"][series];
  const auto& expected =
      all[season_varies ? "petrol_law_stochseas" : "petrol_law_fixedseas"];
  const auto impact = EstimateStructuralImpact(Seatbelts(*table, series),
                                               Monthly(season_varies));
  ASSERT_TRUE(impact.ok()) << impact.status();
  const StructuralFit& fit = impact->with_step;
  EXPECT_GT(fit.log_likelihood,
            expected["llf_exact_diffuse"].get<double>() - 1e-3);
  EXPECT_NEAR(impact->step, expected["params"]["beta.law"], 0.002);
  const double level = expected["params"]["sigma2.level"];
  EXPECT_NEAR(fit.variances.level, level, 0.02 * level);
  const double irregular = expected["params"]["sigma2.irregular"];
  EXPECT_NEAR(fit.variances.irregular, irregular, 0.02 * irregular);
  if (season_varies) return;
  const auto& before = all["counterfactual_fit_to_1983_01"];
  EXPECT_NEAR(100 * std::expm1(impact->average), before["mean_percent"], 0.3);
  EXPECT_LT(Distance(impact->forecast.mean, ToMatrix(before["log_forecast"])),
            1e-3);
}

TEST(StructuralImpact, OfTheLawOnDriversIsThatOfHarveyAndDurbin) {
  ExpectSeatbelts("drivers", false);
}

TEST(StructuralImpact, OfTheLawOnFrontPassengersIsThatOfHarveyAndDurbin) {
  ExpectSeatbelts("front", false);
}

TEST(StructuralImpact, OfTheLawOnRearPassengersIsNone) {
  ExpectSeatbelts("rear", false);
}

TEST(StructuralImpact, OfTheLawOnDriversKilledAllowsAVaryingSeason) {
  ExpectSeatbelts("DriversKilled", true);
}

TEST(StructuralImpact, TakesASeasonVarianceOfZeroForZero) {
  const auto table = ReadExample("uk_seatbelts/seatbelts.csv");
  HEADWAY_SKIP_WITHOUT(table);
  const auto impact =
      EstimateStructuralImpact(Seatbelts(*table, "drivers"), Monthly(true));
  ASSERT_TRUE(impact.ok()) << impact.status();
  EXPECT_EQ(impact->with_step.variances.season, 0);
}

// R 4.2.2: arima(Nile, c(0, 1, 1)) has the likelihood of a local level.
TEST(StructuralFit, OfNileIsThatOfR) {
  const auto table = ReadExample("breaks/nile.csv");
  HEADWAY_SKIP_WITHOUT(table);
  const auto fit = FitStructural(table->values.col(table->values.cols() - 1),
                                 Eigen::MatrixXd(100, 0), {}, {});
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->variances.irregular, 15098.5, 0.002 * 15098.5);
  EXPECT_NEAR(fit->variances.level, 1469.1, 0.005 * 1469.1);
}

CounterfactualInput Made() {
  const Eigen::MatrixXd walks = Walks(60, 2, 7);
  return {.outcome = walks.col(0),
          .controls = walks.rightCols(1),
          .control_names = {"other"},
          .before = 40};
}

TEST(StructuralImpact, DoesNotDependOnUnits) {
  CounterfactualInput input = Made();
  const auto small = EstimateStructuralImpact(input, {});
  input.outcome = (input.outcome.array() * 1e6 + 5e7).matrix();
  input.controls *= 1e-3;
  const auto large = EstimateStructuralImpact(input, {});
  ASSERT_TRUE(small.ok() && large.ok());
  EXPECT_NEAR(large->average / 1e6, small->average, 1e-3);
  EXPECT_NEAR(large->average_error / 1e6, small->average_error, 1e-3);
}

TEST(StructuralImpact, RefusesAControlTwice) {
  CounterfactualInput input = Made();
  input.controls.conservativeResize(60, 2);
  input.controls.col(1) = 2 * input.controls.col(0);
  input.control_names = {"other", "twice"};
  EXPECT_THAT(
      std::string(EstimateStructuralImpact(input, {}).status().message()),
      HasSubstr("\"twice\" is a combination"));
}

TEST(StructuralImpact, RefusesAControlThatIsMissing) {
  CounterfactualInput input = Made();
  input.controls(50, 0) = std::nan("");
  EXPECT_THAT(
      std::string(EstimateStructuralImpact(input, {}).status().message()),
      HasSubstr("\"other\" is missing in period 51 of 60"));
}

TEST(StructuralImpact, RefusesTooFewPeriods) {
  EXPECT_THAT(
      std::string(
          EstimateStructuralImpact(Part(Made(), 3, 10), {}).status().message()),
      HasSubstr("has 3 values"));
}

TEST(StructuralImpact, LeavesOutMissingOutcomes) {
  CounterfactualInput input = Made();
  input.outcome[5] = std::nan("");
  input.outcome[45] = std::nan("");
  const auto impact = EstimateStructuralImpact(input, {});
  ASSERT_TRUE(impact.ok()) << impact.status();
  EXPECT_EQ(impact->compared, 19);
}

}  // namespace
}  // namespace headway::evidence
