// Breaks and regressors of definitions.
#include "daemon/pipeline/definitions/explanations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/clock.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tests/support/files.h"
#include "tests/support/temp_directory.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ExplanationsTest : public ::testing::Test {
 protected:
  // The errors of indicators, each `NAME EXPRESSION FORECAST`.
  Definitions Load(absl::string_view indicators) {
    WriteFile(directory_.Join("p.textproto"),
              absl::StrCat("pipeline { name: \"a\"\n", indicators, " }"));
    LoadOptions options;
    options.clock = &clock_;
    absl::StatusOr<Definitions> loaded =
        LoadDirectory(directory_.path(), options);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? *std::move(loaded) : Definitions();
  }

  static std::string IndicatorOf(absl::string_view name,
                                 absl::string_view expression,
                                 absl::string_view forecast) {
    return absl::StrCat("indicator { name: \"", name,
                        "\" unit: \"1\" expression: \"", expression,
                        "\" forecast { ", forecast, " } }\n");
  }

  std::vector<std::string> ErrorsOf(absl::string_view indicators) {
    std::vector<std::string> errors;
    const Definitions definitions = Load(indicators);
    for (const DefinitionError& error : definitions.errors) {
      errors.push_back(absl::StrReplaceAll(error.ToString(),
                                           {{directory_.path() + "/", ""}}));
    }
    return errors;
  }

  std::vector<std::string> ErrorsOfMonthly(absl::string_view forecast) {
    return ErrorsOf(IndicatorOf("x", "resample(m, 'M', 'sum')", forecast));
  }

  TempDirectory directory_;
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilDay(2026, 3, 5), absl::UTCTimeZone())};
};

TEST_F(ExplanationsTest, BreaksAreTakenInTheOrderOfTheirPeriods) {
  const Definitions definitions = Load(IndicatorOf("x", "m", R"txt(
      break { period: "2023-10" reason: "rebased" kind: START }
      break { period: "2022-01" })txt"));
  EXPECT_THAT(definitions.errors, IsEmpty());
  const auto& breaks = definitions.indicators.at("x").forecast.breaks;
  ASSERT_THAT(breaks, SizeIs(2));
  EXPECT_EQ(series::FormatPeriod(breaks[0].period), "2022-01");
  EXPECT_EQ(breaks[0].kind, forecast::BreakKind::kLevel);
  EXPECT_EQ(breaks[1].kind, forecast::BreakKind::kStart);
  EXPECT_EQ(breaks[1].reason, "rebased");
}

TEST_F(ExplanationsTest, ABreakOfAnotherFrequencyNamesOneOfItsOwn) {
  EXPECT_THAT(ErrorsOfMonthly("break { period: \"2023-Q4\" }"),
              ElementsAre(HasSubstr(
                  "break \"2023-Q4\" is quarterly, and indicator \"x\" is "
                  "monthly; write a period like \"2023-10\"")));
}

TEST_F(ExplanationsTest, ABreakThatIsNoPeriodIsAnError) {
  EXPECT_THAT(ErrorsOfMonthly("break { period: \"2023-13\" }"),
              ElementsAre(HasSubstr("period \"2023-13\"")));
  EXPECT_THAT(ErrorsOfMonthly("break { reason: \"?\" }"),
              ElementsAre(HasSubstr("this break has no period; add period")));
}

TEST_F(ExplanationsTest, ABreakInTheFutureIsAnError) {
  EXPECT_THAT(ErrorsOfMonthly("break { period: \"2026-04\" }"),
              ElementsAre(HasSubstr(
                  "break \"2026-04\" lies in the future, and no value tells "
                  "yet what it does; declare it once it has begun")));
  EXPECT_THAT(ErrorsOfMonthly("break { period: \"2026-03\" }"), IsEmpty());
}

TEST_F(ExplanationsTest, ABreakTwiceIsAnError) {
  EXPECT_THAT(ErrorsOfMonthly("break { period: \"2023-10\" } "
                              "break { period: \"2023-10\" kind: START }"),
              ElementsAre(HasSubstr("break \"2023-10\" is declared twice")));
}

TEST_F(ExplanationsTest, RegressorsAreTakenWithTheirDefaults) {
  const Definitions definitions =
      Load(IndicatorOf("x", "m", R"txt(method: "arima"
        regressor { indicator: "y" }
        regressor { working_days { holiday: "2026-12-25" } }
        regressor { lunar_new_year { days_after: 20 } }
        regressor { event { period: "2022-10" reason: "controls" } })txt") +
           IndicatorOf("y", "n", ""));
  EXPECT_THAT(definitions.errors, IsEmpty());
  const auto& regressors = definitions.indicators.at("x").forecast.regressors;
  ASSERT_THAT(regressors, SizeIs(4));
  EXPECT_EQ(regressors[0].name, "y");
  EXPECT_EQ(regressors[1].name, "working_days");
  EXPECT_EQ(Describe(regressors[1].what), "working days but 2026-12-25");
  EXPECT_EQ(Describe(regressors[2].what),
            "lunar new year, 7 days before and 20 after");
  EXPECT_EQ(regressors[3].name, "event 2022-10");
  EXPECT_THAT(definitions.inputs.at("x").regressors, ElementsAre("y"));
}

TEST_F(ExplanationsTest, AMethodThatTakesNoRegressorsNamesThoseThatDo) {
  EXPECT_THAT(ErrorsOfMonthly("regressor { working_days {} }"),
              ElementsAre(HasSubstr("method \"auto\" takes no regressors; "
                                    "choose arima or auto_arima")));
  EXPECT_THAT(ErrorsOfMonthly("models: \"arima\" models: \"theta\" "
                              "regressor { working_days {} }"),
              ElementsAre(HasSubstr("method \"theta\" takes no regressors")));
}

TEST_F(ExplanationsTest, AForecastThroughItsInputsTakesNoRegressors) {
  EXPECT_THAT(ErrorsOfMonthly("method: \"arima\" through: INDICATORS "
                              "regressor { working_days {} }"),
              ElementsAre(HasSubstr("through its inputs takes no regressors")));
}

TEST_F(ExplanationsTest, ARegressorThatIsNoIndicatorIsAnErrorWithTheNearest) {
  EXPECT_THAT(
      ErrorsOf(IndicatorOf("x", "m",
                           "method: \"arima\" regressor { indicator: "
                           "\"order\" }") +
               IndicatorOf("orders", "n", "")),
      ElementsAre(HasSubstr(
          "regressor \"order\" is no indicator; did you mean \"orders\"")));
}

TEST_F(ExplanationsTest, ARegressorOfAnotherFrequencyIsAnError) {
  EXPECT_THAT(
      ErrorsOf(IndicatorOf("x", "resample(m, 'M', 'sum')",
                           "method: \"arima\" regressor { indicator: \"y\" }") +
               IndicatorOf("y", "resample(m, 'Q', 'sum')", "")),
      ElementsAre(HasSubstr("regressor \"y\" is quarterly, and indicator "
                            "\"x\" is monthly; resample it")));
}

TEST_F(ExplanationsTest, ACycleThroughRegressorsIsAnErrorOfEachInIt) {
  EXPECT_THAT(
      ErrorsOf(IndicatorOf("x", "m",
                           "method: \"arima\" regressor { indicator: \"y\" }") +
               IndicatorOf("y", "z + 1", "") +
               IndicatorOf("z", "n",
                           "method: \"arima\" regressor { indicator: \"x\" }")),
      ElementsAre(HasSubstr("\"x\" uses itself: x -> y -> z -> x"),
                  HasSubstr("\"y\" uses itself: y -> z -> x -> y"),
                  HasSubstr("\"z\" uses itself: z -> x -> y -> z")));
}

TEST_F(ExplanationsTest, WhatMayBeMistypedOfRegressorsIsAnError) {
  const auto error_of = [this](absl::string_view regressor) {
    return ErrorsOfMonthly(
        absl::StrCat("method: \"arima\" regressor { ", regressor, " }"));
  };
  EXPECT_THAT(error_of("name: \"x\""),
              ElementsAre(HasSubstr("this regressor is empty; add indicator")));
  EXPECT_THAT(error_of("working_days { holiday: \"2026-02-30\" }"),
              ElementsAre(HasSubstr("2026-02-30")));
  EXPECT_THAT(error_of("lunar_new_year { days_before: 99 }"),
              ElementsAre(HasSubstr("write 0 to 60 for each")));
  EXPECT_THAT(error_of("event { period: \"2023-10\" until: \"2023-09\" }"),
              ElementsAre(HasSubstr("before it begins")));
  EXPECT_THAT(error_of("event { period: \"2023-Q1\" }"),
              ElementsAre(HasSubstr("write a period like \"2023-01\"")));
  EXPECT_THAT(
      error_of("working_days {} } regressor { working_days {}"),
      ElementsAre(HasSubstr("two regressors have the name \"working_days\"")));
}

}  // namespace
}  // namespace headway::pipeline
