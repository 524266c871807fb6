#include "daemon/evidence/nowcast/factor_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "daemon/evidence/nowcast/news.h"
#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

// A factor with an autoregression of 0.7, and four series that load on it.
Eigen::MatrixXd FactorTable(int months) {
  Eigen::MatrixXd noise = Noise(months, 5, 11);
  for (int t = 1; t < months; ++t) noise(t, 0) += 0.7 * noise(t - 1, 0);
  Eigen::MatrixXd table(months, 4);
  for (int j = 0; j < 4; ++j) {
    table.col(j) =
        (j % 2 == 0 ? 1.0 : -0.8) * noise.col(0) + 0.5 * noise.col(j + 1);
  }
  return table;
}

const std::vector<std::string> kNames = {"a", "b", "c", "d"};

FactorModelOptions Monthly() {
  return {.quarterly = {false, false, false, false}};
}

TEST(FitFactorModel, LikelihoodNeverFalls) {
  const auto model = FitFactorModel(
      kNames, StandardiseTable(kNames, FactorTable(150))->table, Monthly());
  ASSERT_THAT(model, IsOk());
  for (size_t i = 1; i < model->path.size(); ++i) {
    EXPECT_GT(model->path[i], model->path[i - 1] - 1e-3) << i;
  }
  EXPECT_TRUE(model->converged);
}

TEST(FitFactorModel, FindsTheFactorsDynamicsAndSigns) {
  const auto model = FitFactorModel(
      kNames, StandardiseTable(kNames, FactorTable(400))->table, Monthly());
  ASSERT_THAT(model, IsOk());
  EXPECT_NEAR(model->parameters.factor_transition(0, 0), 0.7, 0.1);
  EXPECT_LT(model->parameters.loadings(0, 0) * model->parameters.loadings(1, 0),
            0);
}

TEST(FitFactorModel, TakesGapsAndQuarters) {
  Eigen::MatrixXd table = FactorTable(150);
  for (int t = 0; t < 150; ++t) {
    if (t % 3 != 2 || t < 5) {
      table(t, 3) = std::nan("");
      continue;
    }
  }
  table.block(140, 0, 10, 1).setConstant(std::nan(""));
  FactorModelOptions options = Monthly();
  options.quarterly[3] = true;
  const auto standardised = StandardiseTable(kNames, table);
  ASSERT_THAT(standardised, IsOk());
  EXPECT_THAT(FitFactorModel(kNames, standardised->table, options), IsOk());
}

TEST(FitFactorModel, RefusesMoreFactorsThanMonthlySeries) {
  FactorModelOptions options = Monthly();
  options.factors = 5;
  EXPECT_THAT(
      FitFactorModel(kNames, FactorTable(100), options),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("factors: 5")));
}

// Eight series of the New York Fed's example, as growth and changes since 2000.
class FedPanel {
 public:
  static std::optional<Eigen::MatrixXd> Read(const std::string& path,
                                             Eigen::Index rows) {
    const auto raw = ReadExample(path);
    if (!raw.has_value()) return std::nullopt;
    const Eigen::MatrixXd& x = raw->values;
    const Eigen::Index first = 15 * 12;  // from 1985-01
    Eigen::MatrixXd table = Eigen::MatrixXd::Constant(rows, 8, std::nan(""));
    for (Eigen::Index t = first; t < x.rows(); ++t) {
      for (int j = 0; j < 8; ++j) table(t - first, j) = Transformed(x, t, j);
    }
    return table;
  }

 private:
  static double Transformed(const Eigen::MatrixXd& x, Eigen::Index t, int j) {
    if (j >= 6) return 100 * (std::pow(x(t, j) / x(t - 3, j), 4) - 1);
    if (j == 1 || j == 2 || j == 5) return x(t, j) - x(t - 1, j);
    return 100 * (x(t, j) / x(t - 1, j) - 1);
  }
};

TEST(FedFactorModel, LikelihoodAndNowcastsAreThoseOfStatsmodels) {
  constexpr Eigen::Index kRows = 201;  // to 2016-09
  const auto old_table =
      FedPanel::Read("nowcast_news/raw_2016-06-29.csv", kRows);
  const auto new_table =
      FedPanel::Read("nowcast_news/raw_2016-07-29.csv", kRows);
  HEADWAY_SKIP_WITHOUT(old_table);
  const auto json = ReadExampleJson("nowcast_news/expected.json");
  const nlohmann::json& expected = (*json)["computed"]["em_8_series_1_factor"];
  const std::vector<std::string> names = {"CPIAUCSL", "UNRATE",  "PAYEMS",
                                          "RSAFS",    "TTLCONS", "TCU",
                                          "GDPC1",    "ULCNFB"};
  const auto standardised = StandardiseTable(names, *old_table);
  ASSERT_THAT(standardised, IsOk());
  FactorModelOptions options;
  options.quarterly = {false, false, false, false, false, false, true, true};
  const auto model = FitFactorModel(names, standardised->table, options);
  ASSERT_THAT(model, IsOk());
  EXPECT_NEAR(model->log_likelihood, expected["llf"], 0.01);
  const auto news = DecomposeNews(
      {model->state_space, standardised->mean, standardised->deviation},
      *old_table, *new_table, {6, kRows - 1});
  ASSERT_THAT(news, IsOk());
  EXPECT_NEAR(news->old_nowcast.value, expected["nowcast_old"], 0.02);
  EXPECT_NEAR(news->new_nowcast.value, expected["nowcast_new"], 0.02);
  EXPECT_NEAR(news->revisions, expected["impact_of_revisions"], 0.02);
}

}  // namespace
}  // namespace headway::evidence
