// Sources that share series, and one that takes the place of another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/series/period.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// By model, the last value that is read.
using Table = std::map<std::string, double>;

class TakeoverTest : public PluginTest {
 protected:
  // Installs a plugin that lists these models, complete, and pulls from it.
  void PullTable(const std::string& name, const Table& table,
                 const std::string& more = "") {
    std::string body;
    for (const auto& [model, value] : table) {
      absl::StrAppend(&body, "define(id='", model,
                      "', metric='score', labels={'model': '", model, "'}",
                      more, ")\nobserve({'2024-01': ", value, "}, series='",
                      model, "')\n");
    }
    Install(name, PythonPlugin(
                      name, absl::StrCat(body, "checkpoint(complete=True)")));
    Source source = MakeSource(name);
    source.name = name;
    source.precedence = name == "live" ? 1 : 0;
    source.accept_suspicious = true;
    source.replaces = replaces_[name];
    PullObserver observer;
    observer.last_pull = last_pulls_[name].time;
    auto report = host_->Pull(source, "runs/1", observer);
    ASSERT_TRUE(report.ok()) << report.status();
    last_pulls_[name].time = clock_.Now();
    clock_.Advance(absl::Hours(24));
  }

  Table Read(absl::Time as_of = absl::InfiniteFuture()) {
    Table table;
    const auto reader = store_->NewReader();
    const auto entries = reader->SelectSeries(series::Selector()).value();
    for (const store::SeriesEntry& entry : entries) {
      const auto column = reader->Read(entry.id, {.as_of = as_of}).value();
      if (column.empty()) continue;
      table[std::string(entry.info.key.labels.Get("model"))] =
          column.values.back();
    }
    return table;
  }

  std::map<std::string, std::string> replaces_;
  // InfinitePast where there was none, as a pipeline has it.
  struct Instant {
    absl::Time time = absl::InfinitePast();
  };
  std::map<std::string, Instant> last_pulls_;
};

TEST_F(TakeoverTest, ACompleteStreamLeavesWhatOthersDelivered) {
  PullTable("sample", {{"gpt", 10}, {"qwen", 8}});
  PullTable("live", {{"gpt", 11}});
  PullTable("live", {});
  EXPECT_THAT(Read(), ElementsAre(Pair("gpt", 10), Pair("qwen", 8)));
}

TEST_F(TakeoverTest, LeavesNoOrphanOfTheSourceThatItReplaces) {
  PullTable("sample", {{"gpt", 10}, {"qwen-max", 8}});
  replaces_["live"] = "sample";
  PullTable("live", {{"gpt", 11}, {"qwen 2.5 max", 8}});
  EXPECT_THAT(Read(), ElementsAre(Pair("gpt", 11), Pair("qwen 2.5 max", 8)));
}

class TakeoverOfTest : public TakeoverTest,
                       public testing::WithParamInterface<const char*> {};

TEST_P(TakeoverOfTest, WhatWasKnownBeforeStaysKnownThen) {
  const std::string more = absl::StrCat(", vintage_kind='", GetParam(), "'");
  PullTable("sample", {{"gpt", 10}, {"qwen-max", 8}}, more);
  const absl::Time before = clock_.Now() - absl::Hours(1);
  const absl::Time long_before = before - absl::Hours(24 * 300);
  const Table known = Read(before);
  const Table known_long_before = Read(long_before);
  replaces_["live"] = "sample";
  PullTable("live", {{"gpt", 11}, {"qwen 2.5 max", 8}}, more);
  EXPECT_EQ(Read(before), known);
  EXPECT_EQ(Read(long_before), known_long_before);
}

INSTANTIATE_TEST_SUITE_P(Vintages, TakeoverOfTest,
                         testing::Values("OBSERVED", "ASSUMED"),
                         [](const auto& info) { return info.param; });

TEST_F(TakeoverTest, GoingBackLeavesNothingTwiceEither) {
  PullTable("sample", {{"gpt", 10}, {"qwen-max", 8}});
  replaces_["live"] = "sample";
  PullTable("live", {{"gpt", 11}, {"qwen 2.5 max", 8}});
  const absl::Time live = clock_.Now() - absl::Hours(1);
  const Table known = Read(live);
  replaces_ = {{"sample", "live"}};
  PullTable("sample", {{"gpt", 10}, {"qwen-max", 8}});
  EXPECT_THAT(Read(), ElementsAre(Pair("gpt", 10), Pair("qwen-max", 8)));
  EXPECT_EQ(Read(live), known);
}

TEST_F(TakeoverTest, OneThatDeliversNothingTakesNoPlace) {
  PullTable("sample", {{"gpt", 10}});
  replaces_["live"] = "sample";
  PullTable("live", {});
  EXPECT_THAT(Read(), ElementsAre(Pair("gpt", 10)));
}

TEST_F(TakeoverTest, ASourceThatDeliversOnStillStandsApart) {
  PullTable("sample", {{"gpt", 10}});
  PullTable("live", {{"gpt", 11}});
  PullTable("sample", {{"gpt", 12}});
  EXPECT_THAT(Read(), ElementsAre(Pair("gpt", 11)));
}

// What an earlier read lacked was not known then.
TEST_F(TakeoverTest, AnAssumedValueThatCameLateIsDatedByTheRead) {
  auto pull = [&](const std::string& points) {
    Install("p",
            PythonPlugin("p", absl::StrCat("define(vintage_kind='ASSUMED', "
                                           "release_lag='864000s')\nobserve({",
                                           points, "})\ncheckpoint()")));
    PullObserver observer;
    observer.last_pull = last_pulls_["p"].time;
    auto report = host_->Pull(MakeSource("p"), "runs/1", observer);
    ASSERT_TRUE(report.ok()) << report.status();
    last_pulls_["p"].time = clock_.Now();
  };
  pull("'2025-03': 3");
  clock_.Advance(absl::Hours(24));
  // April was over, and its ten days, when the source was read without it; June
  // was not.
  pull("'2025-03': 3, '2025-04': 4");
  EXPECT_THAT(Read(clock_.Now() - absl::Seconds(1)), ElementsAre(Pair("", 3)));
  EXPECT_THAT(Read(clock_.Now()), ElementsAre(Pair("", 4)));
  clock_.Advance(absl::Hours(24 * 40));
  pull("'2025-03': 3, '2025-04': 4, '2025-06': 6");
  const absl::Time usual =
      absl::FromCivil(absl::CivilDay(2025, 7, 11), absl::UTCTimeZone());
  EXPECT_THAT(Read(usual - absl::Seconds(1)), ElementsAre(Pair("", 4)));
  EXPECT_THAT(Read(usual), ElementsAre(Pair("", 6)));
}

}  // namespace
}  // namespace headway::ingest
