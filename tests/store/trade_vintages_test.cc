// A real history of revisions: the vintages of a long-running trade tracker,
// loaded and read back as of many instants, against a scan of the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "tests/support/files.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

struct Row {
  series::SeriesInfo info;
  int32_t ordinal = 0;
  double value = 0;
  absl::Time known_at;
};

// Splits a line of CSV; a quoted field may hold commas and doubled quotes.
std::vector<std::string> SplitCsv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back().push_back(line[i++]);
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(line[i]);
    }
  }
  return fields;
}

// The file writes quarters as 2024Q3.
std::optional<series::Period> ToPeriod(std::string text) {
  if (text.size() == 6 && text[4] == 'Q') text.insert(4, "-");
  auto period = series::ParsePeriod(text);
  return period.ok() ? std::optional(*period) : std::nullopt;
}

class TradeVintagesTest : public StoreTest {
 protected:
  void SetUp() override {
    const std::string path = SharedDataDirectory() + "/trade/all_vintages.csv";
    if (!std::filesystem::exists(path)) {
      GTEST_SKIP() << "the shared test data are not here: " << path
                   << "; set HEADWAY_SHARED_DATA";
    }
    StoreTest::SetUp();
    LoadRows(path);
    ASSERT_GT(rows_.size(), 2000u);
  }

  void LoadRows(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      const std::vector<std::string> fields = SplitCsv(line);
      ASSERT_EQ(fields.size(), 11u) << line;
      // Half-years, which the file writes in its own way, and years to date.
      const std::optional<series::Period> period = ToPeriod(fields[2]);
      if (!period) {
        ++skipped_;
        continue;
      }
      Row row;
      std::vector<series::Labels::Pair> labels = {
          {"entity", fields[0]}, {"metric", fields[1]}, {"unit", fields[4]}};
      if (!fields[5].empty()) labels.emplace_back("currency", fields[5]);
      row.info.key.metric = "tracker";
      row.info.key.labels = series::Labels::Create(std::move(labels)).value();
      row.info.key.frequency = period->frequency;
      row.ordinal = period->ordinal;
      ASSERT_TRUE(absl::SimpleAtod(fields[3], &row.value)) << line;
      std::string error;
      ASSERT_TRUE(
          absl::ParseTime(absl::RFC3339_full, fields[7], &row.known_at, &error))
          << error;
      rows_.push_back(std::move(row));
    }
  }

  // One batch for each instant of retrieval, as a source would deliver them.
  int64_t LoadStore() {
    std::map<absl::Time, std::map<series::SeriesKey, std::map<int32_t, double>>>
        retrievals;
    for (const Row& row : rows_) {
      retrievals[row.known_at][row.info.key][row.ordinal] = row.value;
    }
    int64_t changed = 0;
    for (const auto& [known_at, columns] : retrievals) {
      Batch batch;
      for (const auto& [key, column] : columns) {
        VintageUpdate update;
        update.info.key = key;
        update.known_at = known_at;
        for (const auto& [ordinal, value] : column) {
          update.ordinals.push_back(ordinal);
          update.values.push_back(value);
        }
        batch.updates.push_back(std::move(update));
      }
      changed += Commit(batch).changed_observations;
    }
    return changed;
  }

  // Of each period the value retrieved last by `as_of`.
  std::map<int32_t, double> Scan(const series::SeriesKey& key,
                                 absl::Time as_of) const {
    std::map<int32_t, std::pair<absl::Time, double>> newest;
    for (const Row& row : rows_) {
      if (row.info.key != key || row.known_at > as_of) continue;
      auto [it, is_new] =
          newest.try_emplace(row.ordinal, row.known_at, row.value);
      if (!is_new && row.known_at >= it->second.first) {
        it->second = {row.known_at, row.value};
      }
    }
    std::map<int32_t, double> values;
    for (const auto& [ordinal, known] : newest) values[ordinal] = known.second;
    return values;
  }

  std::vector<Row> rows_;
  int skipped_ = 0;
};

TEST_F(TradeVintagesTest, ReadsAsOfEveryRetrievalAgreeWithAScanOfTheFile) {
  LoadStore();
  std::set<absl::Time> instants = {absl::InfiniteFuture(),
                                   absl::InfinitePast()};
  std::set<series::SeriesKey> keys;
  for (const Row& row : rows_) {
    instants.insert(row.known_at);
    instants.insert(row.known_at - absl::Microseconds(1));
    keys.insert(row.info.key);
  }
  auto reader = store_->NewReader();
  size_t revised = 0;
  for (const series::SeriesKey& key : keys) {
    auto entry = reader->FindSeries(key);
    ASSERT_TRUE(entry.ok()) << entry.status();
    std::map<int32_t, double> before;
    for (absl::Time as_of : instants) {
      ReadOptions options;
      options.as_of = as_of;
      auto column = reader->Read(entry->id, options);
      ASSERT_TRUE(column.ok()) << column.status();
      std::map<int32_t, double> values;
      for (size_t i = 0; i < column->size(); ++i) {
        values[column->ordinals[i]] = column->values[i];
      }
      const std::map<int32_t, double> expected = Scan(key, as_of);
      ASSERT_EQ(values, expected) << series::FormatSeriesKey(key) << as_of;
      for (const auto& [ordinal, value] : before) {
        revised += expected.at(ordinal) != value;
      }
      before = expected;
    }
  }
  // The file would prove little without revisions.
  EXPECT_GT(revised, 0u);
  std::cout << rows_.size() << " values of " << keys.size() << " series as of "
            << instants.size() << " instants, " << revised << " revisions; "
            << skipped_ << " values of periods that Headway does not have\n";
}

TEST_F(TradeVintagesTest, WhatWasOnlyConfirmedCostsNothing) {
  const int64_t changed = LoadStore();
  store_.reset();
  auto engine = Store::OpenEngine(directory_.path(), {});
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto view = (*engine)->NewView();
  size_t bytes = 0;
  for (Family family : {Family::kCurrent, Family::kVintages}) {
    auto it = view->NewCursor(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      bytes += it->key().size() + it->value().size();
    }
  }
  EXPECT_LT(changed, static_cast<int64_t>(rows_.size()));
  std::cout << rows_.size() << " values, " << changed
            << " of them new: " << static_cast<double>(bytes) / rows_.size()
            << " bytes a value with keys, before compression\n";
}

}  // namespace
}  // namespace headway::store
