// A store, plugins that say what a test writes for them, and definitions from
// text. Time is simulated, processes are real.
#ifndef HEADWAY_TESTS_PIPELINE_PIPELINE_FIXTURE_H_
#define HEADWAY_TESTS_PIPELINE_PIPELINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/series/period.h"
#include "tests/support/plugin_fixture.h"

namespace headway::pipeline {

class PipelineTest : public ingest::PluginTest {
 protected:
  PipelineTest() { std::filesystem::create_directory(Pipelines()); }

  std::string Pipelines() const { return directory_.Join("pipelines"); }

  void Define(absl::string_view file, absl::string_view text) {
    WriteFile(absl::StrCat(Pipelines(), "/", file), text);
  }

  // A plugin that says, whenever it is asked to read, what Say wrote for it.
  void InstallSayer(const std::string& plugin) {
    Install(plugin,
            ShellPlugin(plugin, absl::StrCat("cat ", SaysPath(plugin))));
    WriteFile(SaysPath(plugin), "");
  }

  // Months from 2020-01 on.
  void Say(const std::string& plugin, const std::string& metric,
           const std::vector<double>& values) {
    std::vector<std::string> periods;
    for (size_t i = 0; i < values.size(); ++i) {
      periods.push_back(absl::StrCat("\"", Month(i), "\""));
    }
    WriteFile(SaysPath(plugin),
              absl::StrCat(R"({"series":{"id":"s","metric":")", metric,
                           R"(","frequency":"MONTHLY","unit":"USD"}})", "\n",
                           R"({"observations":{"series":"s","periods":[)",
                           absl::StrJoin(periods, ","), R"(],"values":[)",
                           absl::StrJoin(values, ","), "]}}\n",
                           R"({"checkpoint":{}})", "\n"));
  }

  static std::string Month(int since_2020) {
    return series::FormatPeriod(
        {series::Frequency::kMonthly,
         series::ParsePeriod("2020-01")->ordinal + since_2020});
  }

  // As a program that pushes does.
  void Push(const std::string& metric, const std::vector<double>& values,
            std::vector<series::Labels::Pair> labels = {}) {
    store::VintageUpdate update;
    update.info.key.metric = metric;
    update.info.key.labels = series::Labels::Create(std::move(labels)).value();
    update.info.unit = series::Unit::Parse("USD").value();
    update.known_at = clock_.Now();
    for (size_t i = 0; i < values.size(); ++i) {
      update.ordinals.push_back(series::ParsePeriod("2020-01")->ordinal +
                                static_cast<int>(i));
    }
    update.values = values;
    auto committed = store_->Commit({.updates = {update}});
    ASSERT_TRUE(committed.ok()) << committed.status();
  }

  // One value of each of so many series, in one commit: so many that their
  // evaluation asks on its way whether somebody still waits for it.
  static constexpr int kManySeries = 1100;
  void PushMany(const std::string& metric, double value) {
    store::Batch batch;
    for (int i = 0; i < kManySeries; ++i) {
      store::VintageUpdate& update = batch.updates.emplace_back();
      update.info.key.metric = metric;
      update.info.key.labels =
          series::Labels::Create({{"n", absl::StrCat(i)}}).value();
      update.info.unit = series::Unit::Parse("USD").value();
      update.known_at = clock_.Now();
      update.ordinals = {series::ParsePeriod("2020-01")->ordinal};
      update.values = {value};
    }
    auto committed = store_->Commit(batch);
    ASSERT_TRUE(committed.ok()) << committed.status();
  }

  static std::vector<double> Rising(int count, double from = 100) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(from + i);
    return values;
  }

 private:
  std::string SaysPath(const std::string& plugin) const {
    return directory_.Join(plugin + ".jsonl");
  }
};

}  // namespace headway::pipeline

#endif  // HEADWAY_TESTS_PIPELINE_PIPELINE_FIXTURE_H_
