#include "daemon/pipeline/judging/results.h"

#include "daemon/evidence/claims/verdict.h"

namespace headway::pipeline {
namespace {

evidence::Side SideOf(const config::v1::ClaimTest& test) {
  return test.side() == config::v1::BELOW ? evidence::Side::kBelow
                                          : evidence::Side::kAbove;
}

v1::TestResult::Outcome ToProto(evidence::Outcome outcome) {
  switch (outcome) {
    case evidence::Outcome::kSupports:
      return v1::TestResult::SUPPORTS;
    case evidence::Outcome::kContradicts:
      return v1::TestResult::CONTRADICTS;
    case evidence::Outcome::kNoEffect:
      return v1::TestResult::NO_EFFECT;
    case evidence::Outcome::kUnclear:
      return v1::TestResult::UNCLEAR;
    case evidence::Outcome::kNoData:
      return v1::TestResult::NO_DATA;
    case evidence::Outcome::kGateFailed:
      return v1::TestResult::GATE_FAILED;
  }
  return v1::TestResult::OUTCOME_UNSPECIFIED;
}

}  // namespace

void FillEstimate(const evidence::Estimate& estimate,
                  const config::v1::ClaimTest& definition,
                  v1::TestResult* result) {
  const evidence::Side side = SideOf(definition);
  result->set_estimate(estimate.interval.estimate);
  result->set_low(estimate.interval.low);
  result->set_high(estimate.interval.high);
  result->set_observations(estimate.observations);
  result->set_method(estimate.method);
  result->set_probability(
      evidence::ProbabilityOf(estimate, side, definition.threshold()));
  result->set_smallest_detectable(evidence::SmallestDetectable(estimate));
  result->set_outcome(ToProto(evidence::OutcomeOf(
      estimate.interval, side, definition.threshold(), definition.band())));
}

}  // namespace headway::pipeline
