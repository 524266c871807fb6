// What is found wrong in a store, each kind of damage by itself.
#include "daemon/store/upkeep/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "daemon/store/upkeep/compact.h"
#include "daemon/store/upkeep/stats.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class VerifyTest : public StoreTest {
 protected:
  // Two series with histories long enough for full blocks, one of them with
  // vintages that were inserted, corrected and withdrawn.
  void SetUp() override {
    StoreTest::SetUp();
    for (int day = 1; day <= 28; ++day) {
      const std::string date =
          absl::StrCat("2023-02-", day < 10 ? "0" : "", day);
      Commit({Update(first_, date, {{"2022-12", day}, {"2023-01", day / 2}}),
              Update(second_, date, {{"2023-01", -day}})});
    }
    Commit({Update(second_, "2023-02-05", {{"2022-11", 7}, {"2023-01", 8}}),
            Update(second_, "2023-02-20", {}, {"2023-01"}),
            SnapshotUpdate(second_, "2023-03-01", {{"2022-10", 1}})});
    Batch beside;
    beside.checkpoints = {{"customs", "all", "7"}};
    beside.records = {{RecordKind::kRuns, "run", "done"}};
    Commit(beside);
  }

  // Hands the engine under the store to `change`, while no store is open.
  template <typename Change>
  void Damage(Change change) {
    store_.reset();
    auto engine = Store::OpenEngine(directory_.path(), {});
    ASSERT_TRUE(engine.ok()) << engine.status();
    WriteBatch batch;
    change(*(*engine)->NewView(), &batch);
    ASSERT_TRUE((*engine)->Write(batch).ok());
    engine->reset();
    Open();
  }

  // The first key of a family, and what stands there.
  static std::pair<std::string, std::string> FirstOf(const View& view,
                                                     Family family) {
    const std::unique_ptr<Cursor> it = view.NewCursor(family);
    it->SeekToFirst();
    EXPECT_TRUE(it->Valid());
    return {std::string(it->key()), std::string(it->value())};
  }

  // Flips a bit of the first value of a family.
  void FlipIn(Family family) {
    Damage([family](const View& view, WriteBatch* batch) {
      auto [key, value] = FirstOf(view, family);
      value[value.size() / 2] ^= 4;
      batch->Put(family, key, value);
    });
  }

  VerifyCounts Verify() {
    problems_.clear();
    auto counts = VerifyStore(*store_, [this](const Problem& problem) {
      problems_.push_back(problem);
    });
    EXPECT_TRUE(counts.ok()) << counts.status();
    EXPECT_EQ(counts->problems, static_cast<int64_t>(problems_.size()));
    return *counts;
  }

  static testing::Matcher<Problem> Says(const std::string& thing,
                                        const std::string& what) {
    return AllOf(Field(&Problem::thing, HasSubstr(thing)),
                 Field(&Problem::what, HasSubstr(what)),
                 Field(&Problem::remedy, HasSubstr("backup")));
  }

  const series::SeriesInfo first_ = MonthlySeries("ships", {{"port", "A"}});
  const series::SeriesInfo second_ = MonthlySeries("ships", {{"port", "B"}});
  std::vector<Problem> problems_;
};

TEST_F(VerifyTest, AWholeStoreHasNoProblemsAndIsCounted) {
  const VerifyCounts counts = Verify();
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_EQ(counts.series, 2);
  EXPECT_EQ(counts.commits, 30);
  EXPECT_GT(counts.blocks, 2 * (28 - 16));
  // Two keys, and of each series its metric and its label.
  EXPECT_EQ(counts.index_entries, 2 + 4);
  EXPECT_EQ(counts.records, 2);
}

TEST_F(VerifyTest, AnEmptyStoreHasNoProblems) {
  TempDirectory directory;
  auto store = Store::Open(directory.path(), &clock_, options_);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  Verify();
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(VerifyTest, AFlippedBitInABlockIsFound) {
  FlipIn(Family::kVintages);
  Verify();
  EXPECT_THAT(problems_, Contains(Says("series 1, vintage known at 2023-02-",
                                       "checksum")));
}

TEST_F(VerifyTest, AFlippedBitInAHeadIsFound) {
  FlipIn(Family::kCurrent);
  Verify();
  EXPECT_THAT(problems_, Contains(Says("series 1", "checksum")));
}

TEST_F(VerifyTest, AFlippedBitInADescriptionIsFound) {
  FlipIn(Family::kSeries);
  Verify();
  EXPECT_THAT(problems_, Contains(Says("series 1", "checksum")));
}

TEST_F(VerifyTest, AFlippedBitInTheCommitLogIsFound) {
  FlipIn(Family::kCommits);
  Verify();
  EXPECT_THAT(problems_, Contains(Says("commit 1", "checksum")));
}

TEST_F(VerifyTest, AMissingCommitIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kCommits, EncodeId(7));
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(2));
  EXPECT_THAT(problems_[0], Says("commit 8", "the one before it"));
  EXPECT_THAT(problems_[1], Says("changes", "commits that are not there"));
}

TEST_F(VerifyTest, AMissingIndexEntryIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kIndex,
                  absl::StrCat(IndexPrefix("port", "B"), EncodeId(2)));
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0], Says("series 2", "no entry of port=\"B\""));
}

TEST_F(VerifyTest, AnIndexEntryTooManyIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Put(Family::kIndex,
               absl::StrCat(IndexPrefix("port", "C"), EncodeId(1)), "");
    batch->Put(Family::kIndex,
               absl::StrCat(IndexPrefix("port", "A"), EncodeId(9)), "");
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(2));
  EXPECT_THAT(problems_, Contains(Says("series 1", "a label that it has not")));
  EXPECT_THAT(problems_, Contains(Says("series 9", "not there")));
}

TEST_F(VerifyTest, AKeyThatLeadsElsewhereIsFound) {
  Damage([this](const View&, WriteBatch* batch) {
    batch->Put(Family::kKeys, EncodeOrderedKey(first_.key), EncodeId(2));
  });
  Verify();
  EXPECT_THAT(problems_, Contains(Says("series 1", "leads to another series")));
  EXPECT_THAT(problems_, Contains(Says("series 2", "not its own")));
}

TEST_F(VerifyTest, ASeriesMissingFromTheCatalogueIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kSeries, EncodeId(1));
  });
  Verify();
  EXPECT_THAT(problems_,
              Contains(Says("series 1", "missing from the catalogue")));
}

TEST_F(VerifyTest, VintagesOfNoSeriesAreFound) {
  Damage([](const View& view, WriteBatch* batch) {
    batch->Put(Family::kVintages, EncodeVintageKey({77, 1, 1}),
               FirstOf(view, Family::kVintages).second);
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0], Says("series 77", "vintages"));
}

TEST_F(VerifyTest, AHeadThatDoesNotFitItsVintagesIsFound) {
  Damage([](const View& view, WriteBatch* batch) {
    const auto [key, value] = FirstOf(view, Family::kCurrent);
    Head head = DecodeHead(value).value();
    // An old period, which none of the vintages in the head speaks of.
    head.state.ordinals.insert(head.state.ordinals.begin(), 0);
    head.state.values.insert(head.state.values.begin(), 7);
    batch->Put(Family::kCurrent, key, EncodeHead(head));
  });
  Verify();
  EXPECT_THAT(problems_,
              Contains(Says("series 1", "not what its vintages add up to")));
}

TEST_F(VerifyTest, AMissingBlockIsFound) {
  Damage([](const View& view, WriteBatch* batch) {
    batch->Delete(Family::kVintages, FirstOf(view, Family::kVintages).first);
  });
  Verify();
  EXPECT_THAT(problems_, Contains(Says("series 1", "its newest block")));
}

TEST_F(VerifyTest, AChangeThatIsNotListedIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kChanges, EncodeId(3));
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0], Says("commit 3", "not listed among the changes"));
}

TEST_F(VerifyTest, AListedChangeThatIsNoneIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Put(Family::kChanges, EncodeId(30), "");
    batch->Put(Family::kChanges, EncodeId(77), "");
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(2));
  EXPECT_THAT(problems_[0], Says("commit 30", "changed no series"));
  EXPECT_THAT(problems_[1], Says("changes", "1 of them are commits"));
}

TEST_F(VerifyTest, AMissingHeadIsFound) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kCurrent, EncodeId(2));
  });
  Verify();
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0], Says("series 2", "its head is missing"));
}

TEST_F(VerifyTest, AnotherFormatIsNamedAndNotMisread) {
  store_.reset();
  auto engine = Store::OpenEngine(directory_.path(), {});
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::string version;
  AppendVarint(kFormatVersion + 1, &version);
  WriteBatch batch;
  batch.Put(Family::kMeta, kFormatKey, version);
  ASSERT_TRUE((*engine)->Write(batch).ok());
  auto counts = VerifyEngine(**engine, [this](const Problem& problem) {
    problems_.push_back(problem);
  });
  ASSERT_TRUE(counts.ok()) << counts.status();
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_EQ(problems_[0].thing, "format");
  EXPECT_THAT(problems_[0].remedy, HasSubstr("run the version"));
}

TEST_F(VerifyTest, ADamagedTableIsNamedAndTheRestIsStillChecked) {
  ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  store_.reset();
  std::string largest;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_.path())) {
    const std::string path = entry.path();
    if (absl::EndsWith(path, ".sst") &&
        (largest.empty() || std::filesystem::file_size(path) >
                                std::filesystem::file_size(largest))) {
      largest = path;
    }
  }
  ASSERT_FALSE(largest.empty());
  std::fstream(largest, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(20)
      .put('!');
  Open();
  const VerifyCounts counts = Verify();
  EXPECT_THAT(problems_, Contains(Says(largest, "corrupt")));
  EXPECT_EQ(counts.series, 2);
}

TEST_F(VerifyTest, ReportsEachOfSeveralProblems) {
  Damage([](const View&, WriteBatch* batch) {
    batch->Delete(Family::kIndex,
                  absl::StrCat(IndexPrefix("port", "A"), EncodeId(1)));
    batch->Delete(Family::kCurrent, EncodeId(2));
    batch->Delete(Family::kCommits, EncodeId(3));
    batch->Delete(Family::kChanges, EncodeId(3));
  });
  Verify();
  EXPECT_THAT(problems_, SizeIs(3));
}

TEST_F(VerifyTest, EndsWhenNobodyWaitsForIt) {
  ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(VerifyStore(
                *store_, [](const Problem&) {},
                [] { return absl::DeadlineExceededError("too late"); })
                .status()
                .code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(VerifyTest, CompactionLeavesOnlyWhatIsRead) {
  const Values before = ReadAsOf(second_, "2023-02-10");
  // Each opening writes what was in the log to tables of its own.
  for (int i = 0; i < 3; ++i) {
    Open();
    Commit(
        {Update(first_, absl::StrCat("2023-04-0", i + 1), {{"2023-01", i}})});
  }
  Open();
  ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  const auto stats = GetStats(*store_);
  ASSERT_TRUE(stats.ok()) << stats.status();
  for (const auto& family : stats->usage.families) {
    if (family.name == "current") {
      EXPECT_EQ(family.estimated_keys, 2u) << "a head a series";
    }
  }
  EXPECT_EQ(ReadAsOf(second_, "2023-02-10"), before);
  Verify();
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(VerifyTest, StatsCountSeriesCommitsAndBytes) {
  // All is in tables then, and none is being written anew.
  ASSERT_TRUE(CompactStore(*store_, [] { return absl::OkStatus(); }).ok());
  Open();
  const auto stats = GetStats(*store_);
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->series, 2);
  EXPECT_EQ(stats->commits, 30u);
  EXPECT_EQ(stats->format, kFormatVersion);
  EXPECT_LT(stats->oldest_recorded_at, stats->newest_recorded_at);
  uint64_t on_disk = 0, told = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_.path())) {
    if (entry.path().extension() == ".sst") on_disk += entry.file_size();
  }
  for (const auto& family : stats->usage.families) told += family.bytes;
  EXPECT_EQ(told, on_disk);
  EXPECT_GT(stats->usage.free_disk_bytes, 0u);
}

}  // namespace
}  // namespace headway::store
