// Programs of others as models: what the executor issues with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/pipeline/executor_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Knows that the series repeats every five steps, which no method of the
// library looks for in a monthly series.
constexpr char kFives[] = R"(
    return [hp.normal(series.values[(len(series.values) + h) % 5], 1, ask)
            for h in range(ask.horizon)])";
// Always far too high, and sure of it.
constexpr char kFarOff[] = R"(
    return [hp.normal(10 * max(series.values), 1, ask)] * ask.horizon)";

class PluginModelsTest : public ExecutorTest {
 protected:
  PluginModelsTest() {
    std::filesystem::copy_file(HEADWAY_SOURCE_DIR
                               "/plugins/sdk/python/headway_plugin.py",
                               PathOf("headway_plugin.py"));
  }

  void InstallModel(const std::string& name, absl::string_view body) {
    Install(name, absl::StrCat("#!/usr/bin/python3\n"
                               "import os, signal, sys, time\n"
                               "import headway_plugin as hp\n"
                               "def forecast(series, ask):",
                               body, "\nhp.run(hp.Plugin(name='", name,
                               "', version='1', summary='A model.', "
                               "forecast=forecast,\n"
                               "    options=[hp.Option('shift', 'Added.', "
                               "default='0')]))\n"));
  }

  void LoadWith(absl::string_view forecast) {
    Load(absl::StrReplaceAll(
        R"(pipeline {
             name: "chips"
             source { name: "one" plugin: "one" }
             indicator {
               name: "exports" expression: "exports_usd" unit: "USD"
               forecast { $ }
             }
           })",
        {{"$", forecast}}));
  }

  // A pattern of five values, over and over.
  static std::vector<double> Fives(int count) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) {
      values.push_back(std::vector<double>{100, 160, 90, 140, 120}[i % 5]);
    }
    return values;
  }

  v1::Forecast ForecastOf(const std::vector<double>& values) {
    Say("one", "exports_usd", values);
    last_run_ = Execute();
    const std::vector<v1::Forecast> issue = Issue("exports");
    EXPECT_THAT(issue, SizeIs(1));
    return issue.empty() ? v1::Forecast() : issue[0];
  }
  double WeightOf(const v1::Forecast& forecast, absl::string_view method) {
    for (const v1::ForecastMember& member : forecast.members()) {
      if (member.method() == method) return member.weight();
    }
    ADD_FAILURE() << method << " is no member";
    return 0;
  }

  v1::Run last_run_;
};

TEST_F(PluginModelsTest, APluginForecastsInTheMethodsPlace) {
  InstallModel("fives", kFives);
  LoadWith("method: \"plugin:fives\" horizon: 3");
  const v1::Forecast forecast = ForecastOf(Fives(23));
  EXPECT_EQ(forecast.method(), "plugin:fives");
  ASSERT_EQ(forecast.steps_size(), 3);
  EXPECT_EQ(forecast.steps(0).period(), "2021-12");
  EXPECT_NEAR(forecast.steps(0).point(), 140, 1e-9);
  EXPECT_NEAR(forecast.steps(2).point(), 100, 1e-9);
  EXPECT_THAT(Steps(last_run_), Contains("FORECAST exports SUCCEEDED"));
}

TEST_F(PluginModelsTest, ABadModelLosesItsWeightAndAGoodOneGainsIt) {
  InstallModel("fives", kFives);
  InstallModel("far-off", kFarOff);
  LoadWith(R"(models: ["auto_ets", "plugin:fives", "plugin:far-off"]
              horizon: 3)");
  const v1::Forecast young = ForecastOf(Fives(27));
  const v1::Forecast old = ForecastOf(Fives(60));
  EXPECT_EQ(old.members(0).origins(), 20);
  EXPECT_LT(WeightOf(old, "plugin:far-off"), 0.05);
  EXPECT_GT(WeightOf(old, "plugin:fives"), WeightOf(young, "plugin:fives"));
  EXPECT_GT(WeightOf(old, "plugin:fives"), 0.9);
  EXPECT_NEAR(old.steps(0).point(), 100, 5);
}

TEST_F(PluginModelsTest, APoolSaysItsMembersAndTheirScores) {
  InstallModel("fives", kFives);
  LoadWith(R"(models: ["naive", "plugin:fives"] horizon: 2)");
  const v1::Forecast forecast = ForecastOf(Fives(60));
  EXPECT_EQ(forecast.method(), "pool");
  EXPECT_THAT(forecast.model(), HasSubstr("plugin:fives (fives)"));
  ASSERT_EQ(forecast.members_size(), 2);
  EXPECT_GT(forecast.members(0).score(), forecast.members(1).score());
  EXPECT_NEAR(forecast.members(0).weight() + forecast.members(1).weight(), 1,
              1e-12);
}

TEST_F(PluginModelsTest, TheFallbackStandsInForAPluginThatCrashesAndSaysSo) {
  InstallModel("broken", "\n    os.kill(os.getpid(), signal.SIGSEGV)");
  LoadWith("method: \"plugin:broken\"");
  const v1::Forecast forecast = ForecastOf(Rising(40));
  EXPECT_EQ(forecast.method(), "auto");
  EXPECT_EQ(forecast.steps_size(), 12);
  EXPECT_THAT(forecast.notes(),
              Contains(AllOf(HasSubstr("plugin:broken failed"),
                             HasSubstr("crashed by signal"),
                             HasSubstr("auto was used instead"))));
}

TEST_F(PluginModelsTest, APluginThatFailsFailsTheStepAndIsTriedAgain) {
  InstallModel("broken", "\n    sys.exit(3)");
  LoadWith("method: \"plugin:broken\"");
  ForecastOf(Rising(40));
  EXPECT_THAT(Steps(last_run_), Contains("FORECAST exports FAILED"));
  InstallModel("broken", kFives);
  EXPECT_EQ(ForecastOf(Rising(40)).method(), "plugin:broken");
  EXPECT_THAT(Steps(last_run_), Contains("FORECAST exports SUCCEEDED"));
}

TEST_F(PluginModelsTest, AFailureThatStandsIsIssuedOnce) {
  InstallModel("broken", "\n    sys.exit(3)");
  LoadWith("method: \"plugin:broken\"");
  ForecastOf(Rising(40));
  ForecastOf(Rising(40));
  EXPECT_EQ(CountForecasts("exports"), 1u);
}

TEST_F(PluginModelsTest, ASeriesThatThePluginCannotForecastIsNoFailure) {
  InstallModel("choosy", "\n    raise ValueError('too straight')");
  LoadWith("method: \"plugin:choosy\"");
  EXPECT_THAT(ForecastOf(Rising(40)).notes(),
              Contains(HasSubstr("ValueError: too straight")));
  EXPECT_THAT(Steps(last_run_), Contains("FORECAST exports SUCCEEDED"));
}

TEST_F(PluginModelsTest, TheOthersOfAPoolStandInForAPluginThatIsMissing) {
  LoadWith(R"(models: ["naive", "plugin:nowhere"])");
  const v1::Forecast forecast = ForecastOf(Rising(40));
  EXPECT_EQ(WeightOf(forecast, "naive"), 1);
  EXPECT_EQ(WeightOf(forecast, "plugin:nowhere"), 0);
  EXPECT_THAT(forecast.members(1).error(),
              HasSubstr("there is no plugin \"nowhere\""));
  EXPECT_THAT(Steps(last_run_), Contains("FORECAST exports FAILED"));
}

TEST_F(PluginModelsTest, OptionsOfAModelReachIt) {
  InstallModel("shifted", R"(
    return [hp.normal(float(ask.request.option("shift")), 1, ask)] * ask.horizon)");
  LoadWith(R"(method: "plugin:shifted"
              plugin { name: "shifted" config { key: "shift" value: "7" } })");
  EXPECT_EQ(ForecastOf(Rising(40)).steps(0).point(), 7);
}

TEST_F(PluginModelsTest, AModelThatHangsIsEndedAtItsLimit) {
  InstallModel("slow", "\n    time.sleep(60)");
  LoadWith(R"(method: "plugin:slow"
              plugin { name: "slow" limits { wall_time { nanos: 500000000 } } })");
  EXPECT_THAT(ForecastOf(Rising(40)).notes(),
              Contains(HasSubstr("took longer than the 500ms")));
}

TEST_F(PluginModelsTest, AModelKeepsToTheBoundsOfTheIndicator) {
  InstallModel("low", "\n    return hp.Paths([[-5] * ask.horizon] * 100)");
  LoadWith("method: \"plugin:low\" bounds: BOUNDS_NON_NEGATIVE");
  EXPECT_EQ(ForecastOf(Rising(40)).steps(0).quantiles(0).value(), 0);
}

TEST_F(PluginModelsTest, AMissingValueIsMissingToTheModelToo) {
  InstallModel("counting", R"(
    return [[len(series.filled()) - len(series.values)] *
            len(ask.probabilities)] * ask.horizon)");
  LoadWith("method: \"plugin:counting\"");
  store::VintageUpdate update;
  update.info.key.metric = "exports_usd";
  update.info.unit = series::Unit::Parse("USD").value();
  update.known_at = clock_.Now();
  const int32_t first = series::ParsePeriod("2020-01")->ordinal;
  update.ordinals = {first, first + 1, first + 4, first + 5};
  update.values = {1, 2, 5, 6};
  ASSERT_TRUE(store_->Commit({.updates = {update}}).ok());
  Execute();
  ASSERT_THAT(Issue("exports"), SizeIs(1));
  EXPECT_EQ(Issue("exports")[0].steps(0).point(), 2);
}

}  // namespace
}  // namespace headway::pipeline
