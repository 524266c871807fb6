#include "daemon/forecast/ets/lanes.h"

#include <cmath>
#include <limits>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gtest/gtest.h"
#include "hwy/highway.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

constexpr int kLaneSeason = 4;

std::vector<double> SeasonalValues() {
  NormalGenerator normal(3);
  const double season[] = {0.9, 1.05, 1.2, 0.85};
  std::vector<double> values(31);
  double level = 100;
  for (size_t t = 0; t < values.size(); ++t) {
    level += 1 + 2 * normal.Next();
    values[t] = level * season[t % kLaneSeason] + normal.Next();
  }
  values[7] = std::numeric_limits<double>::quiet_NaN();
  values[20] = std::numeric_limits<double>::quiet_NaN();
  return values;
}

// Of each lane another set; the first and the last have no trend.
EtsForm FormOf(EtsComponent error, EtsComponent season, int lane) {
  EtsForm form;
  form.error = error;
  form.season = season;
  const bool has_trend = lane % (EtsLanes::kLanes - 1) != 0;
  form.trend = has_trend ? kAdditive : kNone;
  form.damped = has_trend && lane % 2 == 0;
  return form;
}

EtsSmoothing SmoothingOf(const EtsForm& form, int lane) {
  EtsSmoothing smoothing;
  smoothing.alpha = 0.1 + 0.05 * lane;
  if (form.has_trend()) smoothing.beta = 0.02 * lane;
  if (form.has_season()) smoothing.gamma = 0.3 - 0.03 * lane;
  if (form.damped) smoothing.phi = 0.98 - 0.02 * lane;
  return smoothing;
}

EtsState StateOf(const EtsForm& form, int lane) {
  EtsState state;
  state.level = 95 + lane;
  if (form.has_trend()) state.growth = 1.5 - 0.1 * lane;
  if (form.season == kAdditive) state.seasonal = {-12, 5, 10.0 + lane, -3};
  if (form.season == kMultiplicative) state.seasonal = {0.9, 1.1, 1.2, 0.8};
  return state;
}

class EtsLanesTest : public ::testing::TestWithParam<EtsForm> {
 protected:
  // All lanes set and evaluated.
  EtsLanes Evaluated(const std::vector<double>& values) {
    EtsLanes lanes(values, GetParam(), kLaneSeason);
    for (int lane = 0; lane < EtsLanes::kLanes; ++lane) {
      const EtsForm form = FormOf(GetParam().error, GetParam().season, lane);
      lanes.Set(lane, SmoothingOf(form, lane), StateOf(form, lane));
    }
    lanes.Evaluate(EtsLanes::kLanes);
    return lanes;
  }
};

void ExpectClose(double ours, double reference) {
  EXPECT_NEAR(ours, reference, 1e-9 * (1 + std::abs(reference)));
}

TEST_P(EtsLanesTest, AgreeWithTheRecursionOfOneSetOfParameters) {
  const std::vector<double> values = SeasonalValues();
  const EtsLanes lanes = Evaluated(values);
  for (int lane = 0; lane < EtsLanes::kLanes; ++lane) {
    const EtsForm form = FormOf(GetParam().error, GetParam().season, lane);
    SCOPED_TRACE(testing::Message() << EtsName(form) << " in lane " << lane);
    EtsLikelihood likelihood(values, form, kLaneSeason);
    EtsLikelihood::Gradient reference;
    ExpectClose(lanes.value(lane),
                likelihood.EvaluateWithGradient(
                    SmoothingOf(form, lane), StateOf(form, lane), reference));
    EtsLikelihood::Gradient ours;
    lanes.GetGradient(lane, ours);
    ExpectClose(ours.smoothing.alpha, reference.smoothing.alpha);
    ExpectClose(ours.initial.level, reference.initial.level);
    if (form.has_trend()) {
      ExpectClose(ours.smoothing.beta, reference.smoothing.beta);
      ExpectClose(ours.smoothing.phi, reference.smoothing.phi);
      ExpectClose(ours.initial.growth, reference.initial.growth);
    }
    ASSERT_EQ(ours.initial.seasonal.size(), reference.initial.seasonal.size());
    if (form.has_season()) {
      ExpectClose(ours.smoothing.gamma, reference.smoothing.gamma);
    }
    for (size_t s = 0; s < ours.initial.seasonal.size(); ++s) {
      ExpectClose(ours.initial.seasonal[s], reference.initial.seasonal[s]);
    }
  }
}

TEST_P(EtsLanesTest, GiveTheSameBitsWithEveryInstructionSet) {
  const std::vector<double> values = SeasonalValues();
  std::vector<EtsLanes> results;
  for (int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    results.push_back(Evaluated(values));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  ASSERT_FALSE(results.empty());
  EtsLikelihood::Gradient first;
  EtsLikelihood::Gradient other;
  for (const EtsLanes& lanes : results) {
    for (int lane = 0; lane < EtsLanes::kLanes; ++lane) {
      EXPECT_EQ(lanes.value(lane), results[0].value(lane));
      lanes.GetGradient(lane, other);
      results[0].GetGradient(lane, first);
      EXPECT_EQ(other.smoothing.alpha, first.smoothing.alpha);
      EXPECT_EQ(other.smoothing.phi, first.smoothing.phi);
      EXPECT_EQ(other.initial.level, first.initial.level);
      EXPECT_EQ(other.initial.seasonal, first.initial.seasonal);
    }
  }
}

TEST_P(EtsLanesTest, DoNotDependOnTheLaneOrOnTheOthers) {
  const std::vector<double> values = SeasonalValues();
  const EtsLanes all = Evaluated(values);
  constexpr int kLane = 5;
  const EtsForm form = FormOf(GetParam().error, GetParam().season, kLane);
  EtsLanes alone(values, GetParam(), kLaneSeason);
  alone.Set(0, SmoothingOf(form, kLane), StateOf(form, kLane));
  alone.Evaluate(1);
  EXPECT_EQ(alone.value(0), all.value(kLane));
}

TEST(EtsLanesRangeTest, LikelihoodThatLeavesTheRealsIsInfinite) {
  const std::vector<double> values = {1, 2, 3, 4, 5};
  const EtsForm form = {kMultiplicative, kNone, false, kNone};
  EtsLanes lanes(values, form, 1);
  EtsState state;
  state.level = 0;
  lanes.Set(0, EtsSmoothing{}, state);
  lanes.Evaluate(1);
  EXPECT_EQ(lanes.value(0), std::numeric_limits<double>::infinity());
}

INSTANTIATE_TEST_SUITE_P(
    Forms, EtsLanesTest,
    ::testing::Values(EtsForm{kAdditive, kNone, false, kNone},
                      EtsForm{kAdditive, kNone, false, kAdditive},
                      EtsForm{kAdditive, kNone, false, kMultiplicative},
                      EtsForm{kMultiplicative, kNone, false, kNone},
                      EtsForm{kMultiplicative, kNone, false, kAdditive},
                      EtsForm{kMultiplicative, kNone, false, kMultiplicative}));

}  // namespace
}  // namespace headway::forecast
