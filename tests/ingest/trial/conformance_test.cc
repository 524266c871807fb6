#include "daemon/ingest/trial/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using Result = CheckOutcome::Result;

class ConformanceTest : public ::testing::Test {
 protected:
  std::vector<CheckOutcome> Run(absl::string_view text) {
    const std::string path = directory_.Join("p");
    WriteExecutable(path, text);
    Limits limits;
    limits.wall_time = absl::Seconds(20);
    return RunConformance(path, {{"url", "x"}}, limits, nullptr, &clock_);
  }

  static std::vector<std::string> With(
      Result result, const std::vector<CheckOutcome>& outcomes) {
    std::vector<std::string> found;
    for (const CheckOutcome& outcome : outcomes) {
      if (outcome.result == result) {
        found.push_back(absl::StrCat(outcome.name, ": ", outcome.explanation));
      }
    }
    return found;
  }

  // Expects that of the good plugin with a part replaced exactly one check
  // fails, and that its name and explanation hold `what`.
  void ExpectFailure(const std::string& part, const std::string& replacement,
                     absl::string_view name, absl::string_view what) {
    std::string text = kGood;
    const size_t at = text.find(part);
    ASSERT_NE(at, std::string::npos) << part;
    text.replace(at, part.size(), replacement);
    const auto failed = With(Result::kFailed, Run(text));
    ASSERT_EQ(failed.size(), 1u) << ::testing::PrintToString(failed);
    EXPECT_THAT(failed[0], ::testing::AllOf(HasSubstr(std::string(name)),
                                            HasSubstr(std::string(what))));
  }

  const std::string kGood =
      PythonPlugin("p", R"(
if verb not in ('check', 'discover', 'read'):
    sys.exit(2)
if 'url' not in request.get('config', {}):
    say({'error': {'class': 'CONFIG', 'message': 'url is missing'}})
    sys.exit(1)
if verb == 'check':
    say({'check': {'ok': True, 'message': 'it is there'}})
if verb in ('discover', 'read'):
    define()
if verb == 'read':
    observe({'2024-01': 1})
    checkpoint('1')
)",
                   R"(,"config":[{"name":"url","required":true}])");
  TempDirectory directory_{TempDirectory::Place::kDisk};
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
};

TEST_F(ConformanceTest, PassesAGoodPlugin) {
  const auto outcomes = Run(kGood);
  EXPECT_EQ(outcomes.size(), 17u);
  EXPECT_THAT(With(Result::kFailed, outcomes), IsEmpty());
  // It is not isolated here, and no option of it names a file.
  EXPECT_THAT(With(Result::kSkipped, outcomes),
              ElementsAre(HasSubstr("hosts alone"), HasSubstr("not there")));
}

TEST_F(ConformanceTest, ShowsWhatEachCheckSaw) {
  std::vector<std::string> seen;
  for (const CheckOutcome& outcome : Run(kGood)) {
    seen.insert(seen.end(), outcome.details.begin(), outcome.details.end());
  }
  EXPECT_THAT(
      seen, IsSupersetOf({"option url (required)", "url=x",
                          "m{} (monthly) in USD", "USD: 1 series",
                          "m{} (monthly): 1 periods, 2024-01 to 2024-01, the "
                          "last 1 USD",
                          "stream \"\": \"1\"",
                          "message 2: observations of \"s\": 1 values, 2024-01 "
                          "to 2024-01"}));
}

TEST_F(ConformanceTest, PassesThePluginOfTheTests) {
  Limits limits;
  const auto outcomes = RunConformance(HEADWAY_TESTDATA "/rainfall.sh", {},
                                       limits, nullptr, &clock_);
  EXPECT_THAT(With(Result::kFailed, outcomes), IsEmpty());
}

TEST_F(ConformanceTest, SkipsWhatNeedsADescription) {
  const auto outcomes = Run("#!/bin/sh\nexit 1\n");
  EXPECT_EQ(With(Result::kFailed, outcomes).size(), 1u);
  EXPECT_EQ(With(Result::kSkipped, outcomes).size(), 16u);
}

TEST_F(ConformanceTest, FindsAPluginThatIsNotThere) {
  const auto outcomes =
      RunConformance(directory_.Join("absent"), {}, {}, nullptr, &clock_);
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ::testing::ElementsAre(HasSubstr("absent")));
}

TEST_F(ConformanceTest, FindsEachBreach) {
  ExpectFailure("sys.exit(2)", "sys.exit(0)", "unknown verb", "status 0");
  ExpectFailure("'class': 'CONFIG'", "'class': 'SYSTEM'", "missing option",
                "url");
  ExpectFailure("'ok': True", "'ok': False", "check finds", "it is there");
  ExpectFailure("    checkpoint('1')",
                "    checkpoint('1')\n"
                "    observe({'2024-02': 1})",
                "ends with a checkpoint", "1 observations");
  ExpectFailure("define()", "define(metric=verb)", "discover names", "read{}");
  ExpectFailure("observe({'2024-01': 1})",
                "observe({'2024-01': 2 if request.get('checkpoints') else 1})",
                "changes nothing", "1 observations changed");
  ExpectFailure("checkpoint('1')", "checkpoint(str(time.time()))",
                "the same twice", "message 3 was checkpoint");
  ExpectFailure("    define()", "    define(unit='million_USD')", "base units",
                "m{} has the unit million_USD");
}

TEST_F(ConformanceTest, FindsTwoValuesForOnePeriod) {
  const auto outcomes =
      Run(absl::StrReplaceAll(kGood, {{"    checkpoint('1')",
                                       "    observe({'2024-01': 2})\n"
                                       "    checkpoint('1')"}}));
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ::testing::Contains(::testing::AllOf(
                  HasSubstr("one value"),
                  HasSubstr("message 3 gives 2024-01 of series \"s\" the "
                            "value 2 and message 2 the value 1"))));
}

TEST_F(ConformanceTest, FindsAReadThatAnInterruptionMakesIncomplete) {
  ExpectFailure("    checkpoint('1')",
                "    checkpoint('1')\n"
                "    if not request.get('checkpoints'):\n"
                "        observe({'2024-02': 2})\n"
                "        checkpoint('1')",
                "was killed", "cut off after checkpoint 1 of 2");
}

TEST_F(ConformanceTest, PassesAReadThatGoesOnAfterAnInterruption) {
  std::string text =
      absl::StrReplaceAll(kGood, {{"    checkpoint('1')",
                                   "    checkpoint('1')\n"
                                   "    observe({'2024-02': 2})\n"
                                   "    checkpoint('2')"}});
  EXPECT_THAT(With(Result::kPassed, Run(text)),
              Contains(HasSubstr("cut off after checkpoint 1 of 2, it ended "
                                 "the same")));
}

TEST_F(ConformanceTest, FindsAReadThatDoesNotEndWhenItIsTold) {
  ExpectFailure("    define()",
                "    signal.signal(signal.SIGTERM, lambda *_: time.sleep(30))\n"
                "    define()\n"
                "    time.sleep(0.3)",
                "when it is told to", "went on for two seconds");
}

TEST_F(ConformanceTest, FindsAnAbsentFileThatIsNoError) {
  WriteExecutable(directory_.Join("p"), kGood);
  const auto outcomes = RunConformance(
      directory_.Join("p"), {{"url", "file:///tmp"}}, {}, nullptr, &clock_);
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ElementsAre(HasSubstr("with url=file:///headway-conformance/"
                                    "absent, read ended well")));
}

constexpr char kModel[] = R"(#!/usr/bin/python3
import random
import headway_plugin as hp
def forecast(series, ask):
    random.seed(ask.seed)
    return [hp.normal(100 + random.random(), 1, ask)] * ask.horizon
hp.run(hp.Plugin(name="p", version="1", summary="A model.", forecast=forecast))
)";

class ModelConformanceTest : public ConformanceTest {
 protected:
  ModelConformanceTest() {
    std::filesystem::copy_file(HEADWAY_SOURCE_DIR
                               "/plugins/sdk/python/headway_plugin.py",
                               directory_.Join("headway_plugin.py"));
  }
  std::vector<CheckOutcome> RunModel(absl::string_view text) {
    WriteExecutable(directory_.Join("p"), text);
    return RunConformance(directory_.Join("p"), {}, {}, nullptr, &clock_);
  }
};

TEST_F(ModelConformanceTest, PassesAModelThatReadsNothing) {
  const auto outcomes = RunModel(kModel);
  EXPECT_THAT(With(Result::kFailed, outcomes), IsEmpty());
  EXPECT_THAT(With(Result::kPassed, outcomes),
              ::testing::Contains(HasSubstr("forecast answers every series")));
}

TEST_F(ModelConformanceTest, FindsAModelThatDrawsWithoutTheSeed) {
  const auto outcomes = RunModel(absl::StrReplaceAll(
      kModel, {{"random.seed(ask.seed)", "random.seed()"}}));
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ::testing::ElementsAre(HasSubstr("seed what you draw")));
}

TEST_F(ModelConformanceTest, FindsAForecastThatIsTooShort) {
  const auto outcomes = RunModel(
      absl::StrReplaceAll(kModel, {{"* ask.horizon", "* (ask.horizon - 1)"}}));
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ::testing::ElementsAre(HasSubstr("has 5 steps")));
}

TEST_F(ConformanceTest, SaysWhenTheConfigurationIsWanting) {
  WriteExecutable(directory_.Join("p"), kGood);
  const auto outcomes =
      RunConformance(directory_.Join("p"), {}, {}, nullptr, &clock_);
  EXPECT_THAT(With(Result::kFailed, outcomes),
              ::testing::ElementsAre(::testing::AllOf(
                  HasSubstr("the configuration"), HasSubstr("url"))));
}

// --- docs/plugins.md ---

// The block of code in docs/plugins.md that starts with ```language.
std::string Example(absl::string_view language) {
  const std::string guide = ReadFile(HEADWAY_SOURCE_DIR "/docs/plugins.md");
  const std::string fence = absl::StrCat("```", language, "\n");
  const size_t start = guide.find(fence);
  if (start == std::string::npos) return "";
  const size_t code = start + fence.size();
  return guide.substr(code, guide.find("```\n", code) - code);
}

TEST_F(ConformanceTest, PassesTheShellExampleOfTheGuide) {
  const std::string path = directory_.Join("rainfall.sh");
  WriteExecutable(path, Example("sh"));
  EXPECT_THAT(
      With(Result::kFailed, RunConformance(path, {}, {}, nullptr, &clock_)),
      IsEmpty());
}

TEST_F(ConformanceTest, PassesThePythonExampleOfTheGuide) {
  const std::string path = directory_.Join("moons");
  WriteExecutable(path, Example("python"));
  std::filesystem::copy_file(HEADWAY_SOURCE_DIR
                             "/plugins/sdk/python/headway_plugin.py",
                             directory_.Join("headway_plugin.py"));
  WriteFile(directory_.Join("moons.csv"), "year,count\n2023,145\n2024,146\n");
  EXPECT_THAT(
      With(Result::kFailed,
           RunConformance(
               path,
               {{"url", absl::StrCat("file://", directory_.Join("moons.csv"))}},
               {}, nullptr, &clock_)),
      IsEmpty());
}

TEST_F(ConformanceTest, PassesTheShellTemplate) {
  const std::string path = directory_.Join("my-plugin");
  WriteExecutable(
      path, ReadFile(HEADWAY_SOURCE_DIR "/plugins/sdk/templates/plugin.sh"));
  RealClock clock;
  EXPECT_THAT(
      With(Result::kFailed, RunConformance(path, {}, {}, nullptr, &clock)),
      IsEmpty());
}

}  // namespace
}  // namespace headway::ingest
