// What every engine does. A further engine is run through these tests by adding
// its factory to the list at the end.
#include "daemon/store/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/store.h"
#include "tests/support/temp_directory.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

using Entries = std::vector<std::pair<std::string, std::string>>;

// Opens the engine whose data are at a place, making it if it is not there.
struct EngineFactory {
  std::string name;
  std::function<absl::StatusOr<std::unique_ptr<Engine>>(
      const std::string& place)>
      open;
};

class EngineTest : public testing::TestWithParam<EngineFactory> {
 protected:
  EngineTest() { Open(); }

  void Open() {
    engine_.reset();
    auto engine = GetParam().open(directory_.path());
    if (!engine.ok()) {
      ADD_FAILURE() << engine.status();
      std::abort();
    }
    engine_ = *std::move(engine);
  }

  absl::Status Put(Family family, const Entries& entries) {
    WriteBatch batch;
    for (const auto& [key, value] : entries) batch.Put(family, key, value);
    return engine_->Write(batch);
  }

  static std::optional<std::string> Get(const View& view, Family family,
                                        absl::string_view key) {
    auto value = view.Get(family, key);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : std::nullopt;
  }
  std::optional<std::string> Get(Family family, absl::string_view key) {
    return Get(*engine_->LatestView(), family, key);
  }

  static Entries Read(const View& view, Family family, KeyRange range = {}) {
    Entries entries;
    const std::unique_ptr<Cursor> it = view.NewCursor(family, std::move(range));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      entries.emplace_back(it->key(), it->value());
    }
    EXPECT_TRUE(it->status().ok()) << it->status();
    return entries;
  }
  Entries Read(Family family, KeyRange range = {}) {
    return Read(*engine_->LatestView(), family, std::move(range));
  }

  TempDirectory directory_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(EngineTest, KeepsEachFamilyApart) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "run"}}).ok());
  ASSERT_TRUE(Put(Family::kState, {{"a", "state"}}).ok());
  EXPECT_THAT(Get(Family::kRuns, "a"), Optional(std::string("run")));
  EXPECT_THAT(Get(Family::kState, "a"), Optional(std::string("state")));
  EXPECT_EQ(Get(Family::kScores, "a"), std::nullopt);
}

TEST_P(EngineTest, KeysAndValuesAreAnyBytes) {
  const std::string key("k\0\xFF", 3);
  const std::string large(1 << 20, '\x80');
  ASSERT_TRUE(Put(Family::kState, {{key, large}, {"empty", ""}}).ok());
  EXPECT_THAT(Get(Family::kState, key), Optional(large));
  EXPECT_THAT(Get(Family::kState, "empty"), Optional(std::string()));
}

TEST_P(EngineTest, WhatWasWrittenIsThereAfterOpeningAnew) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "1"}, {"b", "2"}}).ok());
  Open();
  EXPECT_THAT(Read(Family::kRuns), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST_P(EngineTest, OfSeveralWritesOfAKeyInABatchTheLastHolds) {
  WriteBatch batch;
  batch.Put(Family::kRuns, "a", "1");
  batch.Delete(Family::kRuns, "a");
  batch.Put(Family::kRuns, "b", "1");
  batch.Put(Family::kRuns, "b", "2");
  ASSERT_TRUE(engine_->Write(batch).ok());
  EXPECT_THAT(Read(Family::kRuns), ElementsAre(Pair("b", "2")));
}

TEST_P(EngineTest, ABatchIsSeenAsSoonAsItIsAppended) {
  WriteBatch batch;
  batch.Put(Family::kRuns, "a", "1");
  ASSERT_TRUE(engine_->Append(batch).ok());
  EXPECT_THAT(Get(Family::kRuns, "a"), Optional(std::string("1")));
  EXPECT_TRUE(engine_->Sync().ok());
}

TEST_P(EngineTest, WhatIsTakenBackToASavePointIsNotWritten) {
  ASSERT_TRUE(Put(Family::kRuns, {{"there", "1"}}).ok());
  WriteBatch batch;
  batch.Put(Family::kRuns, "a", "1");
  batch.SetSavePoint();
  batch.Put(Family::kRuns, "b", "2");
  batch.RequireAbsent(Family::kRuns, "there");
  batch.RollbackToSavePoint();
  batch.SetSavePoint();
  batch.Put(Family::kRuns, "c", "3");
  batch.PopSavePoint();
  ASSERT_TRUE(engine_->Write(batch).ok());
  EXPECT_THAT(Read(Family::kRuns),
              ElementsAre(Pair("a", "1"), Pair("c", "3"), Pair("there", "1")));
}

TEST_P(EngineTest, JoinedBatchesAreWrittenInTheirOrder) {
  WriteBatch first;
  first.Put(Family::kRuns, "a", "1");
  first.Put(Family::kRuns, "b", "1");
  WriteBatch second;
  second.Delete(Family::kRuns, "b");
  second.Put(Family::kState, "a", "2");
  first.Append(second);
  ASSERT_TRUE(engine_->Write(first).ok());
  EXPECT_THAT(Read(Family::kRuns), ElementsAre(Pair("a", "1")));
  EXPECT_THAT(Read(Family::kState), ElementsAre(Pair("a", "2")));
}

TEST_P(EngineTest, ABatchThatRequiresAnAbsentKeyIsRefusedIfTheKeyIsThere) {
  WriteBatch batch;
  batch.RequireAbsent(Family::kState, "lease");
  batch.Put(Family::kState, "lease", "mine");
  batch.Put(Family::kRuns, "a", "1");
  ASSERT_TRUE(engine_->Write(batch).ok());
  const absl::Status again = engine_->Write(batch);
  EXPECT_EQ(again.code(), absl::StatusCode::kAborted) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr("lease"));
}

TEST_P(EngineTest, ABatchThatRequiresAValueIsRefusedIfTheKeyHasAnother) {
  ASSERT_TRUE(Put(Family::kState, {{"token", "1"}}).ok());
  WriteBatch batch;
  batch.RequireValue(Family::kState, "token", "1");
  batch.Put(Family::kState, "token", "2");
  batch.Put(Family::kRuns, "a", "1");
  ASSERT_TRUE(engine_->Write(batch).ok());
  EXPECT_EQ(engine_->Write(batch).code(), absl::StatusCode::kAborted);

  WriteBatch missing;
  missing.RequireValue(Family::kState, "no such key", "");
  missing.Put(Family::kRuns, "b", "1");
  EXPECT_EQ(engine_->Write(missing).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Get(Family::kRuns, "b"), std::nullopt);
}

TEST_P(EngineTest, OfARefusedBatchNothingIsWrittenAndTheNextOneIs) {
  ASSERT_TRUE(Put(Family::kState, {{"token", "1"}}).ok());
  WriteBatch batch;
  batch.Put(Family::kRuns, "a", "1");
  batch.RequireValue(Family::kState, "token", "1");
  batch.RequireAbsent(Family::kState, "token");
  EXPECT_EQ(engine_->Write(batch).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Get(Family::kRuns, "a"), std::nullopt);
  EXPECT_TRUE(Put(Family::kRuns, {{"b", "1"}}).ok());
}

TEST_P(EngineTest, OfManyThreadsThatRequireOneValueOneWritesAtATime) {
  ASSERT_TRUE(Put(Family::kState, {{"count", "0"}}).ok());
  constexpr int kThreads = 4, kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (int done = 0; done < kEach;) {
        const std::string count = *Get(Family::kState, "count");
        WriteBatch batch;
        batch.RequireValue(Family::kState, "count", count);
        batch.Put(Family::kState, "count", absl::StrCat(std::stoi(count) + 1));
        const absl::Status status = engine_->Append(batch);
        EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
        if (status.ok()) ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Get(Family::kState, "count"),
              Optional(absl::StrCat(kThreads * kEach)));
}

TEST_P(EngineTest, ASnapshotIsReadAsItWasWhateverIsWrittenLater) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "1"}, {"b", "1"}}).ok());
  const std::shared_ptr<const Snapshot> snapshot = engine_->NewSnapshot();
  const std::unique_ptr<View> before = engine_->ViewOf(snapshot);
  WriteBatch batch;
  batch.Put(Family::kRuns, "a", "2");
  batch.Delete(Family::kRuns, "b");
  batch.Put(Family::kRuns, "c", "2");
  ASSERT_TRUE(engine_->Write(batch).ok());
  const std::unique_ptr<View> later = engine_->ViewOf(snapshot);
  for (const View* view : {before.get(), later.get()}) {
    EXPECT_THAT(Read(*view, Family::kRuns),
                ElementsAre(Pair("a", "1"), Pair("b", "1")));
    EXPECT_THAT(Get(*view, Family::kRuns, "b"), Optional(std::string("1")));
    EXPECT_EQ(Get(*view, Family::kRuns, "c"), std::nullopt);
  }
  EXPECT_THAT(Read(*engine_->NewView(), Family::kRuns),
              ElementsAre(Pair("a", "2"), Pair("c", "2")));
}

TEST_P(EngineTest, TheLatestViewSeesWhatIsWrittenAfterItWasMade) {
  const std::unique_ptr<View> view = engine_->LatestView();
  EXPECT_EQ(Get(*view, Family::kRuns, "a"), std::nullopt);
  EXPECT_THAT(Read(*view, Family::kRuns), IsEmpty());
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "1"}}).ok());
  EXPECT_THAT(Get(*view, Family::kRuns, "a"), Optional(std::string("1")));
  EXPECT_THAT(Read(*view, Family::kRuns), ElementsAre(Pair("a", "1")));
}

TEST_P(EngineTest, AValueIsLentUntilTheNextReadIntoIt) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "first"}, {"b", "second"}}).ok());
  const std::unique_ptr<View> view = engine_->NewView();
  PinnedValue value;
  EXPECT_TRUE(view->Get(Family::kRuns, "a", &value).value());
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "other"}}).ok());
  EXPECT_EQ(value.bytes, "first");
  EXPECT_TRUE(view->Get(Family::kRuns, "b", &value).value());
  EXPECT_EQ(value.bytes, "second");
  EXPECT_FALSE(view->Get(Family::kRuns, "c", &value).value());
}

TEST_P(EngineTest, ManyKeysAreReadInTheOrderAskedFor) {
  WriteBatch batch;
  std::vector<std::string> keys;
  for (int i = 999; i >= 0; --i) {
    keys.push_back(absl::StrCat("key", i));
    if (i % 3 != 0) batch.Put(Family::kRuns, keys.back(), absl::StrCat(i));
  }
  ASSERT_TRUE(engine_->Write(batch).ok());
  size_t next = 0;
  const absl::Status status = engine_->NewView()->GetMany(
      Family::kRuns, keys,
      [&](size_t index, std::optional<absl::string_view> value) {
        EXPECT_EQ(index, next++);
        const int i = 999 - static_cast<int>(index);
        EXPECT_EQ(value.has_value(), i % 3 != 0) << i;
        EXPECT_EQ(value.value_or(""), i % 3 != 0 ? absl::StrCat(i) : "");
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(next, keys.size());
}

TEST_P(EngineTest, AnErrorOfTheCallerEndsAReadOfManyKeys) {
  int calls = 0;
  const absl::Status status = engine_->NewView()->GetMany(
      Family::kRuns, {"a", "b", "c"},
      [&](size_t, std::optional<absl::string_view>) {
        return ++calls < 2 ? absl::OkStatus() : absl::CancelledError("enough");
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls, 2);
}

TEST_P(EngineTest, RangesHoldTheirLowerBoundAndNotTheirUpperOne) {
  ASSERT_TRUE(
      Put(Family::kRuns, {{"c", "3"}, {"a", "1"}, {"d", "4"}, {"b", "2"}})
          .ok());
  EXPECT_THAT(Read(Family::kRuns, {.lower = "b", .upper = "d"}),
              ElementsAre(Pair("b", "2"), Pair("c", "3")));
  EXPECT_THAT(Read(Family::kRuns, {.lower = "bb"}),
              ElementsAre(Pair("c", "3"), Pair("d", "4")));
  EXPECT_THAT(Read(Family::kRuns, {.upper = "b"}), ElementsAre(Pair("a", "1")));
  EXPECT_THAT(Read(Family::kRuns, {.lower = "x"}), IsEmpty());
}

TEST_P(EngineTest, ADescendingRangeGoesFromTheGreatestKeyToTheLeast) {
  ASSERT_TRUE(
      Put(Family::kRuns, {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}})
          .ok());
  EXPECT_THAT(
      Read(Family::kRuns, {.lower = "b", .upper = "d", .descending = true}),
      ElementsAre(Pair("c", "3"), Pair("b", "2")));
  const std::unique_ptr<View> view = engine_->NewView();
  const auto it = view->NewCursor(Family::kRuns, {.descending = true});
  it->Seek("bb");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "b");
  it->Next();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "a");
  it->Next();
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST_P(EngineTest, ACursorSeeksForwardsAndBackInItsRange) {
  WriteBatch batch;
  for (int i = 10; i < 100; ++i) {
    batch.Put(Family::kRuns, absl::StrCat(i), absl::StrCat("value", i));
  }
  ASSERT_TRUE(engine_->Write(batch).ok());
  const std::unique_ptr<View> view = engine_->NewView();
  const auto it = view->NewCursor(Family::kRuns, {"20", "80"});
  for (const auto& [target, found] :
       {std::pair("25", "25"), {"50x", "51"}, {"30", "30"}, {"10", "20"}}) {
    it->Seek(target);
    ASSERT_TRUE(it->Valid()) << target;
    EXPECT_EQ(it->key(), found);
    EXPECT_EQ(it->value(), absl::StrCat("value", found));
  }
  it->Seek("80");
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST_P(EngineTest, KeysAreOrderedByUnsignedBytes) {
  ASSERT_TRUE(Put(Family::kRuns, {{"\x7F", "2"},
                                  {"\x80", "3"},
                                  {std::string("\0", 1), "1"},
                                  {"\xFF\xFF", "4"}})
                  .ok());
  std::vector<std::string> values;
  for (const auto& [key, value] : Read(Family::kRuns)) values.push_back(value);
  EXPECT_THAT(values, ElementsAre("1", "2", "3", "4"));
}

TEST_P(EngineTest, CursorsOfOneViewDoNotDisturbOneAnother) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "1"}, {"b", "2"}, {"c", "3"}}).ok());
  const std::unique_ptr<View> view = engine_->NewView();
  const auto outer = view->NewCursor(Family::kRuns);
  int seen = 0;
  for (outer->SeekToFirst(); outer->Valid(); outer->Next()) {
    seen += static_cast<int>(Read(*view, Family::kRuns).size());
  }
  EXPECT_EQ(seen, 9);
}

TEST_P(EngineTest, TheMarkIsKept) {
  EXPECT_EQ(engine_->ReadMark().value(), 0u);
  ASSERT_TRUE(engine_->WriteMark(42).ok());
  ASSERT_TRUE(engine_->WriteMark(43).ok());
  Open();
  EXPECT_EQ(engine_->ReadMark().value(), 43u);
}

TEST_P(EngineTest, CompactionAndChecksLeaveEverythingAsItIs) {
  ASSERT_TRUE(Put(Family::kRuns, {{"a", "1"}, {"b", "2"}}).ok());
  Maintenance& maintenance = engine_->maintenance();
  ASSERT_TRUE(maintenance.Compact([] { return absl::OkStatus(); }).ok());
  ASSERT_TRUE(maintenance
                  .CheckTables([](const std::string&, const absl::Status& s) {
                    return s;
                  })
                  .ok());
  EXPECT_TRUE(maintenance.GetUsage().ok());
  EXPECT_THAT(Read(Family::kRuns), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST_P(EngineTest, ACompactionEndsWhenNobodyWantsItAnyMore) {
  // So much that it takes longer than to ask.
  std::mt19937_64 random(1);
  for (int i = 0; i < 40; ++i) {
    std::string value(size_t{1} << 20, '\0');
    for (char& byte : value) byte = static_cast<char>(random());
    ASSERT_TRUE(Put(Family::kRuns, {{absl::StrCat(i), value}}).ok());
  }
  std::atomic<int> asked = 0;
  const absl::Status status = engine_->maintenance().Compact([&asked] {
    return asked++ == 0 ? absl::OkStatus() : absl::CancelledError("enough");
  });
  EXPECT_EQ(status, absl::CancelledError("enough"));
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineTest,
                         testing::Values(EngineFactory{
                             "RocksDB",
                             [](const std::string& place) {
                               return Store::OpenEngine(place, {});
                             }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace headway::store
