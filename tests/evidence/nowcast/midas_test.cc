#include "daemon/evidence/nowcast/midas.h"

#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

Eigen::VectorXd Growth(const Eigen::VectorXd& levels) {
  const Eigen::Index n = levels.size();
  return levels.tail(n - 1).array().log() - levels.head(n - 1).array().log();
}

double Named(const MidasFit& fit, const std::string& name) {
  for (const MidasCoefficient& coefficient : fit.coefficients) {
    if (coefficient.name == name) return coefficient.estimate;
  }
  return std::nan("");
}

// Okun's law: growth of output in a year from changes of unemployment in
// months.
class Okun : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const auto gdp = ReadExample("midas_bridge/us_gdp_annual.csv");
    const auto jobless =
        ReadExample("midas_bridge/us_unemployment_monthly.csv");
    HEADWAY_SKIP_WITHOUT(gdp);
    const auto json = ReadExampleJson("midas_bridge/expected.json");
    expected_ = (*json)["computed"]["okun"][absl::StrCat("k", GetParam())];
    const Eigen::VectorXd y = Growth(gdp->values.col(0));
    const Eigen::VectorXd u = jobless->values.col(0);
    const int k = GetParam();
    // Of 1949 on; earlier changes are not there.
    const int skip = k > 12 ? 1 : 0;
    const Eigen::Index n = y.size() - skip;
    data_.target = y.tail(n);
    data_.other_names = {"const", "trend"};
    data_.others = Eigen::MatrixXd::Ones(n, 2);
    MidasRegressor regressor{.name = "u", .lags = Eigen::MatrixXd(n, k)};
    for (Eigen::Index i = 0; i < n; ++i) {
      const Eigen::Index year = i + skip;
      data_.others(i, 1) = static_cast<double>(year) + 1;
      for (int lag = 0; lag < k; ++lag) {
        const Eigen::Index month = 12 * (year + 1) + 11 - lag;
        regressor.lags(i, lag) = u[month] - u[month - 1];
      }
    }
    data_.regressors.push_back(regressor);
  }

  MidasData data_;
  nlohmann::json expected_;
};

TEST_P(Okun, UnrestrictedIsLeastSquares) {
  data_.regressors[0].weights = MidasWeights::kUnrestricted;
  const auto fit = FitMidas(data_);
  ASSERT_THAT(fit, IsOk());
  const nlohmann::json& expected = expected_["umidas"];
  EXPECT_EQ(fit->observations, expected_["n"]);
  EXPECT_NEAR(Named(*fit, "const"), expected["const"], 1e-8);
  EXPECT_NEAR(Named(*fit, "trend"), expected["trend"], 1e-8);
  EXPECT_LT(Distance(fit->lag_coefficients[0], ToMatrix(expected["lags"])),
            1e-8);
  EXPECT_NEAR(fit->rss, expected["rss"], 1e-8);
}

TEST_P(Okun, NealmonReachesTheLeastSumOfSquares) {
  const auto fit = FitMidas(data_);
  ASSERT_THAT(fit, IsOk());
  const nlohmann::json& expected = expected_["nealmon"];
  EXPECT_NEAR(fit->rss / static_cast<double>(expected["rss"]), 1, 1e-6);
  EXPECT_LT(Distance(fit->lag_coefficients[0],
                     ToMatrix(expected["lag_coefficients"])),
            1e-3);
  EXPECT_NEAR(Named(*fit, "u.theta1"), expected["theta1"], 1e-2);
  EXPECT_NEAR(Named(*fit, "u.delta"), expected["delta"], 1e-2);
}

INSTANTIATE_TEST_SUITE_P(Lags, Okun, testing::Values(12, 15, 18, 24));

// Growth of output in a quarter from growth of payrolls in months.
class Payrolls : public testing::Test {
 protected:
  void SetUp() override {
    const auto gdp = ReadExample("midas_bridge/us_gdp_quarterly.csv");
    const auto jobs = ReadExample("midas_bridge/us_payrolls_monthly.csv");
    HEADWAY_SKIP_WITHOUT(gdp);
    const auto json = ReadExampleJson("midas_bridge/expected.json");
    expected_ = (*json)["computed"]["gdp_payroll"];
    // Number 0 is the growth of 1947Q2, and of 1939-02.
    y_ = 100 * Growth(gdp->values.col(0));
    x_ = 100 * Growth(jobs->values.col(0));
  }

  // From quarter `first` after 1985Q1 to 2009Q1; lags count from the last month
  // of the quarter.
  MidasData Make(MidasWeights weights, int first, int first_lag, int last_lag) {
    const int n = 97 - first;
    MidasData data;
    data.target.resize(n);
    data.other_names = {"const", "ar1"};
    data.others = Eigen::MatrixXd::Ones(n, 2);
    MidasRegressor regressor{"x", weights, first_lag,
                             Eigen::MatrixXd(n, last_lag - first_lag + 1)};
    for (int i = 0; i < n; ++i) {
      const int quarter = (1985 - 1947) * 4 - 1 + first + i;
      data.target[i] = y_[quarter];
      data.others(i, 1) = y_[quarter - 1];
      const int last_month = (1985 - 1939) * 12 - 1 + 3 * (first + i) + 2;
      for (int lag = first_lag; lag <= last_lag; ++lag) {
        regressor.lags(i, lag - first_lag) = x_[last_month - lag];
      }
    }
    data.regressors.push_back(regressor);
    return data;
  }

  Eigen::VectorXd y_;
  Eigen::VectorXd x_;
  nlohmann::json expected_;
};

TEST_F(Payrolls, NbetaReachesTheLeastSumOfSquares) {
  const auto fit = FitMidas(Make(MidasWeights::kNbeta, 3, 3, 11));
  ASSERT_THAT(fit, IsOk());
  const nlohmann::json& expected = expected_["nbeta"];
  EXPECT_EQ(fit->observations, expected_["n"]);
  EXPECT_NEAR(fit->rss / static_cast<double>(expected["rss"]), 1, 1e-6);
  EXPECT_NEAR(Named(*fit, "const"), expected["const"], 1e-2);
  EXPECT_NEAR(Named(*fit, "ar1"), expected["ar1"], 1e-2);
  EXPECT_NEAR(Named(*fit, "x.delta"), expected["delta"], 1e-2);
  EXPECT_NEAR(Named(*fit, "x.theta1"), expected["theta1"], 1e-2);
  EXPECT_NEAR(Named(*fit, "x.theta2"), expected["theta2"], 1e-2 * 13);
  EXPECT_LT(Distance(fit->lag_coefficients[0], ToMatrix(expected["weights"])),
            1e-3);
}

TEST_F(Payrolls, UnrestrictedIsLeastSquares) {
  const auto fit = FitMidas(Make(MidasWeights::kUnrestricted, 3, 3, 11));
  ASSERT_THAT(fit, IsOk());
  const nlohmann::json& expected = expected_["umidas"];
  EXPECT_NEAR(Named(*fit, "const"), expected["const"], 1e-8);
  EXPECT_LT(Distance(fit->lag_coefficients[0], ToMatrix(expected["lags3_11"])),
            1e-8);
  EXPECT_NEAR(fit->rss, expected["rss"], 1e-8);
}

TEST_F(Payrolls, BridgeIsTheMeanOfTheSameQuarter) {
  const auto fit = FitMidas(Make(MidasWeights::kEqual, 1, 0, 2));
  ASSERT_THAT(fit, IsOk());
  const nlohmann::json& expected = expected_["bridge_same_quarter_mean"];
  EXPECT_EQ(fit->observations, expected["n"]);
  EXPECT_NEAR(Named(*fit, "const"), expected["const"], 1e-8);
  EXPECT_NEAR(Named(*fit, "ar1"), expected["ar1"], 1e-8);
  EXPECT_NEAR(Named(*fit, "x.delta"), expected["slope"], 1e-8);
  EXPECT_NEAR(fit->rss, expected["rss"], 1e-8);
}

MidasData Made(MidasWeights weights, double noise) {
  const int n = 80;
  MidasData data;
  data.other_names = {"const"};
  data.others = Eigen::MatrixXd::Ones(n, 1);
  MidasRegressor regressor{"x", weights, 0, Noise(n, 12, 3)};
  const Eigen::VectorXd truth =
      WeightsAt(MidasWeights::kNealmon, 12, {0.3, -0.06}).weights;
  data.target = 2 * regressor.lags * truth + noise * Noise(n, 1, 9).col(0);
  data.regressors.push_back(regressor);
  return data;
}

TEST(FitMidas, FindsTheWeightsThatMadeTheData) {
  const auto fit = FitMidas(Made(MidasWeights::kNealmon, 0.01));
  ASSERT_THAT(fit, IsOk());
  EXPECT_NEAR(Named(*fit, "x.delta"), 2, 0.02);
  EXPECT_NEAR(Named(*fit, "x.theta1"), 0.3, 0.02);
}

TEST(FitMidas, StandardErrorsMatchThoseOfASlope) {
  const auto fit = FitMidas(Made(MidasWeights::kNealmon, 0.5));
  ASSERT_THAT(fit, IsOk());
  ASSERT_TRUE(fit->coefficients[1].standard_error.has_value());
  EXPECT_GT(*fit->coefficients[1].standard_error, 0.05);
  EXPECT_LT(*fit->coefficients[1].standard_error, 1);
}

TEST(ForecastMidas, OfAPeriodOfTheFitIsItsFittedValue) {
  const MidasData data = Made(MidasWeights::kNealmon, 0.5);
  const auto fit = FitMidas(data);
  ASSERT_THAT(fit, IsOk());
  const auto forecast = ForecastMidas(*fit, Eigen::VectorXd::Ones(1),
                                      {data.regressors[0].lags.row(4)});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_NEAR(forecast->mean, fit->fitted[4], 1e-10);
  EXPECT_GT(forecast->standard_error, fit->sigma);
}

TEST(TestRestriction, HoldsWhereTheShapeMadeTheData) {
  const auto restricted = FitMidas(Made(MidasWeights::kNealmon, 0.5));
  const auto free = FitMidas(Made(MidasWeights::kUnrestricted, 0.5));
  const auto test = TestRestriction(*restricted, *free);
  ASSERT_THAT(test, IsOk());
  EXPECT_EQ(test->degrees1, 9);
  EXPECT_GT(test->p, 0.01);
}

TEST(FitMidas, SaysThatPeriodsAreTooFew) {
  MidasData data = Made(MidasWeights::kUnrestricted, 0.5);
  data.target.conservativeResize(10);
  data.others.conservativeResize(10, 1);
  data.regressors[0].lags.conservativeResize(10, 12);
  EXPECT_THAT(FitMidas(data), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("10 observations")));
}

TEST(ExtendByAutoregression, ReturnsToTheMean) {
  Eigen::VectorXd values = Noise(200, 1, 1).col(0);
  for (int t = 1; t < 200; ++t) values[t] += 0.5 * values[t - 1];
  const auto extended = ExtendByAutoregression("x", values, 40, 4);
  ASSERT_THAT(extended, IsOk());
  EXPECT_NEAR((*extended)[39], values.mean(), 0.5);
}

}  // namespace
}  // namespace headway::evidence
