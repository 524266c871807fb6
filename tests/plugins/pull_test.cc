// The plugins that ship, pulled by the daemon's own host into a real store:
// what their messages come to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/series/labels.h"
#include "daemon/store/store.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kHeader[] =
    "Model,Publication date,Training compute (FLOP),Country\n";

absl::Time Day(int month, int day) {
  return absl::FromCivil(absl::CivilDay(2026, month, day), absl::UTCTimeZone());
}

class PullTest : public testing::Test {
 protected:
  PullTest() : clock_(Day(3, 1)) {
    auto store = store::Store::Open(directory_.Join("store"), &clock_, {});
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    host_ = std::make_unique<ingest::PluginHost>(
        ingest::PluginHost::Options{
            .directories = {std::string(HEADWAY_BIN_DIR) + "/plugins"}},
        &clock_, store_.get());
  }

  // Replaces the table at the address of the source and pulls it.
  ingest::PullReport Pull(const std::string& plugin, const std::string& table,
                          std::map<std::string, std::string> config = {}) {
    const std::string path = directory_.Join("table.csv");
    WriteFile(path, table);
    config["url"] = "file://" + path;
    auto report = host_->Pull({.name = "s", .plugin = plugin, .config = config},
                              "run-1", {});
    EXPECT_THAT(report, IsOk());
    return report.ok() ? *report : ingest::PullReport();
  }

  // The values of a series, "period=value", as of an instant.
  std::vector<std::string> Values(const std::string& metric,
                                  std::vector<series::Labels::Pair> labels,
                                  absl::Time as_of,
                                  series::Frequency frequency) {
    series::SeriesKey key{metric, *series::Labels::Create(std::move(labels)),
                          frequency};
    auto reader = store_->NewReader();
    auto entry = reader->FindSeries(key);
    if (!entry.ok()) return {};
    auto read = reader->Read(entry->id, {.as_of = as_of});
    EXPECT_THAT(read, IsOk());
    std::vector<std::string> out;
    for (size_t i = 0; i < read->size(); ++i) {
      out.push_back(
          absl::StrCat(series::FormatPeriod({frequency, read->ordinals[i]}),
                       "=", read->values[i]));
    }
    return out;
  }

  std::vector<std::string> Release(const std::string& model, absl::Time as_of) {
    return Values("model_release", {{"model", model}, {"country", "CHN"}},
                  as_of, series::Frequency::kDaily);
  }

  SimulatedClock clock_;
  TempDirectory directory_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::PluginHost> host_;
};

TEST_F(PullTest, EveryPluginThatShipsDescribesItself) {
  std::vector<std::string> names;
  for (const ingest::PluginInfo& plugin : host_->ListPlugins()) {
    EXPECT_TRUE(plugin.status.ok()) << plugin.status;
    names.push_back(plugin.name);
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"census", "csv", "epoch"}));
  // The SDK lies beside the plugins that use it and is none.
  EXPECT_THAT(names, ::testing::Not(::testing::Contains("headway_plugin")));
}

TEST_F(PullTest, WithdrawsAModelThatEpochRemovedAndMovesOneItRedated) {
  Pull("epoch", absl::StrCat(kHeader, "Gone,2026-01-01,,China\n",
                             "Moved,2026-01-01,,China\n"));
  clock_.AdvanceTo(Day(4, 1));
  Pull("epoch", absl::StrCat(kHeader, "Moved,2026-01-09,,China\n"));
  EXPECT_THAT(Release("Gone", Day(3, 15)), ElementsAre("2026-01-01=1"));
  EXPECT_THAT(Release("Gone", Day(4, 15)), IsEmpty());
  EXPECT_THAT(Release("Moved", Day(3, 15)), ElementsAre("2026-01-01=1"));
  EXPECT_THAT(Release("Moved", Day(4, 15)), ElementsAre("2026-01-09=1"));
}

TEST_F(PullTest, StoresNothingWhenAnEpochTableDidNotChange) {
  const std::string table = absl::StrCat(kHeader, "A,2026-01-01,1e20,China\n");
  EXPECT_EQ(Pull("epoch", table).observations_changed, 2);
  clock_.AdvanceTo(Day(4, 1));
  EXPECT_EQ(Pull("epoch", table).observations_read, 0);
  EXPECT_THAT(Release("A", Day(4, 15)), ElementsAre("2026-01-01=1"));
}

TEST_F(PullTest, AnswersAsOfEachVintageOfACsvTable) {
  Pull("csv",
       "metric,partner,period,value,unit,known_at\n"
       "x,CHN,2025-12,10,USD,2026-02-05\n"
       "x,CHN,2025-11,7,USD,2026-01-05\n"
       "x,CHN,2025-11,8,USD,2026-02-05\n");
  auto as_of = [&](absl::Time time) {
    return Values("x", {{"partner", "CHN"}}, time, series::Frequency::kMonthly);
  };
  // When in the course of the day it came is not told.
  EXPECT_THAT(as_of(Day(1, 5)), IsEmpty());
  EXPECT_THAT(as_of(Day(1, 6)), ElementsAre("2025-11=7"));
  EXPECT_THAT(as_of(Day(2, 28)), ElementsAre("2025-11=8", "2025-12=10"));
}

TEST_F(PullTest, WithdrawsWhatAnEditionOfASnapshotTableLeavesOut) {
  Pull("csv",
       "metric,model,period,value,unit,known_at\n"
       "score,A,2025-11,1,index,2026-01-05\n"
       "score,B,2025-11,2,index,2026-01-05\n"
       "score,A,2025-12,3,index,2026-02-05\n",
       {{"snapshot", "true"}});
  auto as_of = [&](const std::string& model, absl::Time time) {
    return Values("score", {{"model", model}}, time,
                  series::Frequency::kMonthly);
  };
  EXPECT_THAT(as_of("A", Day(1, 15)), ElementsAre("2025-11=1"));
  EXPECT_THAT(as_of("A", Day(2, 15)), ElementsAre("2025-12=3"));
  EXPECT_THAT(as_of("B", Day(1, 15)), ElementsAre("2025-11=2"));
  EXPECT_THAT(as_of("B", Day(2, 15)), IsEmpty());
}

}  // namespace
}  // namespace headway
