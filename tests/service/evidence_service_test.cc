// EvidenceService over a real channel: acts, claims, and verdicts that follow
// the data.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "daemon/forecast/math/normal.h"
#include "tests/support/files.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Evidence = v1::EvidenceService::Stub;

constexpr char kEvents[] = R"(event {
  id: "tolls" title: "Tolls" country: "HRB" announced: "2023-01-01"
  affected: "cargo_tonnes{port=\"C\"}"
  direction: TIGHTENS url: "https://harbour.example/tolls"
}
event {
  id: "dredging" title: "Dredging" country: "HRB" announced: "2021-05-01"
  direction: OTHER url: "https://harbour.example/dredging"
}
)";
constexpr char kClaims[] = R"(claim {
  id: "tolls-cost-cargo" text: "Tolls cost the harbour cargo."
  holder: CRITICS rule_version: 1 rule_committed: "2025-06-01"
  test {
    id: "cargo-turns" statement: "Cargo grows less since the tolls."
    values: "cargo" labels { key: "port" value: "A" }
    side: BELOW band: 3 trend { event: "tolls" }
  }
  caveat: "Ships may be late."
}
claim {
  id: "harbour-is-busy" text: "The harbour is busy."
  holder: DEFENDERS rule_version: 2 rule_committed: "2025-06-01"
  test {
    id: "much-cargo" statement: "More than 50 tonnes a month."
    values: "cargo" labels { key: "port" value: "A" }
    side: ABOVE threshold: 50 level { periods: 6 }
  }
}
claim {
  id: "tolls-move-cargo" text: "Tolls move cargo to port B."
  holder: CRITICS rule_version: 1 rule_committed: "2025-06-01"
  test {
    id: "a-against-b" statement: "A loses against B at the tolls."
    values: "cargo" labels { key: "port" value: "A" }
    side: BELOW band: 3
    difference { event: "tolls" controls: "cargo_tonnes{port=\"B\"}" }
  }
}
claim {
  id: "ships-fly" text: "Ships fly."
  holder: CRITICS rule_version: 1 rule_committed: "2025-06-01"
  test {
    id: "wings" statement: "There are wings." values: "wings"
    side: ABOVE level { }
  }
}
)";

class EvidenceServiceTest : public ServerTest {
 protected:
  EvidenceServiceTest() {
    WriteFile(directory_.Join("pipelines/events.textproto"), kEvents);
    WriteFile(directory_.Join("pipelines/claims.textproto"), kClaims);
    EXPECT_TRUE(manager_->Reload().ok());
  }

  // Values of port A from 2020-01 to 2025-04 that grow by `before` tonnes a
  // year up to 2022 and by `after` from then on, known a month later.
  void WriteCargo(double before, double after, double noise = 1,
                  uint64_t seed = 1) {
    forecast::NormalGenerator normal(seed);
    std::vector<std::pair<std::string, double>> values;
    for (int month = 0; month < 64; ++month) {
      const double years = month / 12.0;
      const double level = 100 + before * std::min(years, 3.0) +
                           after * std::max(years - 3, 0.0);
      values.emplace_back(
          absl::StrFormat("%d-%02d", 2020 + month / 12, month % 12 + 1),
          level + noise * normal.Next());
    }
    Write("cargo_tonnes", "A", values);
  }

  // Both ports move together; A steps by `step` in 2023, and drifts against B
  // by `drift` a year.
  void WriteTwoPorts(double step, double drift) {
    forecast::NormalGenerator normal(5);
    std::vector<std::pair<std::string, double>> a, b;
    double common = 200;
    for (int month = 0; month < 64; ++month) {
      common += 3 * normal.Next();
      const std::string period =
          absl::StrFormat("%d-%02d", 2020 + month / 12, month % 12 + 1);
      b.emplace_back(period, common + normal.Next());
      a.emplace_back(period, common + (month >= 36 ? step : 0) +
                                 drift * month / 12 + normal.Next());
    }
    Write("cargo_tonnes", "A", a);
    Write("cargo_tonnes", "B", b);
  }

  v1::Claim Get(const std::string& name, const std::string& as_of = "") {
    v1::GetClaimRequest request;
    request.set_name(name);
    if (!as_of.empty()) *request.mutable_as_of() = Midnight(as_of);
    v1::Claim claim;
    const grpc::Status status =
        Ask(*evidence_, &Evidence::GetClaim, request, &claim);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return claim;
  }
};

TEST_F(EvidenceServiceTest, ListsActsFromTheOldestOn) {
  v1::ListEventsResponse response;
  ASSERT_TRUE(
      Ask(*evidence_, &Evidence::ListEvents, v1::ListEventsRequest(), &response)
          .ok());
  ASSERT_EQ(response.events_size(), 2);
  EXPECT_EQ(response.events(0).name(), "events/dredging");
  EXPECT_EQ(response.events(1).announced(), "2023-01-01");
  EXPECT_EQ(response.events(1).direction(), v1::Event::TIGHTENS);
}

TEST_F(EvidenceServiceTest, AVerdictFollowsTheData) {
  WriteCargo(12, -12);
  const v1::Claim claim = Get("claims/tolls-cost-cargo");
  EXPECT_EQ(claim.verdict().kind(), v1::Verdict::SUPPORTED)
      << claim.verdict().DebugString();
  EXPECT_GT(claim.verdict().probability(), 0.99);
  EXPECT_THAT(claim.caveats(), ElementsAre("Ships may be late."));
}

TEST_F(EvidenceServiceTest, TheOppositeDataTurnTheVerdict) {
  WriteCargo(-12, 12);
  const v1::Claim claim = Get("claims/tolls-cost-cargo");
  EXPECT_EQ(claim.verdict().kind(), v1::Verdict::CONTRADICTED)
      << claim.verdict().DebugString();
  EXPECT_LT(claim.verdict().probability(), 0.01);
}

TEST_F(EvidenceServiceTest, NoiseAloneIsNoVerdict) {
  WriteCargo(0, 0, /*noise=*/20);
  const v1::Claim claim = Get("claims/tolls-cost-cargo");
  EXPECT_EQ(claim.verdict().kind(), v1::Verdict::INSUFFICIENT_DATA)
      << claim.verdict().DebugString();
  EXPECT_THAT(claim.verdict().sentence(), HasSubstr("would have seen"));
}

TEST_F(EvidenceServiceTest, ASmallEffectIsNoMaterialOne) {
  WriteCargo(1, 0, /*noise=*/0.5);
  EXPECT_EQ(Get("claims/tolls-cost-cargo").verdict().kind(),
            v1::Verdict::NO_MATERIAL_EFFECT);
}

TEST_F(EvidenceServiceTest, AStepAgainstAControlIsSeenThroughWhatMovesBoth) {
  WriteTwoPorts(-20, 0);
  const v1::Verdict verdict = Get("claims/tolls-move-cargo").verdict();
  EXPECT_EQ(verdict.kind(), v1::Verdict::SUPPORTED) << verdict.DebugString();
  EXPECT_LE(verdict.tests(0).low(), -20);
  EXPECT_GE(verdict.tests(0).high(), -20);
}

TEST_F(EvidenceServiceTest, ADriftBeforeTheEventSuspendsTheComparison) {
  WriteTwoPorts(0, -12);
  const v1::Verdict verdict = Get("claims/tolls-move-cargo").verdict();
  EXPECT_EQ(verdict.kind(), v1::Verdict::SUSPENDED) << verdict.DebugString();
  EXPECT_THAT(verdict.tests(0).reason(), HasSubstr("drifted apart"));
}

TEST_F(EvidenceServiceTest, AControlThatTheEventAffectsIsRefused) {
  WriteTwoPorts(-20, 0);
  Write("cargo_tonnes", "C", {{"2024-01", 1}});
  WriteFile(
      directory_.Join("pipelines/claims.textproto"),
      absl::StrReplaceAll(kClaims, {{"port=\\\"B\\\"", "port!=\\\"A\\\""}}));
  ASSERT_TRUE(manager_->Reload().ok());
  const v1::TestResult test = Get("claims/tolls-move-cargo").verdict().tests(0);
  EXPECT_EQ(test.outcome(), v1::TestResult::NO_DATA);
  EXPECT_THAT(test.reason(), HasSubstr("which the event tolls affects"));
}

TEST_F(EvidenceServiceTest, NoSentenceContradictsTheNumbers) {
  WriteCargo(12, -12);
  const v1::Verdict verdict = Get("claims/tolls-cost-cargo").verdict();
  const v1::TestResult& test = verdict.tests(0);
  EXPECT_LE(test.low(), test.estimate());
  EXPECT_LE(test.estimate(), test.high());
  EXPECT_LT(test.high(), test.threshold() - test.band());
  EXPECT_EQ(test.outcome(), v1::TestResult::SUPPORTS);
  EXPECT_EQ(test.unit(), "tonne/year");
  EXPECT_THAT(verdict.sentence(), HasSubstr("1 of 1 test"));
}

TEST_F(EvidenceServiceTest, WhatIsMissingIsNamed) {
  const v1::Claim claim = Get("claims/ships-fly");
  EXPECT_EQ(claim.verdict().kind(), v1::Verdict::INSUFFICIENT_DATA);
  EXPECT_FALSE(claim.verdict().has_probability());
  EXPECT_EQ(claim.verdict().tests(0).outcome(), v1::TestResult::NO_DATA);
  EXPECT_THAT(claim.verdict().tests(0).reason(), HasSubstr("wings"));
}

TEST_F(EvidenceServiceTest, TheSameInstantGivesTheSameBits) {
  Write("cargo_tonnes", "A",
        {{"2024-01", 60},
         {"2024-02", 61},
         {"2024-03", 60},
         {"2024-04", 62},
         {"2024-05", 61},
         {"2024-06", 60}},
        "2024-08-01");
  const std::string before =
      Get("claims/harbour-is-busy", "2024-09-01").SerializeAsString();
  Write("cargo_tonnes", "A",
        {{"2024-07", 10},
         {"2024-08", 11},
         {"2024-09", 10},
         {"2024-10", 12},
         {"2024-11", 11},
         {"2024-12", 10}},
        "2025-02-01");
  EXPECT_EQ(Get("claims/harbour-is-busy", "2024-09-01").SerializeAsString(),
            before);
  EXPECT_EQ(Get("claims/harbour-is-busy", "2024-09-01").verdict().kind(),
            v1::Verdict::SUPPORTED);
  EXPECT_EQ(Get("claims/harbour-is-busy").verdict().kind(),
            v1::Verdict::CONTRADICTED);
}

TEST_F(EvidenceServiceTest, ListsEveryClaimOverPages) {
  std::vector<std::string> names;
  v1::ListClaimsRequest request;
  request.set_page_size(2);
  do {
    v1::ListClaimsResponse response;
    const grpc::Status status =
        Ask(*evidence_, &Evidence::ListClaims, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    for (const v1::Claim& claim : response.claims()) {
      names.push_back(claim.name());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names,
              ElementsAre("claims/tolls-cost-cargo", "claims/harbour-is-busy",
                          "claims/tolls-move-cargo", "claims/ships-fly"));
}

TEST_F(EvidenceServiceTest, SuggestsTheNearestClaim) {
  v1::GetClaimRequest request;
  request.set_name("claims/ship-fly");
  v1::Claim claim;
  const grpc::Status status =
      Ask(*evidence_, &Evidence::GetClaim, request, &claim);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"ships-fly\"?"));
}

}  // namespace
}  // namespace headway::service
