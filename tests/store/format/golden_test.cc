// The bytes of a small store, against those kept in testdata: what this program
// writes is what it wrote, and what it wrote can be read.
//
// If the format was changed on purpose, raise kFormatVersion and run
//   HEADWAY_WRITE_GOLDEN=1 store_test --gtest_filter='GoldenTest.*'
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "tests/store/faults/disk.h"
#include "tests/store/faults/test_engine.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

struct NamedFamily {
  Family family;
  const char* name;
};
constexpr NamedFamily kFamilies[] = {
    {Family::kMeta, "meta"},           {Family::kSeries, "series"},
    {Family::kKeys, "keys"},           {Family::kIndex, "index"},
    {Family::kVintages, "vintages"},   {Family::kCurrent, "current"},
    {Family::kCommits, "commits"},     {Family::kCheckpoints, "checkpoints"},
    {Family::kForecasts, "forecasts"}, {Family::kRuns, "runs"},
    {Family::kScores, "scores"},       {Family::kVerdicts, "verdicts"},
    {Family::kState, "state"},         {Family::kDescriptions, "descriptions"},
    {Family::kChanges, "changes"},
};

std::string GoldenPath(uint64_t format) {
  return absl::StrCat(HEADWAY_SOURCE_DIR,
                      "/tests/store/format/testdata/format-", format, ".txt");
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class GoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    FillStore();
    FillSources();
    FillStatuses();
    FillHalfYears();
    written_ = ListBytes();
    if (std::getenv("HEADWAY_WRITE_GOLDEN") == nullptr) return;
    std::ofstream file(GoldenPath(kFormatVersion));
    for (const std::string& line : written_) file << line << "\n";
  }

  std::unique_ptr<Engine> OpenEngine(FaultDisk* disk) {
    auto engine = OpenTestEngine(disk);
    if (!engine.ok()) ADD_FAILURE() << engine.status();
    return *std::move(engine);
  }

  std::unique_ptr<Store> OpenStore(FaultDisk* disk) {
    auto store = Store::Open(OpenEngine(disk), &clock_, Store::Options());
    if (!store.ok()) ADD_FAILURE() << store.status();
    return *std::move(store);
  }

  static series::SeriesInfo Exports() {
    series::SeriesInfo exports =
        MonthlySeries("exports_usd", {{"partner", "CHN"}, {"reporter", "USA"}});
    exports.title = "Exports";
    exports.source_name = "census";
    return exports;
  }

  // Each kind of key, value and column that format 2 had.
  void FillStore() {
    std::unique_ptr<Store> store = OpenStore(&disk_);
    const series::SeriesInfo exports = Exports();
    series::SeriesInfo scores = MonthlySeries("score");
    scores.key.frequency = series::Frequency::kDaily;
    auto commit = [&](const Batch& batch) {
      clock_.Advance(absl::Hours(1));
      auto result = store->Commit(batch);
      ASSERT_TRUE(result.ok()) << result.status();
    };
    // More vintages than a head holds, with a decimal a month.
    for (int month = 1; month <= 40; ++month) {
      Batch batch;
      VintageUpdate update;
      update.info = exports;
      update.known_at = At("2020-01-10") + absl::Hours(24 * 30 * month);
      update.ordinals = {600 + month - 1, 600 + month};
      update.values = {month + 0.25, month + 0.5};
      batch.updates = {update};
      batch.provenance = {"census", "census-plugin", "1.2", "ab12",
                          absl::StrCat("run-", month)};
      batch.checkpoints = {{"census", "exports", absl::StrCat(month)}};
      commit(batch);
    }
    // A snapshot, no decimals, gaps.
    VintageUpdate snapshot;
    snapshot.info = scores;
    snapshot.known_at = At("1969-12-30");
    snapshot.ordinals = {-20, -19, 3, 700, 5000};
    snapshot.values = {0.1 + 0.2, -0.0, 1e300, -5e-324, 123456789.125};
    snapshot.snapshot = true;
    commit({{snapshot}});
    // Withdrawals, a correction, a vintage inserted late, several at once.
    VintageUpdate withdrawal = snapshot;
    withdrawal.known_at = At("1970-01-05");
    withdrawal.ordinals = {3};
    withdrawal.values = {2};
    withdrawal.withdrawn = {-20, 700};
    withdrawal.snapshot = false;
    VintageUpdate inserted = withdrawal;
    inserted.known_at = At("1970-01-01");
    inserted.ordinals = {4};
    inserted.values = {7};
    inserted.withdrawn = {-19};
    commit({{withdrawal, inserted}});
    VintageUpdate backfill;
    backfill.info = exports;
    backfill.known_at = At("2020-06-01");
    backfill.ordinals = {580, 603};
    backfill.values = {1.5, 2.5};
    Batch late;
    late.updates = {backfill};
    late.provenance.source = "census";
    commit(late);
    Batch records;
    records.records = {{RecordKind::kForecasts, "f", "forecast"},
                       {RecordKind::kRuns, "r", "run"},
                       {RecordKind::kScores, "s", "score"},
                       {RecordKind::kVerdicts, "v", "verdict"},
                       {RecordKind::kState, "t", "state"}};
    commit(records);
    answers_[2] = Answers(*store);
  }

  // What format 3 has besides: a second source, one that goes first, and a
  // description that changes.
  void FillSources() {
    std::unique_ptr<Store> store = OpenStore(&disk_);
    for (const char* source : {"blog", "customs"}) {
      clock_.Advance(absl::Hours(1));
      VintageUpdate update;
      update.info = Exports();
      update.info.title = absl::StrCat("Exports by ", source);
      update.known_at = At("2024-01-03");
      update.ordinals = {610, 640};
      update.values = {1, 2};
      Batch batch;
      batch.updates = {update};
      batch.provenance.source = source;
      if (batch.provenance.source == "customs")
        batch.precedences["customs"] = 1;
      auto result = store->Commit(batch);
      ASSERT_TRUE(result.ok()) << result.status();
    }
    answers_[3] = Answers(*store);
  }

  // What format 4 has besides: the list of changes, and statuses: in a head, in
  // what it takes back, and in blocks.
  void FillStatuses() {
    using enum series::ObservationStatus;
    std::unique_ptr<Store> store = OpenStore(&disk_);
    for (int month = 1; month <= 20; ++month) {
      clock_.Advance(absl::Hours(1));
      VintageUpdate update;
      update.info = MonthlySeries("output", {{"country", "KOR"}});
      update.known_at = At("2021-01-10") + absl::Hours(24 * 30 * month);
      update.ordinals = {610 + month, 611 + month, 612 + month};
      update.values = {1, 2, 3};
      update.statuses = {kFinal, kProvisional,
                         month % 2 == 0 ? kPartial : kEstimated};
      auto result = store->Commit({{update}});
      ASSERT_TRUE(result.ok()) << result.status();
    }
    answers_[4] = Answers(*store);
  }

  // What format 5 has besides: half-years.
  void FillHalfYears() {
    std::unique_ptr<Store> store = OpenStore(&disk_);
    clock_.Advance(absl::Hours(1));
    VintageUpdate update;
    update.info = MonthlySeries("members");
    update.info.key.frequency = series::Frequency::kSemiannual;
    update.known_at = At("2024-01-03");
    update.ordinals = {106, 107};
    update.values = {1.5, 2};
    auto result = store->Commit({{update}});
    ASSERT_TRUE(result.ok()) << result.status();
    answers_[5] = Answers(*store);
  }

  // "family key value", in hexadecimal digits.
  std::vector<std::string> ListBytes() {
    std::unique_ptr<Engine> engine = OpenEngine(&disk_);
    const std::unique_ptr<View> view = engine->LatestView();
    std::vector<std::string> lines;
    for (const NamedFamily& family : kFamilies) {
      const std::unique_ptr<Cursor> it = view->NewCursor(family.family);
      for (it->SeekToFirst(); it->Valid(); it->Next()) {
        // Random; the golden file is that of a store of before it.
        if (it->key() == kIdentityKey) continue;
        lines.push_back(absl::StrCat(family.name, " ",
                                     absl::BytesToHexString(it->key()), " ",
                                     absl::BytesToHexString(it->value())));
      }
      EXPECT_TRUE(it->status().ok()) << it->status();
    }
    return lines;
  }

  // All that a reader says, as text.
  static std::vector<std::string> Answers(const Store& store) {
    const auto reader = store.NewReader();
    std::vector<std::string> answers;
    auto selected = reader->SelectSeries(series::Selector(), SIZE_MAX,
                                         std::nullopt, OwnSeries::kAlso);
    if (!selected.ok()) return {selected.status().ToString()};
    for (const SeriesEntry& entry : *selected) {
      answers.push_back(
          absl::StrCat(entry.id, " ", series::FormatSeriesKey(entry.info.key),
                       " ", entry.info.title, " ", entry.info.source_name));
      auto vintages = reader->ListVintages(entry.id);
      if (!vintages.ok()) return {vintages.status().ToString()};
      for (const Vintage& vintage : *vintages) {
        ReadOptions options;
        options.as_of = vintage.known_at;
        auto column = reader->Read(entry.id, options);
        if (!column.ok()) return {column.status().ToString()};
        std::string line = absl::StrCat(
            absl::FormatTime(vintage.known_at), " ",
            absl::FormatTime(vintage.recorded_at), " ", vintage.provenance.run,
            " withdrawn ", vintage.withdrawn.size(), " changed ",
            vintage.ordinals.size(), ":");
        for (size_t i = 0; i < column->size(); ++i) {
          absl::StrAppend(
              &line, " ", column->ordinals[i], "=",
              absl::Hex(std::bit_cast<uint64_t>(column->values[i])));
          if (column->statuses.empty()) continue;
          absl::StrAppend(&line, " ",
                          series::ObservationStatusName(column->statuses[i]));
        }
        answers.push_back(std::move(line));
      }
    }
    auto log = reader->ListCommits(0, SIZE_MAX);
    if (!log.ok()) return {log.status().ToString()};
    for (const CommitEntry& entry : *log) {
      answers.push_back(absl::StrCat(entry.commit, " ", entry.run, " ",
                                     absl::FormatTime(entry.recorded_at)));
    }
    auto changes = reader->ListChanges(0, SIZE_MAX);
    if (!changes.ok()) return {changes.status().ToString()};
    for (const CommitEntry& entry : *changes) {
      answers.push_back(absl::StrCat("change ", entry.commit));
    }
    for (RecordKind kind :
         {RecordKind::kForecasts, RecordKind::kRuns, RecordKind::kScores,
          RecordKind::kVerdicts, RecordKind::kState}) {
      auto records = reader->ScanRecords(kind, "");
      if (!records.ok()) return {records.status().ToString()};
      for (const auto& [key, value] : *records) {
        answers.push_back(absl::StrCat(key, " ", value));
      }
    }
    auto checkpoints = reader->GetCheckpoints("census");
    if (!checkpoints.ok()) return {checkpoints.status().ToString()};
    for (const Checkpoint& checkpoint : *checkpoints) {
      answers.push_back(absl::StrCat(checkpoint.stream, " ", checkpoint.state));
    }
    return answers;
  }

  SimulatedClock clock_{At("2024-01-01")};
  FaultDisk disk_{0};
  // By the format that can hold them.
  std::map<uint64_t, std::vector<std::string>> answers_;
  std::vector<std::string> written_;
};

constexpr char kAdvice[] =
    "This program does not write what stores of its format hold. If that was "
    "meant, raise kFormatVersion in daemon/store/format/format.h, and write "
    "the "
    "golden "
    "file anew: see golden_test.cc";

TEST_F(GoldenTest, WritesTheBytesOfItsFormat) {
  const std::string path = GoldenPath(kFormatVersion);
  const std::vector<std::string> golden = ReadLines(path);
  ASSERT_FALSE(golden.empty()) << path << " is not there. " << kAdvice;
  for (size_t i = 0; i < std::min(golden.size(), written_.size()); ++i) {
    ASSERT_EQ(written_[i], golden[i]) << "line " << i + 1 << ". " << kAdvice;
  }
  ASSERT_EQ(written_.size(), golden.size()) << kAdvice;
}

class GoldenFormatTest : public GoldenTest,
                         public testing::WithParamInterface<uint64_t> {};

TEST_P(GoldenFormatTest, AnswersAsBefore) {
  FaultDisk disk(1);
  {
    std::unique_ptr<Engine> engine = OpenEngine(&disk);
    WriteBatch batch;
    for (const std::string& line : ReadLines(GoldenPath(GetParam()))) {
      const std::vector<std::string> parts = absl::StrSplit(line, ' ');
      ASSERT_EQ(parts.size(), 3u) << line;
      for (const NamedFamily& family : kFamilies) {
        if (parts[0] != family.name) continue;
        batch.Put(family.family, absl::HexStringToBytes(parts[1]),
                  absl::HexStringToBytes(parts[2]));
      }
    }
    ASSERT_TRUE(engine->Write(batch).ok());
  }
  EXPECT_EQ(Answers(*OpenStore(&disk)), answers_[GetParam()]) << kAdvice;
}

INSTANTIATE_TEST_SUITE_P(Each, GoldenFormatTest,
                         testing::Range(kOldestFormat, kFormatVersion + 1));

}  // namespace
}  // namespace headway::store
