// What store_writer writes, so that a test can tell what must be there.
#ifndef HEADWAY_TESTS_STORE_STORE_WRITER_H_
#define HEADWAY_TESTS_STORE_STORE_WRITER_H_

#include "absl/strings/str_cat.h"
#include "tests/store/store_fixture.h"

namespace headway::store {

inline constexpr int kWriterSeries = 5;

inline series::SeriesInfo WriterSeries(int index) {
  return MonthlySeries("writer", {{"n", absl::StrCat(index)}});
}

// Periods are limited, so batches go round in them.
inline int32_t WriterPeriod(CommitNumber number) {
  return static_cast<int32_t>(number % 600);
}

inline Batch WriterBatch(CommitNumber number) {
  Batch batch;
  for (int i = 0; i < kWriterSeries; ++i) {
    VintageUpdate update;
    update.info = WriterSeries(i);
    update.known_at = At("2020-01-01") + absl::Hours(number);
    update.ordinals = {WriterPeriod(number)};
    update.values = {static_cast<double>(number)};
    batch.updates.push_back(update);
  }
  batch.checkpoints = {{"writer", "", absl::StrCat(number)}};
  batch.records = {{Table::kRuns, absl::StrCat(number), "done"}};
  batch.provenance.run = absl::StrCat("run-", number);
  return batch;
}

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_STORE_WRITER_H_
