// Files that are damaged while the store is closed: an error or the data, never
// other values. HEADWAY_TEST_DAMAGES says how often each file is damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/disk.h"
#include "tests/store/faults/store_writer.h"
#include "tests/store/faults/test_engine.h"
#include "tests/store/model/naive_model.h"
#include "tests/support/random_seed.h"

namespace headway::store {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

#ifdef HEADWAY_SANITIZED
constexpr uint64_t kDamages = 15;
#else
constexpr uint64_t kDamages = 80;
#endif
constexpr int kInTables = 20;
// More than a block of the log holds.
constexpr int kInLog = 70;

// Which files, by a part of their path.
struct Kind {
  const char* name;
  const char* path_part;
};

class DamageTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    random_.seed(TestSeed());
    disk_ = std::make_unique<FaultDisk>(random_());
    ASSERT_TRUE(TryToOpen().ok());
    Commit(kInTables);
    // Reopening moves the log into tables.
    ASSERT_TRUE(TryToOpen().ok());
    Commit(kInLog);
    for (int n = 0; n <= kInTables + kInLog; ++n) states_.push_back(StateAt(n));
    store_.reset();
    whole_ = std::move(disk_);
  }

  void TearDown() override { store_.reset(); }

  absl::Status TryToOpen() {
    store_.reset();
    auto engine = OpenTestEngine(disk_.get());
    if (!engine.ok()) return engine.status();
    auto store = Store::Open(*std::move(engine), &clock_, Store::Options());
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return absl::OkStatus();
  }

  void Commit(int batches) {
    for (int i = 0; i < batches; ++i) {
      auto result = store_->Commit(WriterBatch(0, ++committed_));
      ASSERT_TRUE(result.ok()) << result.status();
    }
  }

  // What the first series holds after so many commits.
  static series::Observations StateAt(int64_t commits) {
    std::vector<int32_t> periods;
    for (int i = 0; i < kWriterPeriods; ++i) periods.push_back(i);
    NaiveSeries model(periods);
    for (int64_t n = 1; n <= commits && WriterEra(n) == 0; ++n) {
      model.Apply(WriterBatch(0, n).updates[0], n);
    }
    return model.Read(series::Frequency::kMonthly, {});
  }

  std::vector<std::string> FilesOfKind() const {
    std::vector<std::string> files;
    for (const std::string& path : whole_->Files()) {
      if (absl::StrContains(path, GetParam().path_part) &&
          !whole_->Contents(path).empty()) {
        files.push_back(path);
      }
    }
    return files;
  }

  // An error an operator can act on.
  void CheckError(const absl::Status& status) {
    EXPECT_THAT(
        status.code(),
        testing::AnyOf(StatusCode::kDataLoss, StatusCode::kInternal,
                       StatusCode::kNotFound, StatusCode::kFailedPrecondition))
        << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(FaultDisk::kDirectory));
  }

  // Opens and reads what can be read: errors, or the state after all commits
  // from `at_least` on. Returns whether there was an error.
  bool LookAtIt(int64_t at_least) {
    const absl::Status opened = TryToOpen();
    if (!opened.ok()) {
      CheckError(opened);
      return true;
    }
    bool error = false;
    const auto reader = store_->NewReader();
    const auto commits = static_cast<int64_t>(reader->commit());
    EXPECT_GE(commits, at_least);
    EXPECT_LE(commits, committed_);
    auto entry = reader->FindSeries(WriterSeries(0, 0, 0).key);
    auto column = reader->Read(1);
    auto vintages = reader->ListVintages(1);
    if (entry.ok()) {
      EXPECT_EQ(entry->id, 1u);
    } else {
      error = true;
      CheckError(entry.status());
    }
    if (column.ok()) {
      EXPECT_EQ(Difference(*column, states_[commits]), "");
    } else {
      error = true;
      CheckError(column.status());
    }
    if (vintages.ok()) {
      EXPECT_EQ(LastState(*vintages), states_[commits].values);
    } else {
      error = true;
      CheckError(vintages.status());
    }
    // Whatever this says, it must not end the process.
    const absl::Status written =
        store_->Commit(WriterBatch(0, commits + 1)).status();
    if (!written.ok()) CheckError(written);
    return error;
  }

  static std::vector<double> LastState(const std::vector<Vintage>& vintages) {
    std::map<int32_t, double> state;
    for (const Vintage& vintage : vintages) {
      for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
        state[vintage.ordinals[i]] = vintage.values[i];
      }
      for (int32_t ordinal : vintage.withdrawn) state.erase(ordinal);
    }
    std::vector<double> values;
    for (const auto& [ordinal, value] : state) values.push_back(value);
    return values;
  }

  std::mt19937_64 random_;
  SimulatedClock clock_{At("2024-01-01")};
  std::unique_ptr<FaultDisk> whole_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<Store> store_;
  int64_t committed_ = 0;
  std::vector<series::Observations> states_;
};

// Nothing tells a damaged length of a record near the end of the log from a
// record that a crash tore; so the log may end early there.
constexpr size_t kLogBlockBytes = 32768;

TEST_P(DamageTest, AFlippedBitIsAnErrorOrNoMatterAndNeverAnotherValue) {
  const std::vector<std::string> files = FilesOfKind();
  ASSERT_FALSE(files.empty());
  int errors = 0;
  const uint64_t damages = FromEnvironment("HEADWAY_TEST_DAMAGES", kDamages);
  for (uint64_t i = 0; i < damages; ++i) {
    const std::string& path = files[random_() % files.size()];
    disk_ = whole_->Copy();
    std::string bytes = disk_->Contents(path);
    const size_t at = random_() % bytes.size();
    bytes[at] ^= 1 << (random_() % 8);
    const bool in_last_block =
        at / kLogBlockBytes == (bytes.size() - 1) / kLogBlockBytes;
    disk_->SetContents(path, bytes);
    SCOPED_TRACE(absl::StrCat("byte ", at, " of ", bytes.size(), " of ", path));
    const bool is_log = absl::EndsWith(path, ".log");
    errors += LookAtIt(is_log && in_last_block ? kInTables : committed_);
    store_.reset();
    if (HasFailure()) return;
  }
  std::cout << errors << " of " << damages << " were noticed\n";
  EXPECT_GT(errors, 0);
}

// RocksDB does not miss the log that it was writing to last: the store is then
// as it was before it.
TEST_P(DamageTest, AMissingFileIsAnErrorOrTheEndOfTheLog) {
  for (const std::string& path : FilesOfKind()) {
    SCOPED_TRACE(path);
    disk_ = whole_->Copy();
    disk_->Remove(path);
    const bool is_log = absl::EndsWith(path, ".log");
    const bool error = LookAtIt(is_log ? kInTables : committed_);
    EXPECT_TRUE(error || is_log);
    store_.reset();
  }
}

TEST_P(DamageTest, ATruncatedFileIsAnErrorOrTheEndOfTheLog) {
  const std::vector<std::string> files = FilesOfKind();
  for (uint64_t i = 0; i < kDamages / 4; ++i) {
    const std::string& path = files[random_() % files.size()];
    disk_ = whole_->Copy();
    std::string bytes = disk_->Contents(path);
    bytes.resize(random_() % bytes.size());
    disk_->SetContents(path, bytes);
    SCOPED_TRACE(absl::StrCat(path, " cut to ", bytes.size()));
    const bool is_log = absl::EndsWith(path, ".log");
    const bool error = LookAtIt(is_log ? kInTables : committed_);
    EXPECT_TRUE(error || is_log);
    store_.reset();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, DamageTest,
                         testing::Values(Kind{"Table", ".sst"},
                                         Kind{"Log", ".log"},
                                         Kind{"Manifest", "MANIFEST"},
                                         Kind{"Current", "CURRENT"}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace headway::store
