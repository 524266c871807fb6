#include "daemon/evidence/math/wild_bootstrap.h"

#include "gtest/gtest.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

struct Clusters {
  LinearFit fit;
  Grouping states;
};

// Six clusters of five rows; the regressor adds `effect`.
Clusters SixStates(double effect) {
  LinearInput input{.y = Noise(30, 1, 5).col(0), .x = Noise(30, 1, 6)};
  input.y += effect * input.x.col(0);
  input.names = {"x"};
  std::vector<std::string> labels;
  for (int i = 0; i < 30; ++i) labels.push_back(std::to_string(i / 5));
  return {FitLinear(input).value(), MakeGrouping("state", labels)};
}

TEST(WildBootstrapTest, FewClustersAreEnumerated) {
  const Clusters data = SixStates(0);
  const auto test = WildClusterTest(data.fit, 1, data.states, {});
  ASSERT_TRUE(test.ok());
  EXPECT_TRUE(test->enumerated);
  EXPECT_EQ(test->draws, 64);
}

TEST(WildBootstrapTest, ALargeEffectReachesTheLeastP) {
  const Clusters data = SixStates(20);
  const auto test = WildClusterTest(data.fit, 1, data.states, {});
  ASSERT_TRUE(test.ok());
  EXPECT_EQ(test->p, test->least_p);
}

TEST(WildBootstrapTest, WebbWeightsOfOneSeedGiveOneResult) {
  const Clusters data = SixStates(0.3);
  const WildOptions options{.weights = WildWeights::kWebb, .seed = 7};
  EXPECT_EQ(WildClusterTest(data.fit, 1, data.states, options)->p,
            WildClusterTest(data.fit, 1, data.states, options)->p);
}

}  // namespace
}  // namespace headway::evidence
