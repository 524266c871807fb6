#include "daemon/evidence/nowcast/news.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

// y_t = 0.8 y_{t-1} + e, e ~ N(0, 1).
NowcastModel WalkBack() {
  NowcastModel model;
  StateSpace& s = model.state_space;
  s.design = Eigen::MatrixXd::Ones(1, 1);
  s.observation_variance = Eigen::VectorXd::Zero(1);
  s.transition = Eigen::MatrixXd::Constant(1, 1, 0.8);
  s.shock_covariance = Eigen::MatrixXd::Ones(1, 1);
  s.state0 = Eigen::VectorXd::Zero(1);
  s.covariance0 = *StationaryCovariance(s.transition, s.shock_covariance);
  model.mean = Eigen::VectorXd::Zero(1);
  model.deviation = Eigen::VectorXd::Ones(1);
  return model;
}

Eigen::MatrixXd Column(std::vector<double> values) {
  return Eigen::Map<Eigen::VectorXd>(values.data(), values.size());
}

TEST(DecomposeNews, IsWhatAHandComputesForAnAutoregression) {
  const auto news = DecomposeNews(WalkBack(), Column({1, 2, kGap, kGap, kGap}),
                                  Column({1, 2.5, 3, kGap, kGap}), {0, 4});
  ASSERT_THAT(news, IsOk());
  EXPECT_NEAR(news->old_nowcast.value, 1.024, 1e-12);
  EXPECT_NEAR(news->revisions, 0.256, 1e-12);
  ASSERT_EQ(news->releases.size(), 1u);
  EXPECT_NEAR(news->releases[0].forecast, 2, 1e-12);
  EXPECT_NEAR(news->releases[0].weight, 0.64, 1e-12);
  EXPECT_NEAR(news->news, 0.64, 1e-12);
  EXPECT_NEAR(news->new_nowcast.value, 1.92, 1e-12);
}

TEST(DecomposeNews, AWithdrawnValueIsARevision) {
  const auto news = DecomposeNews(WalkBack(), Column({1, 2, kGap}),
                                  Column({1, kGap, kGap}), {0, 2});
  ASSERT_THAT(news, IsOk());
  ASSERT_EQ(news->by_revision.size(), 1u);
  EXPECT_EQ(news->by_revision[0].withdrawn, 1);
  EXPECT_NEAR(news->revisions, 0.64 - 1.6, 1e-12);
}

TEST(DecomposeNews, ReestimationIsAPartOfItsOwn) {
  NowcastModel other = WalkBack();
  other.state_space.transition(0, 0) = 0.5;
  other.state_space.covariance0(0, 0) = 4.0 / 3;
  const auto news = DecomposeNews(WalkBack(), Column({1, 2, kGap}),
                                  Column({1, 2, kGap}), {0, 2}, other);
  ASSERT_THAT(news, IsOk());
  EXPECT_NEAR(news->reestimation, 1.0 - 1.6, 1e-12);
  EXPECT_NEAR(news->new_nowcast.value, 1.0, 1e-12);
}

TEST(DecomposeNews, WithoutAChangeThereIsNone) {
  const Eigen::MatrixXd table = Column({1, 2, kGap});
  const auto news = DecomposeNews(WalkBack(), table, table, {0, 2});
  ASSERT_THAT(news, IsOk());
  EXPECT_TRUE(news->releases.empty());
  EXPECT_EQ(news->new_nowcast.value, news->old_nowcast.value);
}

TEST(DecomposeNews, RefusesTablesOfDifferentPeriods) {
  EXPECT_THAT(DecomposeNews(WalkBack(), Column({1, 2}), Column({1}), {0, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the same periods")));
}

// The two vintages of the New York Fed's example and its state space.
class FedExample : public testing::Test {
 protected:
  void SetUp() override {
    const auto before = ReadExample("nowcast_news/panel_2016-06-29.csv");
    const auto after = ReadExample("nowcast_news/panel_2016-07-29.csv");
    HEADWAY_SKIP_WITHOUT(before);
    const auto json = ReadExampleJson("nowcast_news/expected.json");
    const auto matrices = ReadExampleJson("nowcast_news/state_space.json");
    expected_ = (*json)["computed"]["frbny_112"];
    names_ = after->columns;
    SetModel(*matrices);
    // To 2016-09, the last month of the quarter in question.
    const Eigen::Index periods = after->values.rows() + 3;
    old_ = Eigen::MatrixXd::Constant(periods, 5, kGap);
    new_ = old_;
    old_.topRows(before->values.rows()) = before->values;
    new_.topRows(after->values.rows()) = after->values;
  }

  void SetModel(const nlohmann::json& matrices) {
    StateSpace& s = model_.state_space;
    s.design = ToMatrix(matrices["design"]);
    s.observation_variance = ToMatrix(matrices["obs_cov_diag"]);
    s.transition = ToMatrix(matrices["transition"]);
    const Eigen::MatrixXd selection = ToMatrix(matrices["selection"]);
    s.shock_covariance =
        selection * ToMatrix(matrices["state_cov"]) * selection.transpose();
    s.state0 = ToMatrix(matrices["initial_state_t0"]);
    s.covariance0 = ToMatrix(matrices["initial_state_cov_t0"]);
    model_.mean.resize(5);
    model_.deviation.resize(5);
    for (int j = 0; j < 5; ++j) {
      model_.mean[j] = expected_["mean"][names_[j]];
      model_.deviation[j] = expected_["std"][names_[j]];
    }
  }

  NowcastQuestion Question() const {
    return {3, static_cast<int>(new_.rows()) - 1};
  }

  NowcastModel model_;
  Eigen::MatrixXd old_;
  Eigen::MatrixXd new_;
  std::vector<std::string> names_;
  nlohmann::json expected_;
};

TEST_F(FedExample, PartsAreThoseOfTheMatlabCode) {
  const auto news = DecomposeNews(model_, old_, new_, Question());
  ASSERT_THAT(news, IsOk());
  EXPECT_NEAR(news->old_nowcast.value, expected_["nowcast_old"], 1e-7);
  EXPECT_NEAR(news->revisions, expected_["impact_of_revisions"], 1e-7);
  EXPECT_NEAR(news->news, expected_["impact_of_news"], 1e-7);
  EXPECT_NEAR(news->new_nowcast.value, expected_["nowcast_new"], 1e-7);
  EXPECT_LT(std::abs(news->remainder), 1e-9);
}

TEST_F(FedExample, EveryReleaseHasItsForecastAndWeight) {
  const auto news = DecomposeNews(model_, old_, new_, Question());
  ASSERT_THAT(news, IsOk());
  ASSERT_EQ(news->releases.size(), 4u);
  for (const Release& release : news->releases) {
    for (const nlohmann::json& row : expected_["news"]) {
      if (row["series"] != names_[release.series]) continue;
      EXPECT_NEAR(release.forecast, row["forecast"], 1e-6);
      EXPECT_NEAR(release.observed, row["observed"], 1e-7);
      EXPECT_NEAR(release.weight, row["weight"], 1e-7);
      EXPECT_NEAR(release.impact, row["impact"], 1e-7);
    }
  }
}

TEST_F(FedExample, LikelihoodIsThatOfStatsmodels) {
  const Eigen::MatrixXd standard =
      (old_.rowwise() - model_.mean.transpose()).array().rowwise() /
      model_.deviation.transpose().array();
  const auto smoothed = Smooth(model_.state_space, standard);
  ASSERT_THAT(smoothed, IsOk());
  EXPECT_NEAR(smoothed->log_likelihood, expected_["loglik_old"], 1e-6);
}

}  // namespace
}  // namespace headway::evidence
