// Reader::Scan: batches of many series, in order, by one thread or several.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/thread_pool.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kSeries = 500;

class ScanTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Fill();
  }

  static series::SeriesInfo Series(int i) {
    return MonthlySeries(
        "m", {{"kind", i % 3 == 0 ? "fizz" : "other"}, {"n", absl::StrCat(i)}});
  }

  // Series of different lengths, some with histories that reach into blocks.
  void Fill() {
    options_.full_block_interval = 4;
    Open();
    for (int month = 1; month <= 9; ++month) {
      Batch batch;
      for (int i = 0; i < kSeries; i += month) {
        Values values;
        for (int year = 2000; year < 2002 + i % 5; ++year) {
          values[absl::StrCat(year, "-0", month)] = i + month / 16.0;
        }
        values["2000-01"] = i * month;
        batch.updates.push_back(
            Update(Series(i), absl::StrCat("2024-0", month, "-01"), values));
      }
      batch.updates.push_back(Update(MonthlySeries("n", {{"a", "b"}}),
                                     absl::StrCat("2024-0", month, "-01"),
                                     {{"2000-01", month}}));
      Commit(batch);
    }
    Commit({Update(MonthlySeries("empty"), "2024-01-01", {})});
  }

  // What a scan delivers, by series, as Read would answer it.
  std::map<SeriesId, series::Observations> ScanAll(
      const series::Selector& selector, const ScanOptions& options) {
    std::map<SeriesId, series::Observations> columns;
    SeriesId last = 0;
    const absl::Status status = store_->NewReader()->Scan(
        selector, options, [&](const ScanBatch& batch) {
          EXPECT_EQ(batch.begins.size(), batch.series.size() + 1);
          for (size_t i = 0; i < batch.series.size(); ++i) {
            EXPECT_GT(batch.series[i], last);
            last = batch.series[i];
            series::Observations& column = columns[last];
            column.frequency = batch.frequencies[i];
            column.known_at = batch.known_at[i];
            column.ordinals = {batch.ordinals.begin() + batch.begins[i],
                               batch.ordinals.begin() + batch.begins[i + 1]};
            column.values = {batch.values.begin() + batch.begins[i],
                             batch.values.begin() + batch.begins[i + 1]};
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return columns;
  }

  void ExpectAsRead(const series::Selector& selector,
                    const ScanOptions& options) {
    const auto columns = ScanAll(selector, options);
    const auto reader = store_->NewReader();
    auto entries = reader->SelectSeries(selector);
    ASSERT_TRUE(entries.ok()) << entries.status();
    ASSERT_EQ(columns.size(), entries->size());
    for (const SeriesEntry& entry : *entries) {
      ASSERT_TRUE(columns.contains(entry.id));
      EXPECT_EQ(columns.at(entry.id), *reader->Read(entry.id, options.read))
          << series::FormatSeriesKey(entry.info.key);
    }
  }

  static series::Selector Select(absl::string_view text) {
    return series::ParseSelector(text).value();
  }

  ThreadPool pool_{{.threads = 3, .max_queued = 64}};
};

TEST_F(ScanTest, DeliversWhatReadingEachSeriesAnswers) {
  ExpectAsRead(series::Selector(), {});
}

TEST_F(ScanTest, AnswersAsOfInstantsInTheHeadAndInTheBlocks) {
  for (int month = 0; month <= 9; ++month) {
    ScanOptions options;
    options.read.as_of = At("2024-01-15") + absl::Hours(24 * 30) * month;
    SCOPED_TRACE(month);
    ExpectAsRead(series::Selector(), options);
  }
}

TEST_F(ScanTest, AnswersByWhatWasRecorded) {
  ScanOptions options;
  const auto log = store_->NewReader()->ListCommits(0, SIZE_MAX);
  options.read.recorded_by = (*log)[4].recorded_at;
  ExpectAsRead(series::Selector(), options);
}

TEST_F(ScanTest, CutsTheRange) {
  ScanOptions options;
  options.read.first = Ordinal("2000-03");
  options.read.last = Ordinal("2001-06");
  ExpectAsRead(series::Selector(), options);
}

TEST_F(ScanTest, SelectsByEqualityByPatternAndByMetric) {
  ExpectAsRead(Select("m{kind=\"fizz\"}"), {});
  ExpectAsRead(Select("m{kind=\"fizz\",n=~\"1.*\"}"), {});
  ExpectAsRead(Select("m{kind!=\"fizz\"}"), {});
  ExpectAsRead(Select("n"), {});
  EXPECT_THAT(ScanAll(Select("nothing"), {}), IsEmpty());
}

TEST_F(ScanTest, SeveralThreadsDeliverTheSameInTheSameOrder) {
  for (int threads : {2, 4, 16}) {
    ScanOptions options;
    options.threads = threads;
    options.pool = &pool_;
    options.read.as_of = At("2024-05-15");
    SCOPED_TRACE(threads);
    ExpectAsRead(series::Selector(), options);
  }
}

TEST_F(ScanTest, GoesOnAloneWhenThePoolIsFull) {
  ThreadPool full({.threads = 1, .max_queued = 0});
  ScanOptions options;
  options.threads = 4;
  options.pool = &full;
  ExpectAsRead(series::Selector(), options);
}

TEST_F(ScanTest, ASinkMayItselfWaitForThePool) {
  ThreadPool one({.threads = 1, .max_queued = 64});
  ScanOptions options;
  options.threads = 4;
  options.pool = &one;
  int batches = 0;
  const absl::Status status = store_->NewReader()->Scan(
      series::Selector(), options, [&](const ScanBatch&) {
        absl::Mutex mutex;
        bool is_done = false;
        EXPECT_TRUE(one.Schedule([&] {
                         absl::MutexLock lock(&mutex);
                         is_done = true;
                       })
                        .ok());
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&is_done));
        ++batches;
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_GT(batches, 1);
}

TEST_F(ScanTest, TheFirstErrorOfTheSinkEndsTheScan) {
  ScanOptions options;
  options.threads = 4;
  options.pool = &pool_;
  int batches = 0;
  const absl::Status status = store_->NewReader()->Scan(
      series::Selector(), options, [&](const ScanBatch&) {
        return ++batches == 2 ? absl::CancelledError("enough")
                              : absl::OkStatus();
      });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(batches, 2);
}

TEST_F(ScanTest, SeesNothingOfLaterCommits) {
  const auto reader = store_->NewReader();
  Commit({Update(Series(0), "2025-01-01", {{"2000-01", -1}})});
  std::vector<double> values;
  ASSERT_TRUE(reader
                  ->Scan({1}, {},
                         [&](const ScanBatch& batch) {
                           values = batch.values;
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_THAT(values, testing::Not(testing::Contains(-1)));
}

TEST_F(ScanTest, NamesTheSeriesThatThereIsNot) {
  const absl::Status status = store_->NewReader()->Scan(
      {1, 1000000}, {}, [](const ScanBatch&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("1000000"));
}

TEST_F(ScanTest, RefusesIdsThatDoNotRise) {
  EXPECT_EQ(
      store_->NewReader()
          ->Scan({2, 1}, {}, [](const ScanBatch&) { return absl::OkStatus(); })
          .code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace headway::store
