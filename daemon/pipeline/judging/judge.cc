#include "daemon/pipeline/judging/judge.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/verdict.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/judging/claim_tests.h"

namespace headway::pipeline {
namespace {

evidence::Outcome ToOutcome(v1::TestResult::Outcome outcome) {
  switch (outcome) {
    case v1::TestResult::SUPPORTS:
      return evidence::Outcome::kSupports;
    case v1::TestResult::CONTRADICTS:
      return evidence::Outcome::kContradicts;
    case v1::TestResult::NO_EFFECT:
      return evidence::Outcome::kNoEffect;
    case v1::TestResult::UNCLEAR:
      return evidence::Outcome::kUnclear;
    case v1::TestResult::GATE_FAILED:
      return evidence::Outcome::kGateFailed;
    default:
      return evidence::Outcome::kNoData;
  }
}

v1::Verdict::Kind ToProto(evidence::VerdictKind kind) {
  switch (kind) {
    case evidence::VerdictKind::kSupported:
      return v1::Verdict::SUPPORTED;
    case evidence::VerdictKind::kContradicted:
      return v1::Verdict::CONTRADICTED;
    case evidence::VerdictKind::kNoMaterialEffect:
      return v1::Verdict::NO_MATERIAL_EFFECT;
    case evidence::VerdictKind::kMixed:
      return v1::Verdict::MIXED;
    case evidence::VerdictKind::kInsufficientData:
      return v1::Verdict::INSUFFICIENT_DATA;
    case evidence::VerdictKind::kSuspended:
      return v1::Verdict::SUSPENDED;
  }
  return v1::Verdict::KIND_UNSPECIFIED;
}

v1::Verdict::Certainty ToProto(evidence::Certainty certainty) {
  switch (certainty) {
    case evidence::Certainty::kLow:
      return v1::Verdict::LOW;
    case evidence::Certainty::kMedium:
      return v1::Verdict::MEDIUM;
    case evidence::Certainty::kHigh:
      return v1::Verdict::HIGH;
  }
  return v1::Verdict::CERTAINTY_UNSPECIFIED;
}

v1::Claim::Holder ToProto(config::v1::Holder holder) {
  return holder == config::v1::CRITICS ? v1::Claim::CRITICS
                                       : v1::Claim::DEFENDERS;
}

v1::Event::Direction ToProto(config::v1::Direction direction) {
  switch (direction) {
    case config::v1::TIGHTENS:
      return v1::Event::TIGHTENS;
    case config::v1::LOOSENS:
      return v1::Event::LOOSENS;
    case config::v1::RETALIATES:
      return v1::Event::RETALIATES;
    default:
      return v1::Event::OTHER;
  }
}

std::string CountTests(const v1::Verdict& verdict,
                       v1::TestResult::Outcome outcome) {
  int count = 0;
  for (const v1::TestResult& test : verdict.tests()) {
    if (test.outcome() == outcome) ++count;
  }
  return absl::StrCat(count, " of ", verdict.tests_size(),
                      verdict.tests_size() == 1 ? " test" : " tests");
}

std::string WhatIsMissing(const v1::Verdict& verdict) {
  std::vector<std::string> missing;
  for (const v1::TestResult& test : verdict.tests()) {
    if (!test.reason().empty()) {
      missing.push_back(absl::StrCat(test.id(), ": ", test.reason()));
    } else if (test.outcome() == v1::TestResult::UNCLEAR &&
               test.has_smallest_detectable()) {
      missing.push_back(
          absl::StrFormat("%s would have seen %.3g %s from the threshold on",
                          test.id(), test.smallest_detectable(), test.unit()));
    }
  }
  return absl::StrJoin(missing, "; ");
}

// What the verdict's numbers say, and nothing that they do not.
std::string SentenceOf(const v1::Verdict& verdict) {
  switch (verdict.kind()) {
    case v1::Verdict::SUPPORTED:
      return absl::StrCat("The data support it: ",
                          CountTests(verdict, v1::TestResult::SUPPORTS),
                          " speak for it.");
    case v1::Verdict::CONTRADICTED:
      return absl::StrCat("The data contradict it: ",
                          CountTests(verdict, v1::TestResult::CONTRADICTS),
                          " speak against it.");
    case v1::Verdict::NO_MATERIAL_EFFECT:
      return absl::StrCat("What was measured is too small to matter: ",
                          CountTests(verdict, v1::TestResult::NO_EFFECT),
                          " say so.");
    case v1::Verdict::MIXED:
      return absl::StrCat(
          "The data point both ways: ",
          CountTests(verdict, v1::TestResult::SUPPORTS), " for it, ",
          CountTests(verdict, v1::TestResult::CONTRADICTS), " against it.");
    case v1::Verdict::SUSPENDED:
      return absl::StrCat("A condition of the tests does not hold: ",
                          WhatIsMissing(verdict), ".");
    default: {
      const std::string missing = WhatIsMissing(verdict);
      return absl::StrCat("The data do not tell", missing.empty() ? "" : ": ",
                          missing, ".");
    }
  }
}

void FillVerdict(const evidence::Verdict& judged, v1::Verdict* verdict) {
  verdict->set_kind(ToProto(judged.kind));
  if (judged.probability.has_value()) {
    verdict->set_probability(*judged.probability);
  }
  verdict->set_certainty(ToProto(judged.certainty));
  for (const std::string& reason : judged.reasons) {
    verdict->add_reasons(reason);
  }
  verdict->set_judged_weight(judged.judged_weight);
  verdict->set_sentence(SentenceOf(*verdict));
}

std::string FormatDay(absl::CivilDay day) { return absl::FormatCivilTime(day); }

}  // namespace

absl::StatusOr<v1::Claim> JudgeClaim(const Claim& claim,
                                     const JudgeInputs& inputs) {
  v1::Claim judged;
  judged.set_name(absl::StrCat("claims/", claim.definition.id()));
  judged.set_text(claim.definition.text());
  judged.set_holder(ToProto(claim.definition.holder()));
  judged.set_rule_version(claim.definition.rule_version());
  judged.set_rule_committed(claim.definition.rule_committed());
  *judged.mutable_caveats() = claim.definition.caveat();
  *judged.mutable_lacks() = claim.definition.lacks();
  v1::Verdict* verdict = judged.mutable_verdict();
  *verdict->mutable_as_of() = messages::ToTimestamp(inputs.instant);
  std::vector<evidence::Vote> votes;
  std::set<series::VintageKind> vintage_kinds;
  for (const ClaimTest& test : claim.tests) {
    ASSIGN_OR_RETURN(RanTest ran, RunClaimTest(test, inputs));
    evidence::Vote& vote = votes.emplace_back();
    vote.weight = ran.result.weight();
    vote.outcome = ToOutcome(ran.result.outcome());
    if (ran.result.has_probability()) {
      vote.probability = ran.result.probability();
    }
    vintage_kinds.insert(ran.vintage_kinds.begin(), ran.vintage_kinds.end());
    *verdict->add_tests() = std::move(ran.result);
  }
  for (const series::VintageKind kind : vintage_kinds) {
    verdict->add_vintage_kinds(messages::ToProto(kind));
  }
  FillVerdict(evidence::Judge(votes, claim.definition.required_weight()),
              verdict);
  return judged;
}

v1::Event ToProto(const Event& event) {
  v1::Event proto;
  const config::v1::PolicyEvent& definition = event.definition;
  proto.set_name(absl::StrCat("events/", definition.id()));
  proto.set_title(definition.title());
  proto.set_authority(definition.authority());
  *proto.mutable_countries() = definition.country();
  proto.set_announced(FormatDay(event.announced));
  if (event.effective.has_value()) {
    proto.set_effective(FormatDay(*event.effective));
  }
  proto.set_known(FormatDay(event.known));
  proto.set_direction(ToProto(definition.direction()));
  *proto.mutable_covers() = definition.covers();
  *proto.mutable_hs() = definition.hs();
  *proto.mutable_affected() = definition.affected();
  proto.set_url(definition.url());
  proto.set_document(definition.document());
  return proto;
}

}  // namespace headway::pipeline
