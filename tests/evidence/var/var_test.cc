#include "daemon/evidence/var/var.h"

#include <gtest/gtest.h>

#include "daemon/evidence/var/lag_choice.h"
#include "daemon/evidence/var/residual_tests.h"
#include "daemon/evidence/var/responses.h"
#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

// A test that reads the Canadian example of the vars package.
class Canada : public testing::Test {
 protected:
  void SetUp() override {
    const auto table = ReadExample("granger_var/canada.csv");
    const auto json = ReadExampleJson("granger_var/expected.json");
    HEADWAY_SKIP_WITHOUT(table);
    system_ = {table->columns, table->values};
    expected_ = (*json)["computed"];
  }

  System system_;
  nlohmann::json expected_;
};

// The table has 15 digits of values near 930, so that coefficients of levels
// differ from those of the unrounded data in the eighth; they are exact for the
// table as it is.
TEST_F(Canada, CoefficientsAreThoseOfVars) {
  const auto var = FitVar(system_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& coef = expected_["canada"]["var2_const"]["coef"];
  for (size_t i = 0; i < var->regressors.size(); ++i) {
    EXPECT_LT(Distance(var->coefficients.row(i).transpose(),
                       ToMatrix(coef[var->regressors[i]])),
              3e-8)
        << var->regressors[i];
  }
}

TEST_F(Canada, CovariancesAreThoseOfVars) {
  const auto var = FitVar(system_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& fit = expected_["canada"]["var2_const"];
  EXPECT_LT(Distance(var->covariance, ToMatrix(fit["sigma_dfadj"])), 1e-8);
  EXPECT_LT(Distance(var->covariance_ml, ToMatrix(fit["sigma_ml"])), 1e-8);
}

TEST_F(Canada, ForecastsAreThoseOfVars) {
  const auto var = FitVar(system_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const VarForecast forecast = ForecastVar(*var, 8);
  const nlohmann::json& expected = expected_["canada"]["forecast_8"];
  for (int j = 0; j < 4; ++j) {
    const std::string& name = system_.names[j];
    EXPECT_LT(Distance(forecast.mean.col(j), ToMatrix(expected["mean"][name])),
              1e-6);
    EXPECT_LT(Distance(forecast.standard_error.col(j),
                       ToMatrix(expected["se"][name])),
              1e-6);
  }
}

TEST_F(Canada, LagsAreChosenAsVarselectDoes) {
  const auto choice = ChooseLags(system_, 10, Deterministic::kConstant);
  ASSERT_THAT(choice, IsOk());
  const nlohmann::json& expected =
      expected_["canada"]["varselect_lagmax10_const"];
  for (int i = 0; i < 10; ++i) {
    const LagScores& scores = choice->scores[i];
    EXPECT_NEAR(scores.aic, expected["criteria"]["AIC"][i], 1e-8);
    EXPECT_NEAR(scores.hannan_quinn, expected["criteria"]["HQ"][i], 1e-8);
    EXPECT_NEAR(scores.bic, expected["criteria"]["SC"][i], 1e-8);
    EXPECT_NEAR(scores.fpe, expected["criteria"]["FPE"][i], 1e-8);
  }
  EXPECT_EQ(nlohmann::json(
                {choice->aic, choice->hannan_quinn, choice->bic, choice->fpe}),
            expected["selection"]);
}

TEST_F(Canada, ResponsesAndSharesAreThoseOfStatsmodels) {
  const auto var = FitVar(system_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& expected = expected_["canada_statsmodels_check"];
  EXPECT_LT(Distance(OrthogonalResponses(*var, 10)[10],
                     ToMatrix(expected["orth_irf_10"])),
            1e-6);
  EXPECT_LT(
      Distance(VarianceDecomposition(*var, 8)[7], ToMatrix(expected["fevd_8"])),
      1e-6);
  Eigen::Map<const Eigen::VectorXd> roots(var->roots.data(), var->roots.size());
  EXPECT_LT(Distance(roots, ToMatrix(expected["roots"])), 1e-6);
}

TEST_F(Canada, ResidualTestsAreThoseOfStatsmodels) {
  const auto var = FitVar(system_, {.lags = 2});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& expected = expected_["canada_statsmodels_check"];
  const auto portmanteau = TestPortmanteau(*var, 16);
  ASSERT_THAT(portmanteau, IsOk());
  EXPECT_NEAR(portmanteau->plain.statistic, expected["portmanteau_16"]["stat"],
              1e-5);
  EXPECT_NEAR(portmanteau->plain.p, expected["portmanteau_16"]["p"], 1e-7);
  const ChiSquaredTest normality = TestNormality(*var);
  EXPECT_NEAR(normality.statistic, expected["normality"]["stat"], 1e-6);
  EXPECT_NEAR(normality.p, expected["normality"]["p"], 1e-7);
}

TEST(Macrodata, LevelsAreThoseOfStatsmodels) {
  const auto table = ReadExample("granger_var/macrodata.csv");
  const auto json = ReadExampleJson("granger_var/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  const std::vector<std::string> names = {"realcons", "realgdp", "realinv"};
  const auto var = FitVar({names, table->Select(names)}, {.lags = 4});
  ASSERT_THAT(var, IsOk());
  const nlohmann::json& expected = (*json)["computed"]["macrodata_levels_var4"];
  const Eigen::MatrixXd rows = ToMatrix(expected["coef_rows_const_then_lags"]);
  EXPECT_LT(Distance(var->coefficients.bottomRows(1), rows.topRows(1)), 1e-8);
  EXPECT_LT(Distance(var->coefficients.topRows(12), rows.bottomRows(12)), 1e-8);
  EXPECT_LT(Distance(var->covariance, ToMatrix(expected["sigma_u"])), 1e-8);
  EXPECT_NEAR(var->log_likelihood, expected["llf"], 1e-6);
  EXPECT_LT(Distance(ForecastVar(*var, 5).mean, ToMatrix(expected["forecast"])),
            1e-6);
}

TEST(FitVar, RefusesASeriesThatIsASumOfOthers) {
  Eigen::MatrixXd values(60, 3);
  values.leftCols(2) = Noise(60, 2, 1);
  values.col(2) = values.col(0) + values.col(1);
  EXPECT_THAT(
      FitVar({{"a", "b", "c"}, values}, {.lags = 1}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("is a linear combination of the other regressors")));
}

TEST(FitVar, NamesTheSeriesAndPeriodOfAGap) {
  Eigen::MatrixXd values = Noise(60, 2, 1);
  values(9, 1) = std::nan("");
  EXPECT_THAT(FitVar({{"a", "b"}, values}, {.lags = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("b has no value in period 10")));
}

TEST(FitVar, SaysHowManyPeriodsAreNeeded) {
  EXPECT_THAT(FitVar({{"a", "b"}, Noise(10, 2, 1)}, {.lags = 4}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("10 periods are too few for 4 lags")));
}

TEST(BootstrapBands, AreTheSameForASeedAndHoldTheResponses) {
  const auto var = FitVar({{"a", "b"}, Noise(120, 2, 3)}, {.lags = 1});
  ASSERT_THAT(var, IsOk());
  const BandOptions options = {.steps = 4, .draws = 200, .seed = 7};
  const auto bands = BootstrapBands(*var, options);
  const auto again = BootstrapBands(*var, options);
  ASSERT_THAT(bands, IsOk());
  EXPECT_EQ(bands->low, again->low);
  const Eigen::MatrixXd response = OrthogonalResponses(*var, 4)[1];
  EXPECT_TRUE((bands->low[1].array() <= response.array()).all());
  EXPECT_TRUE((bands->high[1].array() >= response.array()).all());
}

}  // namespace
}  // namespace headway::evidence
