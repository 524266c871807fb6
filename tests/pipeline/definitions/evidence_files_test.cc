// Acts and claims as files say them.
#include "daemon/pipeline/definitions/evidence/evidence_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tests/support/files.h"
#include "tests/support/temp_directory.h"

namespace headway::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRules[] = R"(event {
  id: "rules" title: "Rules" country: "USA" announced: "2022-10-07"
  effective: "2022-10-21" direction: TIGHTENS document: "2022-21658"
  affected: "exports_usd{partner=\"CHN\"}"
}
)";
constexpr char kClaim[] = R"(claim {
  id: "cost" text: "Rules cost sales." holder: CRITICS
  rule_version: 1 rule_committed: "2026-12-01"
  test {
    id: "turns" statement: "Sales turn." values: "sales" side: BELOW
    trend { event: "rules" }
  }
}
)";

class EvidenceFilesTest : public ::testing::Test {
 protected:
  void WriteEvents(const std::string& text) {
    WriteFile(directory_.Join(kEventsFile), text);
  }
  void WriteClaims(const std::string& text) {
    WriteFile(directory_.Join(kClaimsFile), text);
  }
  EvidenceDefinitions Load() { return LoadEvidence(directory_.path()); }
  // "claims.textproto:1:3: what is wrong".
  std::vector<std::string> Errors() {
    std::vector<std::string> errors;
    for (const EvidenceError& error : Load().errors) {
      errors.push_back(absl::StrCat(
          absl::StrReplaceAll(error.file, {{directory_.Join(""), ""}}), ":",
          error.place.line, ":", error.place.column, ": ", error.message));
    }
    return errors;
  }
  // Of kClaim with `to` in the place of `from`.
  std::vector<std::string> ErrorsWith(const std::string& from,
                                      const std::string& to) {
    WriteEvents(kRules);
    WriteClaims(absl::StrReplaceAll(kClaim, {{from, to}}));
    return Errors();
  }

  TempDirectory directory_;
};

TEST_F(EvidenceFilesTest, NoFilesHoldNothing) {
  const EvidenceDefinitions loaded = Load();
  EXPECT_THAT(loaded.events, IsEmpty());
  EXPECT_THAT(loaded.claims, IsEmpty());
  EXPECT_THAT(loaded.errors, IsEmpty());
}

TEST_F(EvidenceFilesTest, AnActIsKnownWhenItIsAnnouncedUnlessItSaysOtherwise) {
  WriteEvents(kRules);
  const EvidenceDefinitions loaded = Load();
  const Event& event = loaded.events.at("rules");
  EXPECT_EQ(event.known, absl::CivilDay(2022, 10, 7));
  EXPECT_EQ(event.effective, absl::CivilDay(2022, 10, 21));
  EXPECT_THAT(event.affected, SizeIs(1));
}

TEST_F(EvidenceFilesTest, AClaimHasItsTestsWithDefaults) {
  WriteEvents(kRules);
  WriteClaims(kClaim);
  const EvidenceDefinitions loaded = Load();
  ASSERT_THAT(loaded.errors, IsEmpty());
  ASSERT_THAT(loaded.claims, SizeIs(1));
  EXPECT_EQ(loaded.claims[0].definition.required_weight(), 0.5);
  ASSERT_THAT(loaded.claims[0].tests, SizeIs(1));
  EXPECT_EQ(loaded.claims[0].tests[0].definition.weight(), 1);
}

TEST_F(EvidenceFilesTest, AnUnknownEventIsNamedWithTheNearest) {
  EXPECT_THAT(ErrorsWith("event: \"rules\"", "event: \"rule\""),
              ElementsAre(AllOf(HasSubstr("claims.textproto:6:13: "),
                                HasSubstr("there is no event \"rule\""),
                                HasSubstr("did you mean \"rules\"?"))));
}

TEST_F(EvidenceFilesTest, AnExpressionThatIsNoneIsRefusedWithItsPlace) {
  EXPECT_THAT(ErrorsWith("values: \"sales\"", "values: \"sum(sales\""),
              ElementsAre(HasSubstr("claims.textproto:5:42: values: ")));
}

TEST_F(EvidenceFilesTest, AClaimWithAWrongTestIsLeftOutWhole) {
  WriteEvents(kRules);
  WriteClaims(absl::StrReplaceAll(kClaim, {{"side: BELOW", ""}}));
  const EvidenceDefinitions loaded = Load();
  EXPECT_THAT(loaded.claims, IsEmpty());
  ASSERT_THAT(loaded.errors, SizeIs(1));
  EXPECT_THAT(loaded.errors[0].message, HasSubstr("side is missing"));
}

TEST_F(EvidenceFilesTest, ATestWithoutAKindIsRefused) {
  EXPECT_THAT(ErrorsWith("trend { event: \"rules\" }", ""),
              ElementsAre(HasSubstr("this test has no kind")));
}

TEST_F(EvidenceFilesTest, TwoClaimsOfOneIdAreRefused) {
  WriteEvents(kRules);
  WriteClaims(absl::StrCat(kClaim, kClaim));
  EXPECT_THAT(Errors(), ElementsAre(HasSubstr("\"cost\" is there twice")));
  EXPECT_THAT(Load().claims, SizeIs(1));
}

TEST_F(EvidenceFilesTest, AnActThatBindsBeforeItIsAnnouncedIsRefused) {
  WriteEvents(absl::StrReplaceAll(kRules, {{"2022-10-21", "2021-10-21"}}));
  EXPECT_THAT(Errors(),
              ElementsAre(HasSubstr("effective is before announced")));
}

TEST_F(EvidenceFilesTest, ADayThatIsNoneIsRefused) {
  WriteEvents(absl::StrReplaceAll(kRules, {{"2022-10-07", "2022-13-07"}}));
  EXPECT_THAT(Errors(), ElementsAre(AllOf(HasSubstr("announced: "),
                                          HasSubstr("2022-13-07"))));
}

TEST_F(EvidenceFilesTest, AForecastTestNeedsADayAndASensibleProbability) {
  EXPECT_THAT(ErrorsWith("trend { event: \"rules\" }", "forecast { }"),
              ElementsAre(HasSubstr("by is missing")));
  EXPECT_THAT(ErrorsWith("trend { event: \"rules\" }",
                         "forecast { by: \"2028-12-31\" probability: 0.2 }"),
              ElementsAre(HasSubstr("probability must lie between 0.5 and 1")));
}

TEST_F(EvidenceFilesTest, BrokenTextHasItsLine) {
  WriteClaims("claim {\n  id \"cost\"\n}\n");
  EXPECT_THAT(Errors(), ElementsAre(HasSubstr("claims.textproto:2:")));
}

TEST_F(EvidenceFilesTest, TheyAreNoPipelinesAndTheirErrorsAreReported) {
  WriteEvents(kRules);
  WriteClaims("claim { id: \"Bad\" }");
  const auto definitions = LoadDirectory(directory_.path(), {});
  ASSERT_TRUE(definitions.ok()) << definitions.status();
  EXPECT_THAT(definitions->pipelines, IsEmpty());
  EXPECT_THAT(definitions->evidence.events, SizeIs(1));
  ASSERT_FALSE(definitions->errors.empty());
  EXPECT_THAT(definitions->errors[0].ToString(),
              AllOf(HasSubstr("claims.textproto:1:"), HasSubstr("\"Bad\"")));
}

TEST(ShippedEvidenceTest, IsWithoutErrors) {
  const EvidenceDefinitions loaded =
      LoadEvidence(HEADWAY_SOURCE_DIR "/pipelines");
  for (const EvidenceError& error : loaded.errors) {
    ADD_FAILURE() << error.file << ":" << error.place.line << ": "
                  << error.message;
  }
  EXPECT_THAT(loaded.claims, SizeIs(14));
}

}  // namespace
}  // namespace headway::pipeline
