// A real store in a directory of its own, and functions that say in a line what
// to write to it.
#ifndef HEADWAY_TESTS_SUPPORT_STORE_FIXTURE_H_
#define HEADWAY_TESTS_SUPPORT_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/series/period.h"
#include "daemon/store/store.h"
#include "tests/support/temp_directory.h"

namespace headway::store {

inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", text, &time, &error)) std::abort();
  return time;
}

inline int32_t Ordinal(absl::string_view period) {
  return series::ParsePeriod(period).value().ordinal;
}

inline series::SeriesInfo MonthlySeries(
    absl::string_view metric, std::vector<series::Labels::Pair> labels = {}) {
  series::SeriesInfo info;
  info.key.metric = std::string(metric);
  info.key.labels = series::Labels::Create(std::move(labels)).value();
  info.key.frequency = series::Frequency::kMonthly;
  info.vintage_kind = series::VintageKind::kNative;
  return info;
}

using Values = std::map<std::string, double>;

inline VintageUpdate Update(
    const series::SeriesInfo& info, absl::string_view known_at,
    const Values& values,
    std::initializer_list<absl::string_view> withdrawn = {}) {
  VintageUpdate update;
  update.info = info;
  update.known_at = At(known_at);
  // Periods of one frequency sort as texts do.
  for (const auto& [period, value] : values) {
    update.ordinals.push_back(Ordinal(period));
    update.values.push_back(value);
  }
  for (absl::string_view period : withdrawn) {
    update.withdrawn.push_back(Ordinal(period));
  }
  return update;
}

inline VintageUpdate SnapshotUpdate(const series::SeriesInfo& info,
                                    absl::string_view known_at,
                                    const Values& values) {
  VintageUpdate update = Update(info, known_at, values);
  update.snapshot = true;
  return update;
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    auto store = Store::Open(directory_.path(), &clock_, options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  CommitResult Commit(const Batch& batch) {
    absl::StatusOr<CommitResult> result = store_->Commit(batch);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(CommitResult());
  }

  CommitResult Commit(std::vector<VintageUpdate> updates) {
    Batch batch;
    batch.updates = std::move(updates);
    return Commit(batch);
  }

  SeriesId Find(const series::SeriesInfo& info) {
    absl::StatusOr<SeriesEntry> entry =
        store_->NewReader()->FindSeries(info.key);
    EXPECT_TRUE(entry.ok()) << entry.status();
    return entry.ok() ? entry->id : 0;
  }

  static Values ToValues(const series::Observations& column) {
    Values values;
    for (size_t i = 0; i < column.size(); ++i) {
      values[series::FormatPeriod({column.frequency, column.ordinals[i]})] =
          column.values[i];
    }
    return values;
  }

  Values Read(const series::SeriesInfo& info, const ReadOptions& options = {}) {
    absl::StatusOr<series::Observations> column =
        store_->NewReader()->Read(Find(info), options);
    EXPECT_TRUE(column.ok()) << column.status();
    return column.ok() ? ToValues(*column) : Values();
  }

  Values ReadAsOf(const series::SeriesInfo& info, absl::string_view as_of) {
    ReadOptions options;
    options.as_of = At(as_of);
    return Read(info, options);
  }

  TempDirectory directory_;
  SimulatedClock clock_{At("2024-01-01")};
  Store::Options options_;
  std::unique_ptr<Store> store_;
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_SUPPORT_STORE_FIXTURE_H_
