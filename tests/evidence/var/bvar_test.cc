#include "daemon/evidence/var/bvar.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

class BvarExample : public testing::Test {
 protected:
  void SetUp() override {
    const auto table = ReadExample("bvar_conditional/data.csv");
    const auto json = ReadExampleJson("bvar_conditional/expected.json");
    HEADWAY_SKIP_WITHOUT(table);
    system_ = {table->columns, table->values};
    expected_ = (*json)["computed"];
  }

  void ExpectFit(const BvarOptions& options, const char* key) {
    const auto bvar = FitBvar(system_, options);
    ASSERT_THAT(bvar, IsOk());
    const nlohmann::json& expected = expected_[key];
    EXPECT_LT(
        Distance(
            bvar->coefficients,
            ToMatrix(
                expected["posterior_mean_B_rows_lag1_to_lag4_then_const"])),
        1e-7);
    EXPECT_LT(Distance(bvar->scale, ToMatrix(expected["posterior_scale_S"])),
              1e-7);
    EXPECT_LT(
        Distance(bvar->covariance, ToMatrix(expected["posterior_mean_Sigma"])),
        1e-7);
    EXPECT_EQ(bvar->degrees, expected["posterior_df"]);
    EXPECT_NEAR(bvar->log_marginal_likelihood,
                expected["log_marginal_likelihood"], 1e-5);
  }

  System system_;
  nlohmann::json expected_;
};

TEST_F(BvarExample, TightnessOfAFifth) { ExpectFit({}, "lambda0.2"); }

TEST_F(BvarExample, TightnessOfATenth) {
  ExpectFit({.tightness = 0.1}, "lambda0.1");
}

TEST_F(BvarExample, SumOfCoefficients) {
  ExpectFit({.sum_of_coefficients = 2}, "lambda0.2_soc_tau2");
}

TEST_F(BvarExample, SumOfCoefficientsAndSingleUnitRoot) {
  ExpectFit({.sum_of_coefficients = 2, .single_unit_root = 1},
            "lambda0.2_soc_tau2_sur_mu1");
}

TEST_F(BvarExample, BestTightnessMaximisesTheMarginalLikelihood) {
  const auto bvar = FitBvarOfBestTightness(system_, {});
  ASSERT_THAT(bvar, IsOk());
  const nlohmann::json& best =
      expected_["lambda_maximising_marginal_likelihood"];
  EXPECT_NEAR(bvar->options.tightness, best["lam"], 1e-4);
  EXPECT_NEAR(bvar->log_marginal_likelihood, best["log_ml"], 1e-6);
}

TEST_F(BvarExample, NextPeriodIsStudents) {
  const auto bvar = FitBvar(system_, {});
  ASSERT_THAT(bvar, IsOk());
  const StudentPredictive next = PredictNext(*bvar);
  const nlohmann::json& expected =
      expected_["lambda0.2"]["one_step_predictive_student_t"];
  EXPECT_LT(Distance(next.mean, ToMatrix(expected["mean"])), 1e-7);
  EXPECT_LT(Distance(next.scale, ToMatrix(expected["scale"])), 1e-7);
  EXPECT_EQ(next.degrees, expected["df"]);
}

// log p(y_1..n) - log p(y_1..n-1) is the density of the last observation.
TEST(FitBvar, MarginalLikelihoodIsAProductOfPredictiveDensities) {
  const System all = {{"a", "b"}, Walks(60, 2, 3)};
  System shorter = all;
  shorter.values.conservativeResize(59, 2);
  // The prior's scales come from the data, so that they differ; a loose prior
  // shows it least.
  const auto longer = FitBvar(all, {.lags = 1, .tightness = 5});
  const auto before = FitBvar(shorter, {.lags = 1, .tightness = 5});
  ASSERT_THAT(longer, IsOk());
  const StudentPredictive next = PredictNext(*before);
  const Eigen::VectorXd gap = all.values.row(59).transpose() - next.mean;
  const double distance = gap.dot(next.scale.ldlt().solve(gap));
  const double density =
      std::lgamma((next.degrees + 2) / 2) - std::lgamma(next.degrees / 2) -
      std::log(next.degrees * M_PI) - 0.5 * std::log(next.scale.determinant()) -
      (next.degrees + 2) / 2 * std::log1p(distance / next.degrees);
  EXPECT_NEAR(longer->log_marginal_likelihood - before->log_marginal_likelihood,
              density, 0.1);
}

TEST(FitBvar, TightPriorIsAWalk) {
  const auto bvar =
      FitBvar({{"a", "b"}, Walks(100, 2, 1)}, {.lags = 2, .tightness = 1e-6});
  ASSERT_THAT(bvar, IsOk());
  EXPECT_LT(
      Distance(bvar->coefficients.topRows(2), Eigen::MatrixXd::Identity(2, 2)),
      1e-6);
}

TEST(FitBvar, RefusesATightnessThatIsNotPositive) {
  EXPECT_THAT(
      FitBvar({{"a", "b"}, Walks(100, 2, 1)}, {.tightness = 0}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tightness: 0")));
}

}  // namespace
}  // namespace headway::evidence
