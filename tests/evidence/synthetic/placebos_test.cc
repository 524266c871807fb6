#include "daemon/evidence/synthetic/placebos.h"

#include <gmock/gmock.h>

#include "tests/evidence/synthetic/panels.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr ControlOptions kByOutcomes = {.v_method = VMethod::kOutcomes};

SpaceTest InSpace(const ControlData& data, const SpaceOptions& options) {
  const auto donors = DonorsTo(static_cast<int>(data.units.size()) - 1);
  const auto fit = FitControl(data, 0, donors, kByOutcomes);
  EXPECT_THAT(fit, IsOk());
  const auto test = TestInSpace(data, *fit,
                                FitPlacebos(data, {0}, donors, kByOutcomes,
                                            PlaceboPool::kWithTreated, {}),
                                options);
  EXPECT_THAT(test, IsOk());
  return test.value_or(SpaceTest());
}

TEST(PlacebosTest, ALargeEffectRanksFirst) {
  const SpaceTest test = InSpace(MadePanel(12, 30, 1), {});
  EXPECT_EQ(test.rank, 1);
  EXPECT_EQ(test.placebos[0].unit, 0);
}

TEST(PlacebosTest, LeastPIsOneOfTheUnits) {
  const SpaceTest test = InSpace(MadePanel(12, 30, 1), {});
  EXPECT_EQ(test.counted, 12);
  EXPECT_DOUBLE_EQ(test.p, 1.0 / 12);
  EXPECT_DOUBLE_EQ(test.least_p, 1.0 / 12);
}

TEST(PlacebosTest, WithoutAnEffectRanksAreEvenlySpread) {
  double sum = 0;
  constexpr int kPanels = 60;
  for (int seed = 0; seed < kPanels; ++seed) {
    ControlData data = MadePanel(10, 0, 100 + static_cast<uint64_t>(seed));
    // The treated unit is like the others, not made of them.
    data.outcomes.row(0).swap(data.outcomes.row(3 + seed % 6));
    sum += InSpace(data, {}).p;
  }
  EXPECT_NEAR(sum / kPanels, 0.55, 0.12);
}

TEST(PlacebosTest, PoorFitsCanBeDropped) {
  const SpaceTest all = InSpace(MadePanel(12, 30, 2), {});
  const SpaceTest some = InSpace(MadePanel(12, 30, 2), {.drop_poor_fit = 1e4});
  EXPECT_LT(some.counted, all.counted);
  EXPECT_DOUBLE_EQ(some.least_p, 1.0 / some.counted);
  EXPECT_EQ(some.placebos.back().rank, 0);
}

TEST(PlacebosTest, DroppingAllIsAnError) {
  const ControlData data = MadePanel(5, 3, 3);
  const auto fit = FitControl(data, 0, DonorsTo(4), kByOutcomes);
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(TestInSpace(data, *fit,
                          FitPlacebos(data, {0}, DonorsTo(4), kByOutcomes,
                                      PlaceboPool::kWithTreated, {}),
                          {.drop_poor_fit = 1e-9}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("none of 4 donors is left")));
}

TEST(PlacebosTest, ThePoolMayLeaveTheTreatedUnitOut) {
  const ControlData data = MadePanel(6, 0, 4);
  for (const auto& fit : FitPlacebos(data, {0}, DonorsTo(5), kByOutcomes,
                                     PlaceboPool::kWithoutTreated, {})) {
    ASSERT_THAT(fit, IsOk());
    EXPECT_THAT(fit->donors, testing::Not(testing::Contains(0)));
  }
}

TEST(PlacebosTest, ThreadsDoNotChangeTheAnswer) {
  const ControlData data = MadePanel(8, 2, 5);
  ThreadPool pool({.threads = 3});
  const auto one =
      FitPlacebos(data, {0}, DonorsTo(7), {}, PlaceboPool::kWithTreated, {});
  const auto four = FitPlacebos(data, {0}, DonorsTo(7), {},
                                PlaceboPool::kWithTreated, {&pool, 4});
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i]->ratio, four[i]->ratio);
  }
}

TEST(PlacebosTest, AnEarlierDateSeesNoLaterValue) {
  ControlData data = MadePanel(8, 0, 6);
  const auto earlier = FitEarlier(data, 0, DonorsTo(7), {}, 9);
  data.outcomes.rightCols(6).array() *= -5;
  for (Predictor& predictor : data.predictors) {
    predictor.values.rightCols(11).array() *= -5;
  }
  const auto other = FitEarlier(data, 0, DonorsTo(7), {}, 9);
  ASSERT_THAT(earlier, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(earlier->effect, other->effect);
  EXPECT_THAT(earlier->shortened, ElementsAre("end"));
}

TEST(PlacebosTest, AnEarlierDateMustLeavePeriodsBeforeIt) {
  EXPECT_THAT(FitEarlier(MadePanel(6, 0, 7), 0, DonorsTo(5), {}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("choose one of 2002 to 2013")));
}

TEST(PlacebosTest, LeavingADonorOutGivesItsWeightToOthers) {
  const ControlData data = MadePanel(8, 4, 8);
  const auto fit = FitControl(data, 0, DonorsTo(7), kByOutcomes);
  ASSERT_THAT(fit, IsOk());
  const auto without = LeaveOneOut(data, *fit, kByOutcomes, {});
  ASSERT_THAT(without, IsOk());
  ASSERT_GE(without->size(), 2u);
  for (const LeftOut& one : *without) {
    EXPECT_THAT(one.fit.donors, testing::Not(testing::Contains(one.donor)));
    EXPECT_GE(one.fit.fit_mspe, fit->fit_mspe);
  }
}

std::vector<ControlFit> FitsOf(const ControlData& data,
                               const std::vector<int>& treated,
                               const std::vector<int>& donors) {
  std::vector<ControlFit> fits;
  for (const int unit : treated) {
    fits.push_back(FitControl(data, unit, donors, kByOutcomes).value());
  }
  return fits;
}

TEST(PlacebosTest, SeveralTreatedUnitsAreComparedWithGroups) {
  const ControlData data = MadePanel(8, 0, 9);
  const std::vector<int> donors = {2, 3, 4, 5, 6, 7};
  const auto test = TestGroup(data, FitsOf(data, {0, 1}, donors),
                              FitPlacebos(data, {0, 1}, donors, kByOutcomes,
                                          PlaceboPool::kWithTreated, {}),
                              1000, 1);
  ASSERT_THAT(test, IsOk());
  EXPECT_TRUE(test->is_exhaustive);
  EXPECT_EQ(test->groups, 15);  // 6 choose 2
  EXPECT_DOUBLE_EQ(test->least_p, 1.0 / 16);
}

TEST(PlacebosTest, GroupsThatAreDrawnAreThoseOfTheSeed) {
  const ControlData data = MadePanel(12, 0, 10);
  const std::vector<int> donors = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const auto fits = FitsOf(data, {0, 1}, donors);
  const auto placebos = FitPlacebos(data, {0, 1}, donors, kByOutcomes,
                                    PlaceboPool::kWithTreated, {});
  const auto one = TestGroup(data, fits, placebos, 20, 7);
  const auto same = TestGroup(data, fits, placebos, 20, 7);
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->groups, 20);
  EXPECT_EQ(one->p, same->p);
}

}  // namespace
}  // namespace headway::evidence
