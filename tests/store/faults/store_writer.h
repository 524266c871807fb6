// What several writers commit beside one another, each a numbered row of
// batches of its own, so that a test can tell what must be in a store.
#ifndef HEADWAY_TESTS_STORE_FAULTS_STORE_WRITER_H_
#define HEADWAY_TESTS_STORE_FAULTS_STORE_WRITER_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/store_fixture.h"

namespace headway::store {

inline constexpr int kWriterSeries = 3;
inline constexpr int kWriterPeriods = 24;
// So many batches go into the same series, the next into new ones.
inline constexpr int64_t kWriterEra = 60;

inline int64_t WriterEra(int64_t number) { return number / kWriterEra; }

inline series::SeriesInfo WriterSeries(int writer, int64_t era, int index) {
  return MonthlySeries("writer", {{"writer", absl::StrCat(writer)},
                                  {"era", absl::StrCat(era)},
                                  {"n", absl::StrCat(index)}});
}

inline std::string WriterSource(int writer) {
  return absl::StrCat("writer-", writer);
}

// Sorts as (writer, number).
inline std::string WriterRecord(int writer, int64_t number) {
  return absl::StrFormat("%02d/%09d", writer, number);
}

inline std::string WriterRun(int writer, int64_t number) {
  return absl::StrCat(writer, ":", number);
}

// The vintages mostly come in order, some late, some again, some as snapshots.
// The checkpoint, the record and the run say the number.
inline Batch WriterBatch(int writer, int64_t number) {
  std::minstd_rand random(
      static_cast<uint32_t>(1000003 * (writer + 1) + number));
  Batch batch;
  for (int i = 0; i < kWriterSeries; ++i) {
    VintageUpdate update;
    update.info = WriterSeries(writer, WriterEra(number), i);
    const int64_t hour =
        random() % 5 == 0 ? random() % kWriterEra : number % kWriterEra;
    update.known_at = At("2020-01-01") + absl::Hours(hour);
    update.snapshot = random() % 8 == 0;
    for (int period = 0; period < kWriterPeriods; ++period) {
      if (random() % 4 > 0) continue;
      if (random() % 8 == 0) {
        update.withdrawn.push_back(period);
      } else {
        update.ordinals.push_back(period);
        update.values.push_back(static_cast<double>(random() % 100) / 4);
      }
    }
    batch.updates.push_back(update);
  }
  batch.checkpoints = {{WriterSource(writer), "", absl::StrCat(number)}};
  batch.records = {{RecordKind::kRuns, WriterRecord(writer, number), "done"}};
  batch.provenance.run = WriterRun(writer, number);
  return batch;
}

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_STORE_WRITER_H_
