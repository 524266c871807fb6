#include "daemon/pipeline/definitions/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/pipeline/definitions/definitions_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(DefinitionsTest, LoadsPipelinesOfAllFiles) {
  Write("a.textproto", "pipeline { name: \"a\" }");
  Write("b.textproto", "pipeline { name: \"b\" } pipeline { name: \"c\" }");
  Write("notes.txt", "not a definition");
  const Definitions definitions = Load();
  EXPECT_THAT(Errors(definitions), IsEmpty());
  EXPECT_THAT(definitions.pipelines, SizeIs(3));
}

TEST_F(DefinitionsTest, TakesWhatAPipelineSays) {
  Write("p.textproto", R"txt(
pipeline {
  name: "chips"
  title: "Chips"
  schedule {
    cron: "0 6 * * MON-FRI"
    time_zone: "America/New_York"
    jitter { seconds: 300 }
    catch_up: CATCH_UP_ALL
    catch_up_window { seconds: 3600 }
    paused: true
  }
  source {
    name: "census"
    plugin: "csv"
    config { key: "url" value: "file://${PIPELINES_DIR}/x.csv" }
    retry {
      max_attempts: 7
      initial_backoff { seconds: 2 }
    }
    limits {
      wall_time { seconds: 30 }
      max_series: 12
    }
    documents {
      keep_days: 30
      max_document_bytes: 1000
    }
  }
  indicator {
    name: "exports"
    expression: "sum(exports_usd)"
    unit: "USD"
    forecast {
      method: "theta" horizon: 6 bounds: BOUNDS_NON_NEGATIVE
      through: MIXTURE
    }
  }
})txt");
  const Definitions definitions = Load();
  ASSERT_THAT(Errors(definitions), IsEmpty());

  const Pipeline& pipeline = definitions.pipelines.at("chips");
  EXPECT_EQ(pipeline.title, "Chips");
  EXPECT_TRUE(pipeline.runs);
  EXPECT_THAT(pipeline.sources, ElementsAre("census"));
  EXPECT_THAT(pipeline.indicators, ElementsAre("exports"));
  const schedule::Schedule& schedule = *pipeline.job.schedule;
  EXPECT_EQ(schedule.cron.text(), "0 6 * * MON-FRI");
  EXPECT_EQ(schedule.zone.name(), "America/New_York");
  EXPECT_EQ(schedule.jitter, absl::Minutes(5));
  EXPECT_EQ(schedule.catch_up, schedule::CatchUp::kAll);
  EXPECT_EQ(schedule.catch_up_window, absl::Hours(1));
  EXPECT_TRUE(schedule.paused);

  const Source& source = definitions.sources.at("census");
  EXPECT_EQ(source.pipeline, "chips");
  EXPECT_EQ(source.source.config.at("url"),
            absl::StrCat("file://", Pipelines(), "/x.csv"));
  EXPECT_EQ(source.retry.max_attempts, 7);
  EXPECT_EQ(source.retry.initial_backoff, absl::Seconds(2));
  EXPECT_EQ(source.retry.max_backoff, absl::Minutes(5));
  EXPECT_EQ(source.source.limits.wall_time, absl::Seconds(30));
  EXPECT_EQ(source.source.limits.max_series, 12);
  EXPECT_EQ(source.source.limits.cpu_time, absl::Minutes(5));
  EXPECT_FALSE(source.source.documents.disabled);
  EXPECT_EQ(source.source.documents.keep, absl::Hours(30 * 24));
  EXPECT_EQ(source.source.documents.max_document_bytes, 1000);
  EXPECT_EQ(source.source.documents.keep_bytes, int64_t{1} << 30);

  const Indicator& indicator = definitions.indicators.at("exports");
  EXPECT_EQ(indicator.unit.ToString(), "USD");
  EXPECT_EQ(indicator.forecast.method, "theta");
  EXPECT_EQ(indicator.forecast.horizon, 6);
  EXPECT_EQ(indicator.forecast.bounds, forecast::Bounds::kNonNegative);
  EXPECT_EQ(indicator.forecast.through, Through::kMixture);
}

TEST_F(DefinitionsTest, ASyntaxErrorNamesLineAndColumnAndOtherFilesGoOn) {
  Write("bad.textproto", "pipeline {\n  name: \"a\"\n  title \"A\"\n}\n");
  Write("good.textproto", "pipeline { name: \"good\" }");
  const Definitions definitions = Load();
  EXPECT_THAT(
      Errors(definitions),
      ElementsAre("bad.textproto:3:9: Expected \":\", found \"\"A\"\"."));
  EXPECT_TRUE(definitions.pipelines.at("good").runs);
  // Whoever lists the pipelines sees that the file is broken.
  EXPECT_FALSE(definitions.pipelines.at("bad").runs);
  EXPECT_THAT(definitions.pipelines.at("bad").errors, SizeIs(1));
}

TEST_F(DefinitionsTest, AMisspeltFieldIsAnsweredWithTheNearest) {
  EXPECT_THAT(
      ErrorsOf("pipeline {\n  name: \"a\"\n  shedule { cron: \"@daily\" }\n}"),
      ElementsAre("p.textproto:3:11: Message type "
                  "\"headway.config.v1.Pipeline\" has no field named "
                  "\"shedule\"; did you mean \"schedule\"?"));
}

TEST_F(DefinitionsTest, AMisspeltEnumerationIsAnsweredWithTheNearest) {
  const std::vector<std::string> errors = ErrorsOf(R"txt(
pipeline {
  name: "a"
  indicator { forecast { bounds: BOUNDS_PERCENTS } }
})txt");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("did you mean \"BOUNDS_PERCENT\"?"));
}

TEST_F(DefinitionsTest, AnUnknownMethodIsAnsweredWithTheNearest) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  indicator {
    name: "x"
    expression: "m"
    unit: "1"
    forecast { method: "auto_etz" }
  }
})txt"),
              ElementsAre("p.textproto:7:16: unknown method \"auto_etz\"; did "
                          "you mean \"auto_ets\"?"));
}

TEST_F(DefinitionsTest, EveryErrorOfAFileIsReportedInOrder) {
  const Definitions definitions = [&] {
    Write("p.textproto",
          R"txt(pipeline {
  name: "a"
  schedule {
    cron: "61 * * * *"
    time_zone: "Mars/Olympus"
  }
  indicator {
    name: "Bad Name"
    expression: "m"
    unit: "1"
  }
  indicator {
    name: "x"
    expression: "sum("
    forecast { horizon: 1001 }
  }
})txt");
    return Load();
  }();
  const std::vector<std::string> errors = Errors(definitions);
  ASSERT_THAT(errors, SizeIs(6));
  EXPECT_EQ(errors[0],
            "p.textproto:4:5: cron \"61 * * * *\": minute 61 is outside 0 to "
            "59");
  EXPECT_THAT(errors[1],
              HasSubstr("p.textproto:5:5: unknown time zone \"Mars/Olympus\""));
  EXPECT_EQ(errors[2],
            "p.textproto:8:5: indicator name \"Bad Name\" is not allowed; "
            "write at most 63 lower-case letters, digits and '_', a letter "
            "first");
  EXPECT_EQ(errors[3],
            "p.textproto:12:3: indicator \"x\" has no unit; add one, unit: "
            "\"1\" for a plain number");
  EXPECT_THAT(errors[4], HasSubstr("p.textproto:14:5: "));
  EXPECT_EQ(errors[5],
            "p.textproto:15:16: horizon 1001 is outside 0 to 1000 periods; 0 "
            "is one year");
  EXPECT_FALSE(definitions.pipelines.at("a").runs);
  EXPECT_THAT(definitions.pipelines.at("a").errors, SizeIs(6));
  EXPECT_THAT(definitions.indicators.at("x").errors, SizeIs(3));
}

TEST_F(DefinitionsTest, AnErrorOfAnExpressionNamesItsColumn) {
  const std::vector<std::string> errors = ErrorsOf(
      R"txt(pipeline {
  name: "a"
  indicator { name: "x" unit: "1" expression: "1 + summ(m)" }
})txt");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("p.textproto:3:35: "));
  EXPECT_THAT(errors[0], HasSubstr("column 5"));
}

TEST_F(DefinitionsTest, ABrokenIndicatorLeavesThePipelineRunning) {
  Write("p.textproto",
        R"txt(pipeline {
  name: "a"
  indicator { name: "good" expression: "m" unit: "1" }
  indicator { name: "bad" expression: "m +" unit: "1" }
})txt");
  const Definitions definitions = Load();
  EXPECT_TRUE(definitions.pipelines.at("a").runs);
  EXPECT_THAT(definitions.evaluation_order, ElementsAre("good"));
}

TEST_F(DefinitionsTest, ACycleIsNamedForEachOfItsIndicators) {
  Write("p.textproto",
        R"txt(pipeline {
  name: "a"
  indicator { name: "x" expression: "2 * y" unit: "1" }
  indicator { name: "y" expression: "z + 1" unit: "1" }
  indicator { name: "z" expression: "x" unit: "1" }
  indicator { name: "user" expression: "abs(x)" unit: "1" }
  indicator { name: "good" expression: "m" unit: "1" }
})txt");
  const Definitions definitions = Load();
  EXPECT_THAT(Errors(definitions),
              ElementsAre("p.textproto:3:25: indicator \"x\" uses itself: x -> "
                          "y -> z -> x; break the cycle",
                          "p.textproto:4:25: indicator \"y\" uses itself: y -> "
                          "z -> x -> y; break the cycle",
                          "p.textproto:5:25: indicator \"z\" uses itself: z -> "
                          "x -> y -> z; break the cycle",
                          "p.textproto:6:28: uses indicator \"x\", which has "
                          "errors"));
  EXPECT_THAT(definitions.evaluation_order, ElementsAre("good"));
}

TEST_F(DefinitionsTest, AUnitClashInAnExpressionIsFoundAgainstTheStore) {
  CommitSeries("dollars", "USD");
  CommitSeries("months", "month");
  const auto reader = store_->NewReader();
  options_.reader = reader.get();
  const std::vector<std::string> errors = ErrorsOf(
      R"txt(pipeline {
  name: "a"
  indicator { name: "x" expression: "dollars + months" unit: "USD" }
  indicator { name: "good" expression: "dollars" unit: "USD" }
})txt");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("p.textproto:3:25: "));
  EXPECT_THAT(errors[0], HasSubstr("USD"));
  EXPECT_THAT(errors[0], HasSubstr("month"));
}

TEST_F(DefinitionsTest, AUnitOtherThanTheDeclaredOneIsAnError) {
  CommitSeries("dollars", "USD");
  const auto reader = store_->NewReader();
  options_.reader = reader.get();
  EXPECT_THAT(ErrorsOf(
                  R"txt(pipeline {
  name: "a"
  indicator { name: "x" expression: "dollars" unit: "month" }
})txt"),
              ElementsAre("p.textproto:3:25: the expression has the unit "
                          "\"USD\" and the indicator declares \"month\"; "
                          "correct one of them"));
}

TEST_F(DefinitionsTest, AnIndicatorThatIsANumberIsAnError) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  indicator { name: "x" expression: "1 + 1" unit: "1" }
})txt"),
              ElementsAre("p.textproto:3:25: the expression is a number; an "
                          "indicator is over series"));
}

TEST_F(DefinitionsTest, NamesTakenTwiceAreSaidWithBothPlaces) {
  Write("a.textproto", R"txt(pipeline {
  name: "a"
  source { name: "s" plugin: "csv" }
  indicator { name: "x" expression: "m" unit: "1" }
})txt");
  Write("b.textproto", R"txt(pipeline { name: "a" }
pipeline {
  name: "b"
  source { name: "s" plugin: "csv" }
  indicator { name: "x" expression: "m" unit: "1" }
})txt");
  const Definitions definitions = Load();
  const std::string a = absl::StrCat(Pipelines(), "/a.textproto");
  std::vector<std::string> messages;
  for (const DefinitionError& error : definitions.errors) {
    messages.push_back(error.message);
  }
  EXPECT_THAT(messages,
              ElementsAre(absl::StrCat("pipeline \"a\" is defined already at ",
                                       a, ":1:1; rename one of them"),
                          absl::StrCat("source \"s\" is defined already at ", a,
                                       ":3:3; rename one of them"),
                          absl::StrCat("indicator \"x\" is defined already at ",
                                       a, ":4:3; rename one of them")));
  EXPECT_EQ(definitions.indicators.at("x").pipeline, "a");
}

TEST_F(DefinitionsTest, AnUnknownVariableIsAnErrorAtTheOption) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    config { key: "format" value: "csv" }
    config { key: "url" value: "file://${HOME}/x.csv" }
  }
})txt"),
              ElementsAre("p.textproto:7:5: option \"url\" uses \"${HOME}\"; "
                          "only ${PIPELINES_DIR} is known"));
}

TEST_F(DefinitionsTest, AMissingPluginIsReportedAndTheSourceStaysEnabled) {
  Install("csv", ShellPlugin("csv", ""));
  options_.plugins = host_.get();
  Write("p.textproto", R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "cvs"
  }
})txt");
  const Definitions definitions = Load();
  const std::vector<std::string> errors = Errors(definitions);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("p.textproto:5:5: "));
  EXPECT_THAT(errors[0], HasSubstr("cvs"));
  EXPECT_THAT(errors[0], HasSubstr("did you mean \"csv\"?"));
  EXPECT_FALSE(definitions.sources.at("s").disabled);
  EXPECT_TRUE(definitions.pipelines.at("a").runs);
}

TEST_F(DefinitionsTest, AnOptionThatThePluginLacksIsReportedWhereItStands) {
  Install("csv", ShellPlugin("csv", "", R"(,"config":[{"name":"url"}])"));
  options_.plugins = host_.get();
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    config { key: "url" value: "x" }
    config { key: "urll" value: "y" }
  }
})txt"),
              ElementsAre("p.textproto:7:5: source s: plugin csv has no option "
                          "\"urll\"; did you mean \"url\"?"));
}

TEST_F(DefinitionsTest, ACurlyQuoteIsNamedAndWhatToWriteInstead) {
  EXPECT_THAT(ErrorsOf("pipeline {\n  name: \u201Cfarm\u201D\n}"),
              ElementsAre("p.textproto:2:9: \"\u201C\" is a curly quote; write "
                          "a straight one, \""));
  EXPECT_THAT(ErrorsOf("pipeline {\u00A0name: \"farm\" }"),
              ElementsAre("p.textproto:1:11: \"\u00A0\" is a no-break space; "
                          "write a plain one"));
}

TEST_F(DefinitionsTest, AByteOrderMarkAndForeignTextInQuotesAreRead) {
  EXPECT_THAT(ErrorsOf("\uFEFFpipeline {  # caf\u00E9\n  name: \"farm\"\n  "
                       "title: \"\u201Ccaf\u00E9\u201D\"\n}"),
              IsEmpty());
}

TEST_F(DefinitionsTest, AnErrorOfThePluginStandsThereThoughAnOptionHasItsName) {
  Install("csv", ShellPlugin("csv", ""));
  options_.plugins = host_.get();
  const std::vector<std::string> errors = ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "cvs"
    config { key: "cvs" value: "x" }
    config { key: "csv" value: "y" }
  }
})txt");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("p.textproto:5:5: "));
  EXPECT_THAT(errors[0], HasSubstr("\"cvs\""));
}

TEST_F(DefinitionsTest, AMissingOptionIsNotReportedAtAnotherThatItMentions) {
  Install("csv",
          ShellPlugin("csv", "",
                      R"(,"config":[{"name":"format"},{"name":"url",)"
                      R"("required":true,"description":"in \"format\""}])"));
  options_.plugins = host_.get();
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    config { key: "format" value: "x" }
  }
})txt"),
              ElementsAre("p.textproto:5:5: source s: plugin csv needs the "
                          "option \"url\" (in \"format\")"));
}

TEST_F(DefinitionsTest, AnOptionGivenTwiceIsReportedWhereItCounts) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    config { key: "url" value: "x" }
    config { key: "url" value: "${HOME}" }
  }
})txt"),
              ElementsAre("p.textproto:7:5: option \"url\" uses \"${HOME}\"; "
                          "only ${PIPELINES_DIR} is known"));
}

TEST_F(DefinitionsTest, EveryOptionWithAnUnknownVariableIsReported) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    config { key: "b" value: "${a}" }
    config { key: "a" value: "${b}" }
  }
})txt"),
              ElementsAre("p.textproto:6:5: option \"b\" uses \"${a}\"; only "
                          "${PIPELINES_DIR} is known",
                          "p.textproto:7:5: option \"a\" uses \"${b}\"; only "
                          "${PIPELINES_DIR} is known"));
}

TEST_F(DefinitionsTest, WithoutPluginsSourcesAreNotCheckedAgainstThem) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "not-here"
    config { key: "k" value: "v" }
  }
})txt"),
              IsEmpty());
}

TEST_F(DefinitionsTest, AFingerprintChangesWithWhatAnIndicatorUses) {
  const auto fingerprint = [&](absl::string_view used,
                               absl::string_view other) {
    Write("p.textproto", absl::StrCat(R"(pipeline { name: "a"
  indicator { name: "x" expression: "2 * y" unit: "1" }
  indicator { name: "y" expression: ")",
                                      used, R"(" unit: "1" }
  indicator { name: "z" expression: ")",
                                      other, R"(" unit: "1" } })"));
    return Load().indicators.at("x").fingerprint;
  };
  const uint64_t before = fingerprint("m", "m");
  EXPECT_EQ(fingerprint("m", "n"), before);
  EXPECT_NE(fingerprint("n", "m"), before);
}

TEST_F(DefinitionsTest, TheShippedPipelinesHaveNoErrors) {
  const auto shipped = LoadDirectory(HEADWAY_SOURCE_DIR "/pipelines", options_);
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  EXPECT_THAT(Errors(*shipped), IsEmpty());
  EXPECT_GE(shipped->pipelines.size(), 3);
}

TEST_F(DefinitionsTest, AMissingDirectoryIsNamedWithTheRemedy) {
  EXPECT_EQ(LoadDirectory("/no/such/place", options_).status(),
            absl::NotFoundError(
                "cannot read the pipelines directory \"/no/such/place\": No "
                "such file or directory; give the directory that holds the "
                "*.textproto files"));
}

TEST_F(DefinitionsTest, AFileThatCannotBeReadIsAnErrorAmongOthers) {
  Write("good.textproto", "pipeline { name: \"good\" }");
  const Definitions definitions =
      LoadFiles({absl::StrCat(Pipelines(), "/gone.textproto"),
                 absl::StrCat(Pipelines(), "/good.textproto")},
                options_);
  EXPECT_THAT(Errors(definitions),
              ElementsAre("gone.textproto: cannot be read: No such file or "
                          "directory"));
  EXPECT_TRUE(definitions.pipelines.at("good").runs);
}

}  // namespace
}  // namespace headway::pipeline
