#include "tests/query/case_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using ::testing::SizeIs;

std::string FileError(absl::string_view text) {
  return std::string(ParseCases("f.test", text).status().message());
}

TEST(CaseFileTest, ReadsACaseWithWhatItLoadsAndExpects) {
  const auto cases = ParseCases("f.test", R"(
# A comment.
case Doubles
load exports{to="CHN"} USD known 2024-03-09 2024-01=1 2 2024-05=3
define half USD exports / 2
eval 2 * exports as of 2024-04-01
expect USD {to="CHN"} 2024-01=2 4
expect USD {to="KOR"} 2024-01=6
check exports
expect type USD monthly
)");
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_THAT(*cases, SizeIs(1));
  const Case& test = cases->front();
  EXPECT_EQ(test.name, "Doubles");
  EXPECT_EQ(test.line, 3);
  ASSERT_THAT(test.loads, SizeIs(1));
  EXPECT_EQ(test.loads[0].metric, "exports");
  EXPECT_EQ(test.loads[0].labels, L({{"to", "CHN"}}));
  EXPECT_EQ(Text(test.loads[0].observations), "2024-01=1 2024-02=2 2024-05=3");
  EXPECT_EQ(test.loads[0].observations.known_at, Midnight(2024, 3, 9));
  EXPECT_EQ(test.definitions.at(0).expression, "exports / 2");
  ASSERT_THAT(test.asks, SizeIs(2));
  EXPECT_EQ(test.asks[0].expression, "2 * exports");
  EXPECT_EQ(test.asks[0].line, 6);
  EXPECT_EQ(test.asks[0].as_of, Midnight(2024, 4, 1));
  EXPECT_EQ(Text(test.asks[0].panel->columns),
            "{to=\"CHN\"} 2024-01=2 2024-02=4\n{to=\"KOR\"} 2024-01=6");
  EXPECT_EQ(test.asks[1].type, "USD monthly");
}

TEST(CaseFileTest, ReadsNotesAfterTheColumns) {
  const auto cases = ParseCases("f.test", R"(
case One
eval x
expect USD nothing
expect note column 1: nothing
eval y
expect USD nothing
expect no note
)");
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_THAT(cases->front().asks.at(0).notes,
              ::testing::ElementsAre("column 1: nothing"));
  EXPECT_TRUE(cases->front().asks.at(1).expects_no_note);
}

TEST(CaseFileTest, RepeatsAValue) {
  const auto cases = ParseCases("f.test", R"(
case One
load x USD 2024=1 2x3 5
eval x
expect error something
)");
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(Text(cases->front().loads.at(0).observations),
            "2024=1 2025=2 2026=2 2027=2 2028=5");
}

TEST(CaseFileTest, WhatIsLoadedBeforeTheFirstCaseIsInEach) {
  const auto cases = ParseCases("f.test", R"(
load x USD 2024=1
case One
load y USD 2024=1
eval x
expect USD nothing
case Two
eval x
expect USD nothing
)");
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_THAT(cases->at(0).loads, SizeIs(2));
  EXPECT_THAT(cases->at(1).loads, SizeIs(1));
}

TEST(CaseFileTest, RefusesAnUnknownDirective) {
  EXPECT_EQ(FileError("case A\nevaluate x\n"),
            "f.test:2: directive \"evaluate\" is not known; write case, load, "
            "define, members, eval, check or expect");
}

TEST(CaseFileTest, MembersBelongToTheIndicatorDefinedLast) {
  const auto cases = ParseCases("f.test", R"(
case A
define x 1 sum(y)
members to CHN JPN
eval x
expect 1 nothing
)");
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(cases->at(0).definitions.at(0).members,
            (std::vector<MemberSet>{{"to", {"CHN", "JPN"}}}));
  EXPECT_EQ(FileError("members to CHN\n"),
            "f.test:1: write members LABEL VALUE… after a define");
}

TEST(CaseFileTest, RefusesACaseWithoutAnExpectation) {
  EXPECT_EQ(FileError("case A\n"), "f.test:1: case A expects nothing");
  EXPECT_EQ(FileError("case A\neval x\n"),
            "f.test:2: the expression has no expectation");
  EXPECT_EQ(FileError("case A\neval x\n\ncase B\neval x\nexpect 1 nothing\n"),
            "f.test:2: the expression has no expectation");
  EXPECT_EQ(FileError("case A\neval x\neval y\nexpect 1 nothing\n"),
            "f.test:2: the expression has no expectation");
  EXPECT_EQ(FileError("# Nothing.\n"), "f.test:1: there is no case");
}

TEST(CaseFileTest, RefusesWhatStandsInNoCase) {
  EXPECT_EQ(FileError("eval x\n"), "f.test:1: name the case first: case NAME");
  EXPECT_EQ(FileError("case A\nexpect USD {} 2024=1\n"),
            "f.test:2: there is no eval or check to expect it of");
}

TEST(CaseFileTest, RefusesTwoCasesOfOneName) {
  EXPECT_EQ(FileError("case A\neval x\nexpect 1 nothing\ncase A\n"),
            "f.test:4: case A is there twice");
  EXPECT_EQ(FileError("case adds both\n"),
            "f.test:1: \"adds both\" is not a name of letters and digits such "
            "as AddsWhatBothHave");
}

TEST(CaseFileTest, RefusesALoadAfterAnExpression) {
  EXPECT_EQ(FileError("case A\neval x\nexpect 1 nothing\nload x 1 2024=1\n"),
            "f.test:4: load and define come before the first eval or check");
}

TEST(CaseFileTest, RefusesMalformedObservations) {
  const auto load = [](absl::string_view observations) {
    return FileError(absl::StrCat("load x USD ", observations, "\n"));
  };
  EXPECT_EQ(load(""), "f.test:1: there are no observations");
  EXPECT_EQ(load("1"),
            "f.test:1: \"1\" has no period; begin with PERIOD=VALUE");
  EXPECT_EQ(load("2024=1 2025-01=2"),
            "f.test:1: \"2025-01=2\" is at another frequency");
  EXPECT_EQ(load("2024=1 2024=2"), "f.test:1: periods must rise");
  EXPECT_EQ(load("2024=one"),
            "f.test:1: \"one\" is not a value such as 2.5 or 2.5x12");
  EXPECT_EQ(load("2024=1x0"),
            "f.test:1: \"1x0\" is not a value such as 2.5 or 2.5x12");
  EXPECT_EQ(load("known yesterday 2024=1"),
            "f.test:1: \"yesterday\" is not a date such as 2024-03-05");
}

TEST(CaseFileTest, RefusesExpectationsThatDoNotGoTogether) {
  const auto expect = [](absl::string_view first, absl::string_view second) {
    return FileError(absl::StrCat("case A\neval x\nexpect ", first, "\nexpect ",
                                  second, "\n"));
  };
  EXPECT_EQ(expect("error one", "error two"),
            "f.test:4: the expression has an expectation already");
  EXPECT_EQ(expect("1 nothing", "1 {} 2024=1"),
            "f.test:4: the expression has an expectation already");
  EXPECT_EQ(expect("1 {} 2024=1", "USD {a=\"1\"} 2024=1"),
            "f.test:4: the columns of one expression have one unit");
  EXPECT_EQ(expect("1 {a=\"2\"} 2024=1", "1 {a=\"1\"} 2024=1"),
            "f.test:4: columns come by rising labels");
  EXPECT_EQ(FileError("case A\ncheck x\nexpect 1 nothing\n"),
            "f.test:3: of a check, expect error SUBSTRING or type TYPE");
}

}  // namespace
}  // namespace headway::query
