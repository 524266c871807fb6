#include "daemon/evidence/synthetic/control.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/evidence/synthetic/panels.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using testing::HasSubstr;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

ControlFit Fit(const ControlData& data, const ControlOptions& options) {
  EXPECT_THAT(CheckControlData(data), IsOk());
  const auto fit = FitControl(
      data, 0, DonorsTo(static_cast<int>(data.units.size()) - 1), options);
  EXPECT_THAT(fit, IsOk());
  return fit.value_or(ControlFit());
}

TEST(SyntheticControlTest, OutcomesFindTheDonorsThatMadeTheUnit) {
  const ControlFit fit =
      Fit(MadePanel(8, 5, 1), {.v_method = VMethod::kOutcomes});
  EXPECT_NEAR(fit.weights[0], 0.6, 0.05);
  EXPECT_NEAR(fit.weights[1], 0.4, 0.05);
  EXPECT_NEAR(fit.effect, 5, 0.2);
}

TEST(SyntheticControlTest, GapsAreWhatWasObservedLessTheSyntheticUnit) {
  const ControlData data = MadePanel(6, 2, 2);
  const ControlFit fit = Fit(data, {.v_method = VMethod::kOutcomes});
  EXPECT_TRUE((fit.synthetic + fit.gaps)
                  .isApprox(data.outcomes.row(0).transpose(), 1e-12));
  EXPECT_NEAR(fit.ratio, fit.post_mspe / fit.pre_mspe, 1e-12);
}

TEST(SyntheticControlTest, NestedVFitsNoWorseThanItsStarts) {
  const ControlFit fit = Fit(MadePanel(8, 0, 3), {});
  ASSERT_FALSE(fit.starts.empty());
  for (const SearchStart& start : fit.starts) {
    EXPECT_LE(fit.fit_mspe, start.initial * (1 + 1e-9)) << start.name;
    EXPECT_LE(fit.fit_mspe, start.reached * (1 + 1e-9)) << start.name;
  }
}

TEST(SyntheticControlTest, NestedVGivesTheSameWeightsWhenItIsFixed) {
  const ControlData data = MadePanel(8, 0, 4);
  const ControlFit nested = Fit(data, {});
  const ControlFit fixed =
      Fit(data, {.v_method = VMethod::kFixed, .v = nested.v});
  EXPECT_TRUE(fixed.weights.isApprox(nested.weights, 1e-9));
}

TEST(SyntheticControlTest, OnlyRatiosOfVMatter) {
  const ControlData data = MadePanel(8, 0, 5);
  const ControlFit one = Fit(data, {.v_method = VMethod::kFixed, .v = {1, 3}});
  const ControlFit ten =
      Fit(data, {.v_method = VMethod::kFixed, .v = {10, 30}});
  EXPECT_TRUE(one.weights.isApprox(ten.weights, 1e-12));
}

TEST(SyntheticControlTest, UnitsOfAPredictorDoNotMatter) {
  ControlData data = MadePanel(8, 0, 6);
  const ControlFit dollars = Fit(data, {.v_method = VMethod::kEqual});
  data.predictors[0].values *= 1e6;
  const ControlFit millions = Fit(data, {.v_method = VMethod::kEqual});
  EXPECT_TRUE(dollars.weights.isApprox(millions.weights, 1e-7));
}

TEST(SyntheticControlTest, FitPeriodsAloneDecide) {
  ControlData data = MadePanel(8, 0, 7);
  data.fit_begin = 7;
  const ControlFit fit = Fit(data, {.v_method = VMethod::kOutcomes});
  // Whatever came earlier.
  data.outcomes.leftCols(7).array() *= 3;
  const ControlFit other = Fit(data, {.v_method = VMethod::kOutcomes});
  EXPECT_TRUE(fit.weights.isApprox(other.weights, 1e-12));
}

TEST(SyntheticControlTest, OneDonorIsTheSyntheticUnit) {
  const auto fit =
      FitControl(MadePanel(3, 0, 8), 0, {2}, {.v_method = VMethod::kOutcomes});
  ASSERT_THAT(fit, IsOk());
  EXPECT_EQ(fit->weights[0], 1);
}

TEST(SyntheticControlTest, MeanOfAPredictorIsOverWhatIsThere) {
  ControlData data = MadePanel(6, 0, 9);
  data.predictors[0].values(3, 2) = kMissing;
  EXPECT_THAT(CheckControlData(data), IsOk());
}

TEST(SyntheticControlTest, RefusesAMissingOutcomeByUnitAndPeriod) {
  ControlData data = MadePanel(6, 0, 10);
  data.outcomes(4, 3) = kMissing;
  EXPECT_THAT(CheckControlData(data),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"unit 4\" has no outcome in 2003")));
}

TEST(SyntheticControlTest, RefusesAPredictorThatKnowsTheEffect) {
  ControlData data = MadePanel(6, 0, 11);
  data.predictors[1].periods = {13, 14};
  EXPECT_THAT(CheckControlData(data),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("predictor end: 2014 is not before")));
}

TEST(SyntheticControlTest, RefusesAPredictorWithoutAValueForAUnit) {
  ControlData data = MadePanel(6, 0, 12);
  data.predictors[1].values(2, 13) = kMissing;
  EXPECT_THAT(CheckControlData(data),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("predictor end: \"unit 2\" has no value")));
}

TEST(SyntheticControlTest, RefusesAPredictorThatIsTheSameForAll) {
  ControlData data = MadePanel(6, 0, 13);
  data.predictors[0].values.setConstant(4);
  EXPECT_THAT(FitControl(data, 0, DonorsTo(5), {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("predictor level: it is the same for all")));
}

TEST(SyntheticControlTest, RefusesAVOfAnotherLength) {
  EXPECT_THAT(FitControl(MadePanel(6, 0, 14), 0, DonorsTo(5),
                         {.v_method = VMethod::kFixed, .v = {1}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("V has 1 weights, there are 2 predictors")));
}

TEST(SyntheticControlTest, RefusesOnePeriodBefore) {
  ControlData data = MadePanel(6, 0, 15);
  data.before = data.fit_end = 1;
  EXPECT_THAT(CheckControlData(data),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("at least two are needed")));
}

TEST(SyntheticControlTest, RefusesNoDonor) {
  EXPECT_THAT(FitControl(MadePanel(6, 0, 16), 0, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no donor is left for \"unit 0\"")));
}

}  // namespace
}  // namespace headway::evidence
