// The verb `forecast`, asked of real programs.
#include "daemon/ingest/plugin/forecast_verb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/plugin_fixture.h"
#include "tests/support/status_matchers.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ForecastVerbTest : public PluginTest {
 protected:
  ForecastVerbTest() {
    table_.set_horizon(1);
    table_.add_probabilities(0.5);
    for (const char* id : {"a", "b"}) {
      plugin::v1::SeriesToForecast& series = *table_.add_series();
      series.set_id(id);
      series.add_periods("2024-01");
      series.add_values(id[0]);
      series.add_ahead("2024-02");
    }
  }

  // A Python program that runs `body` for the verb.
  absl::StatusOr<std::vector<absl::StatusOr<ModelForecast>>> Forecast(
      absl::string_view body, absl::string_view describes = kForecasts) {
    Install("p", PythonPlugin("p", absl::StrCat(kAnswer, body), describes));
    Source model = MakeSource("p");
    model.is_model = true;
    model.limits.wall_time = wall_time_;
    return host_->Forecast(model, table_);
  }
  void ExpectFails(absl::string_view body, absl::StatusCode code,
                   const std::string& what) {
    EXPECT_THAT(Forecast(body), StatusIs(code, HasSubstr(what)));
  }

  static constexpr char kForecasts[] = R"(,"forecasts":true)";
  static constexpr char kAnswer[] = R"(
def answer(id, value):
    say({'forecast': {'series': id, 'steps': [{'quantiles': [value]}]}})
)";
  plugin::v1::ForecastTable table_;
  absl::Duration wall_time_ = absl::Seconds(20);
};

TEST_F(ForecastVerbTest, AnswersComeInTheOrderOfTheTable) {
  const auto answers = Forecast(R"(
for s in reversed(request['table']['series']):
    answer(s['id'], s['values'][-1])
)");
  ASSERT_TRUE(answers.ok()) << answers.status();
  ASSERT_EQ(answers->size(), 2u);
  EXPECT_THAT((*answers)[0]->point, ElementsAre('a'));
  EXPECT_THAT((*answers)[1]->point, ElementsAre('b'));
}

TEST_F(ForecastVerbTest, AnErrorOfOneSeriesLeavesTheOthers) {
  const auto answers = Forecast("answer('a', 'NaN'); answer('b', 2)");
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT((*answers)[0],
              StatusIs(absl::StatusCode::kInternal, HasSubstr("finite")));
  EXPECT_TRUE((*answers)[1].ok());
}

TEST_F(ForecastVerbTest, ASeriesWithoutAnAnswerSaysSo) {
  const auto answers = Forecast("answer('a', 1)");
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT((*answers)[1], StatusIs(absl::StatusCode::kInternal,
                                      HasSubstr("\"b\" has no forecast")));
}

TEST_F(ForecastVerbTest, ASeriesThatWasNotAskedForIsABreach) {
  ExpectFails("answer('c', 1)", absl::StatusCode::kInternal,
              "\"c\" was not asked for");
}

TEST_F(ForecastVerbTest, ASecondAnswerIsABreach) {
  ExpectFails("answer('a', 1); answer('a', 1)", absl::StatusCode::kInternal,
              "\"a\" is answered twice");
}

TEST_F(ForecastVerbTest, ACrashFailsTheWhole) {
  ExpectFails("answer('a', 1); os.kill(os.getpid(), signal.SIGSEGV)",
              absl::StatusCode::kInternal, "crashed by signal");
}

TEST_F(ForecastVerbTest, AProgramThatHangsIsEnded) {
  wall_time_ = absl::Milliseconds(300);
  ExpectFails("time.sleep(60)", absl::StatusCode::kInternal,
              "took longer than the 300ms");
}

TEST_F(ForecastVerbTest, WhatSaysNotThatItForecastsIsNotAsked) {
  EXPECT_THAT(Forecast("answer('a', 1)", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("plugin p is no model")));
}

}  // namespace
}  // namespace headway::ingest
