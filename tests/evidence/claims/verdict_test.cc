// How test results become a verdict.
#include "daemon/evidence/claims/verdict.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::evidence {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

constexpr Interval kFarAbove = {10, 8, 12};
constexpr Interval kFarBelow = {-10, -12, -8};
constexpr Interval kAcross = {1, -8, 10};
constexpr Interval kNear = {0.1, -0.5, 0.7};

Vote Supports(double weight = 1) { return {weight, Outcome::kSupports, 0.99}; }
Vote Contradicts(double weight = 1) {
  return {weight, Outcome::kContradicts, 0.01};
}
Vote NoEffect() { return {1, Outcome::kNoEffect, 0.5}; }
Vote Unclear() { return {1, Outcome::kUnclear, 0.6}; }
Vote NoData(double weight = 1) {
  return {weight, Outcome::kNoData, std::nullopt};
}
Vote GateFailed() { return {1, Outcome::kGateFailed, std::nullopt}; }

VerdictKind KindOf(const std::vector<Vote>& votes) {
  return Judge(votes, 0.5).kind;
}

TEST(OutcomeOfTest, AnIntervalBeyondTheBandOnTheClaimsSideSupports) {
  EXPECT_EQ(OutcomeOf(kFarAbove, Side::kAbove, 0, 5), Outcome::kSupports);
  EXPECT_EQ(OutcomeOf(kFarBelow, Side::kBelow, 0, 5), Outcome::kSupports);
}

TEST(OutcomeOfTest, AnIntervalBeyondTheBandOnTheOtherSideContradicts) {
  EXPECT_EQ(OutcomeOf(kFarBelow, Side::kAbove, 0, 5), Outcome::kContradicts);
  EXPECT_EQ(OutcomeOf(kFarAbove, Side::kBelow, 0, 5), Outcome::kContradicts);
}

TEST(OutcomeOfTest, AnIntervalWithinTheBandIsNoEffect) {
  EXPECT_EQ(OutcomeOf(kNear, Side::kAbove, 0, 1), Outcome::kNoEffect);
}

TEST(OutcomeOfTest, AnIntervalOverTheEdgeIsUnclear) {
  EXPECT_EQ(OutcomeOf(kAcross, Side::kAbove, 0, 5), Outcome::kUnclear);
  EXPECT_EQ(OutcomeOf({6, 4, 8}, Side::kAbove, 0, 5), Outcome::kUnclear);
}

TEST(OutcomeOfTest, WithoutABandNothingIsNoEffect) {
  EXPECT_EQ(OutcomeOf(kNear, Side::kAbove, 0, 0), Outcome::kUnclear);
}

TEST(JudgeTest, ThreeFifthsOfTheWeightDecide) {
  EXPECT_EQ(
      KindOf({Supports(), Supports(), Supports(), NoEffect(), NoEffect()}),
      VerdictKind::kSupported);
  EXPECT_EQ(KindOf({Contradicts(3), NoEffect(), NoEffect()}),
            VerdictKind::kContradicted);
  EXPECT_EQ(KindOf({NoEffect(), NoEffect(), Unclear()}),
            VerdictKind::kNoMaterialEffect);
}

TEST(JudgeTest, AFifthOnEachSideIsMixed) {
  EXPECT_EQ(KindOf({Supports(4), Contradicts(1)}), VerdictKind::kMixed);
}

TEST(JudgeTest, NoMajorityIsMixed) {
  EXPECT_EQ(KindOf({Supports(), NoEffect()}), VerdictKind::kMixed);
}

TEST(JudgeTest, LessThanAFifthAgainstDoesNotMix) {
  EXPECT_EQ(KindOf({Supports(9), Contradicts(1)}), VerdictKind::kSupported);
}

TEST(JudgeTest, TooLittleWeightWithAResultIsInsufficient) {
  EXPECT_EQ(KindOf({Supports(), NoData(), NoData()}),
            VerdictKind::kInsufficientData);
  EXPECT_EQ(KindOf({Supports(), NoData()}), VerdictKind::kSupported);
}

TEST(JudgeTest, WhatIsUnclearTellsNothing) {
  EXPECT_EQ(KindOf({Supports(), Unclear()}), VerdictKind::kSupported);
  EXPECT_EQ(KindOf({Supports(), Unclear(), Unclear()}),
            VerdictKind::kInsufficientData);
  EXPECT_EQ(KindOf({Unclear(), Unclear()}), VerdictKind::kInsufficientData);
}

TEST(JudgeTest, AFailedConditionSuspendsWhereItDecides) {
  EXPECT_EQ(KindOf({Supports(), GateFailed(), GateFailed()}),
            VerdictKind::kSuspended);
  EXPECT_EQ(KindOf({NoData(), NoData(), GateFailed()}),
            VerdictKind::kInsufficientData);
}

TEST(JudgeTest, NoVotesAreInsufficient) {
  const Verdict verdict = Judge({}, 0.5);
  EXPECT_EQ(verdict.kind, VerdictKind::kInsufficientData);
  EXPECT_EQ(verdict.probability, std::nullopt);
}

TEST(JudgeTest, TheProbabilityIsTheVotesMeanByWeight) {
  const Verdict verdict = Judge({Supports(3), Contradicts(1), NoData()}, 0.5);
  EXPECT_THAT(verdict.probability, Optional(DoubleEq((3 * 0.99 + 0.01) / 4)));
}

TEST(JudgeTest, AgreementOfAllTestsIsCertain) {
  const Verdict verdict = Judge({Supports(), Supports()}, 0.5);
  EXPECT_EQ(verdict.certainty, Certainty::kHigh);
  EXPECT_THAT(verdict.reasons, IsEmpty());
}

TEST(JudgeTest, EachDoubtLowersTheCertaintyAndIsSaid) {
  const Verdict one = Judge({Supports()}, 0.5);
  EXPECT_EQ(one.certainty, Certainty::kMedium);
  EXPECT_THAT(one.reasons, ElementsAre("It rests on a single test."));
  const Verdict two = Judge({Supports(), NoData()}, 0.5);
  EXPECT_EQ(two.certainty, Certainty::kLow);
  EXPECT_THAT(two.reasons,
              ElementsAre("It rests on a single test.",
                          "50 % of the tests' weight tells nothing."));
}

TEST(JudgeTest, WhatIsNotDecidedIsNeverCertain) {
  EXPECT_EQ(Judge({Unclear(), Unclear()}, 0.5).certainty, Certainty::kLow);
}

}  // namespace
}  // namespace headway::evidence
