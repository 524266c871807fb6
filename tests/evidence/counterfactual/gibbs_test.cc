#include "daemon/evidence/counterfactual/gibbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "daemon/evidence/counterfactual/draws.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

// A published example of CausalImpact: the outcome and its controls.
struct Example {
  std::string name;
  std::string outcome;
  std::vector<std::string> controls;
  Eigen::Index before;
};

std::optional<CounterfactualInput> InputOf(const Example& example) {
  const auto table = ReadExample("causalimpact/" + example.name + ".csv");
  if (!table) return std::nullopt;
  return CounterfactualInput{.outcome = table->Select({example.outcome}).col(0),
                             .controls = table->Select(example.controls),
                             .control_names = example.controls,
                             .before = example.before};
}

void ExpectPublished(const Example& example, const BayesianOptions& options,
                     const std::string& variant) {
  const auto input = InputOf(example);
  const auto json = ReadExampleJson("causalimpact/expected.json");
  HEADWAY_SKIP_WITHOUT(input);
  const auto& expected = (*json)["computed"][example.name][variant];
  const auto draws = DrawCounterfactual(*input, options);
  ASSERT_TRUE(draws.ok()) << draws.status();
  const DrawnImpact impact = ImpactOf(*draws, *input, 0.95);
  const double deviation = expected["effect_average_sd"];
  EXPECT_NEAR(impact.average.mean, expected["effect_average"],
              0.15 * deviation);
  EXPECT_NEAR(impact.average.deviation, deviation, 0.05 * deviation);
  EXPECT_NEAR(impact.average.low, expected["effect_average_ci"][0],
              0.25 * deviation);
  EXPECT_NEAR(impact.average.high, expected["effect_average_ci"][1],
              0.25 * deviation);
  EXPECT_NEAR(impact.tail_probability, expected["tail_area_p"], 0.02);
  EXPECT_NEAR(impact.relative.mean, expected["relative_effect"],
              0.002 + 0.15 * std::abs(deviation / impact.observed_average));
}

TEST(BayesianCounterfactual, OfTheVignetteIsThePublishedOne) {
  ExpectPublished({"vignette", "y", {"x1"}, 70}, {}, "gibbs");
}

TEST(BayesianCounterfactual, OfTheVignetteWithAWiderLevelIsThePublishedOne) {
  BayesianOptions options;
  options.level.guess = 0.1;
  ExpectPublished({"vignette", "y", {"x1"}, 70}, options, "gibbs_level_sd_0_1");
}

TEST(BayesianCounterfactual, OfThreeControlsIsThePublishedOne) {
  ExpectPublished({"comparison",
                   "CHANGED",
                   {"NOT_CHANGED_1", "NOT_CHANGED_2", "NOT_CHANGED_3"},
                   90},
                  {}, "gibbs");
}

constexpr double kEffect = 12;

CounterfactualInput MadePair() {
  const Eigen::MatrixXd walk = Walks(80, 1, 11);
  Eigen::VectorXd outcome = 2 * walk.col(0) + 0.5 * Noise(80, 1, 12).col(0);
  outcome.tail(20).array() += kEffect;
  Eigen::MatrixXd controls(80, 2);
  controls << walk, Noise(80, 1, 13);
  return {.outcome = outcome,
          .controls = controls,
          .control_names = {"walk", "noise"},
          .before = 60};
}

BayesianOptions Quick() {
  BayesianOptions options;
  options.draws = 1500;
  options.burn_in = 500;
  return options;
}

DrawnImpact QuickImpact(const CounterfactualInput& input,
                        const BayesianOptions& options) {
  const auto draws = DrawCounterfactual(input, options);
  EXPECT_TRUE(draws.ok()) << draws.status();
  return ImpactOf(*draws, input, 0.95);
}

TEST(BayesianCounterfactual, FindsAnEffectThatWasPutIn) {
  const DrawnImpact impact = QuickImpact(MadePair(), Quick());
  EXPECT_LT(impact.average.low, kEffect);
  EXPECT_GT(impact.average.high, kEffect);
  EXPECT_GT(impact.average.low, 0);
}

TEST(BayesianCounterfactual, HasATailProbabilityWithAFloor) {
  const DrawnImpact impact = QuickImpact(MadePair(), Quick());
  EXPECT_DOUBLE_EQ(impact.tail_floor, 1.0 / 1501);
  EXPECT_DOUBLE_EQ(impact.tail_probability, impact.tail_floor);
}

TEST(BayesianCounterfactual, IsTheSameForTheSameSeed) {
  const auto first = DrawCounterfactual(MadePair(), Quick());
  const auto second = DrawCounterfactual(MadePair(), Quick());
  EXPECT_EQ(first->counterfactual, second->counterfactual);
}

TEST(BayesianCounterfactual, TakesNothingFromAfterTheEvent) {
  CounterfactualInput input = MadePair();
  const auto first = DrawCounterfactual(input, Quick());
  input.outcome.tail(20).array() *= 1000;
  const auto second = DrawCounterfactual(input, Quick());
  EXPECT_EQ(first->counterfactual, second->counterfactual);
}

TEST(BayesianCounterfactual, LeavesAnIdleControlOutBySpikeAndSlab) {
  BayesianOptions options = Quick();
  options.regression.expected_size = 1;
  const auto draws = DrawCounterfactual(MadePair(), options);
  EXPECT_GT(draws->inclusion[0], 0.99);
  EXPECT_LT(draws->inclusion[1], 0.2);
}

TEST(BayesianCounterfactual, GoesOverMissingValues) {
  CounterfactualInput input = MadePair();
  for (const int t : {0, 10, 11, 70}) input.outcome[t] = std::nan("");
  const DrawnImpact impact = QuickImpact(input, Quick());
  EXPECT_EQ(impact.compared, 19);
  EXPECT_LT(impact.average.low, kEffect);
  EXPECT_GT(impact.average.high, kEffect);
}

TEST(BayesianCounterfactual, FollowsASeason) {
  CounterfactualInput input = MadePair();
  for (int t = 0; t < 80; ++t) input.outcome[t] += 10 * (t % 4 == 0 ? 1 : 0);
  BayesianOptions options = Quick();
  options.form.season = 4;
  const DrawnImpact impact = QuickImpact(input, options);
  EXPECT_NEAR(impact.average.mean, kEffect, 4);
  EXPECT_LT(impact.average.deviation, 2.5);
}

TEST(BayesianCounterfactual, RefusesAPriorThatIsNone) {
  BayesianOptions options;
  options.level.guess = 0;
  EXPECT_THAT(
      std::string(DrawCounterfactual(MadePair(), options).status().message()),
      HasSubstr("the prior of the level's standard deviation"));
}

TEST(DrawSummary, HasTheQuantilesOfR) {
  const DrawSummary summary =
      Summarise(Eigen::VectorXd::LinSpaced(11, 0, 10), 0.9);
  EXPECT_DOUBLE_EQ(summary.low, 0.5);
  EXPECT_DOUBLE_EQ(summary.high, 9.5);
}

TEST(EffectiveDraws, AreFewerForDrawsThatFollowOneAnother) {
  EXPECT_GT(EffectiveDraws(Noise(2000, 1, 4).col(0)), 1500);
  EXPECT_LT(EffectiveDraws(Walks(2000, 1, 4).col(0)), 50);
}

}  // namespace
}  // namespace headway::evidence
