// A store that a wrong clock wrote to is put right, and reads as one that it
// never did.
#include "daemon/store/upkeep/restamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/upkeep/verify.h"
#include "tests/support/random_seed.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kOneDay = absl::Hours(24);
constexpr int kRestampedSeries = 4;

std::string KeepRun(const std::string& run) { return run; }

class RestampTest : public StoreTest {
 protected:
  void SetUp() override {
    random_.seed(TestSeed());
    // Many blocks, and many heads that become blocks.
    options_.full_block_interval = 3;
    StoreTest::SetUp();
    truth_ = Store::Open(other_.path(), &true_clock_, options_).value();
  }
  void TearDown() override { truth_.reset(); }

  static series::SeriesInfo Info(int index) {
    return MonthlySeries("ships", {{"port", absl::StrCat(index)}});
  }

  int Random(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }

  // What a source that dates nothing delivers: all that holds now, and in part
  // something new, which never was before.
  Batch NextBatch() {
    Batch batch;
    for (int i = 0; i < kRestampedSeries; ++i) {
      if (Random(3) == 0) continue;
      std::vector<double>& values = values_[i];
      if (values.empty() || Random(2) == 0) values.push_back(++last_value_);
      values[Random(values.size())] = ++last_value_;
      VintageUpdate update;
      update.info = Info(i);
      for (size_t p = 0; p < values.size(); ++p) {
        update.ordinals.push_back(static_cast<int32_t>(p));
        update.values.push_back(values[p]);
      }
      batch.updates.push_back(std::move(update));
    }
    batch.provenance.run = absl::StrCat("run ", last_value_);
    return batch;
  }

  // A day later by the true clock, and into both stores, which date it by
  // theirs.
  void CommitToday() {
    true_clock_.Advance(kOneDay);
    clock_.Advance(kOneDay);
    Batch batch = NextBatch();
    for (VintageUpdate& update : batch.updates) {
      update.known_at = clock_.Now();
    }
    Commit(batch);
    for (VintageUpdate& update : batch.updates) {
      update.known_at = true_clock_.Now();
    }
    ASSERT_TRUE(truth_->Commit(batch).ok());
  }
  void CommitDays(int days) {
    for (int i = 0; i < days; ++i) ASSERT_NO_FATAL_FAILURE(CommitToday());
  }

  // Everything that is known of each series, by the days on which it was known.
  static std::string Answers(const Store& store, const ReadOptions& options) {
    std::string answers;
    const auto reader = store.NewReader();
    for (int i = 0; i < kRestampedSeries; ++i) {
      const auto entry = reader->FindSeries(Info(i).key);
      if (!entry.ok()) continue;
      const auto triangle = reader->ReadTriangle(entry->id, options);
      if (!triangle.ok()) return triangle.status().ToString();
      for (const series::Observations& column : *triangle) {
        absl::StrAppend(&answers, i, " ", absl::FormatTime(column.known_at));
        for (size_t o = 0; o < column.size(); ++o) {
          absl::StrAppend(&answers, " ", column.ordinals[o], "=",
                          column.values[o]);
        }
        absl::StrAppend(&answers, "\n");
      }
    }
    return answers;
  }

  absl::StatusOr<RestampPlan> Repair(absl::Time after, absl::Time to) {
    store_.reset();
    absl::StatusOr<RestampPlan> plan;
    {
      auto engine = Store::OpenEngine(directory_.path(), options_).value();
      plan = PlanRestamp(*engine,
                         {.after = after, .to = to, .now = true_clock_.Now()});
      if (plan.ok()) {
        const absl::Status status = Restamp(*plan, KeepRun, engine.get());
        EXPECT_TRUE(status.ok()) << status;
      }
    }
    Open();
    return plan;
  }

  void ExpectNoProblem() {
    const auto counts = VerifyStore(*store_, [](const Problem& problem) {
      ADD_FAILURE() << problem.thing << ": " << problem.what;
    });
    EXPECT_TRUE(counts.ok()) << counts.status();
  }

  std::mt19937_64 random_;
  TempDirectory other_;
  SimulatedClock true_clock_{At("2024-01-01")};
  std::unique_ptr<Store> truth_;
  std::vector<double> values_[kRestampedSeries];
  double last_value_ = 0;
};

TEST_F(RestampTest, AStoreOf2030ReadsAsOfNowAsOneWhoseClockWasRight) {
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    CommitDays(1 + Random(12));
    ReadOptions before;
    before.recorded_by = clock_.Now();
    const std::string held = Answers(*store_, before);
    const absl::Time wrong = At("2030-01-01") + round * 365 * kOneDay;
    const absl::Time truly = true_clock_.Now() + kOneDay;
    clock_.SetWallClock(wrong);
    CommitDays(1 + Random(5));
    // The clock is right again, but recorded_at stays behind the last commit.
    clock_.SetWallClock(true_clock_.Now());
    CommitDays(Random(12));
    EXPECT_NE(Answers(*store_, {}), Answers(*truth_, {}));
    const auto plan = Repair(wrong, truly);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_GT(plan->vintages_known_late, 0);
    EXPECT_EQ(Answers(*store_, {}), Answers(*truth_, {}));
    EXPECT_EQ(Answers(*store_, before), held);
    ExpectNoProblem();
    const auto log = store_->NewReader()->ListCommits(0, SIZE_MAX);
    EXPECT_LE(log->back().recorded_at, true_clock_.Now());
  }
}

TEST_F(RestampTest, TheStoreGoesOnAsIfNothingHadHappened) {
  CommitDays(5);
  clock_.SetWallClock(At("2030-01-01"));
  CommitDays(2);
  clock_.SetWallClock(true_clock_.Now());
  ASSERT_TRUE(Repair(At("2029-01-01"), true_clock_.Now() - kOneDay).ok());
  CommitDays(20);
  EXPECT_EQ(Answers(*store_, {}), Answers(*truth_, {}));
  ExpectNoProblem();
}

TEST_F(RestampTest, RefusesInstantsThatDoNotFitTheCommits) {
  CommitDays(3);
  const absl::Time good = clock_.Now();
  EXPECT_EQ(Repair(At("2029-01-01"), good).status().code(),
            absl::StatusCode::kNotFound);
  clock_.SetWallClock(At("2030-01-01"));
  // Of one day, drawn at random, there may be nothing to commit.
  CommitDays(5);
  const absl::Status too_early = Repair(At("2029-01-01"), good).status();
  EXPECT_EQ(too_early.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(too_early.message()), HasSubstr("a later --to"));
  const absl::Status too_late =
      Repair(At("2029-01-01"), true_clock_.Now() + kOneDay).status();
  EXPECT_EQ(too_late.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(too_late.message()),
              HasSubstr("which lies in the future"));
}

TEST_F(RestampTest, RunsOfCommitsGetTheirNewNames) {
  clock_.SetWallClock(At("2030-01-01"));
  CommitDays(1);
  store_.reset();
  {
    auto engine = Store::OpenEngine(directory_.path(), options_).value();
    const auto plan = PlanRestamp(*engine, {.after = At("2029-01-01"),
                                            .to = true_clock_.Now(),
                                            .now = true_clock_.Now()});
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(
        Restamp(
            *plan,
            [](const std::string& run) { return absl::StrCat("right ", run); },
            engine.get())
            .ok());
  }
  Open();
  EXPECT_THAT(store_->NewReader()->ListCommits(0, 1)->front().run,
              testing::StartsWith("right run "));
}

}  // namespace
}  // namespace headway::store
