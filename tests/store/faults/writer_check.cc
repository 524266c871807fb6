#include "tests/store/faults/writer_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/store/faults/store_writer.h"
#include "tests/store/model/naive_model.h"

namespace headway::store {

void WriterCheck::Check(const Reader& reader) {
  ASSERT_NO_FATAL_FAILURE(CheckLog(reader));
  for (int writer = 0; writer < static_cast<int>(last_.size()); ++writer) {
    ASSERT_NO_FATAL_FAILURE(CheckBesideSeries(reader, writer));
    if (last_[writer] == 0) continue;
    for (int64_t era = WriterEra(std::max<int64_t>(checked_[writer], 1));
         era <= WriterEra(last_[writer]); ++era) {
      for (int index = 0; index < kWriterSeries; ++index) {
        ASSERT_NO_FATAL_FAILURE(CheckSeries(reader, writer, era, index));
      }
    }
    checked_[writer] = last_[writer];
  }
}

// Of each writer all runs in order, none left out, none twice.
void WriterCheck::CheckLog(const Reader& reader) {
  ASSERT_GE(reader.commit(), commits_);
  auto log = reader.ListCommits(commits_, SIZE_MAX);
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_EQ(log->size(), reader.commit() - commits_);
  for (const CommitEntry& entry : *log) {
    ASSERT_EQ(entry.commit, ++commits_);
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry.run, ':');
    int writer = 0;
    int64_t number = 0;
    ASSERT_TRUE(absl::SimpleAtoi(parts.first, &writer) &&
                absl::SimpleAtoi(parts.second, &number))
        << entry.run;
    ASSERT_EQ(number, ++last_[writer]) << "of writer " << writer;
  }
}

void WriterCheck::CheckBesideSeries(const Reader& reader, int writer) {
  auto checkpoints = reader.GetCheckpoints(WriterSource(writer));
  ASSERT_TRUE(checkpoints.ok()) << checkpoints.status();
  ASSERT_EQ(checkpoints->size(), last_[writer] > 0 ? 1u : 0u);
  if (last_[writer] > 0) {
    ASSERT_EQ(checkpoints->front().state, absl::StrCat(last_[writer]));
  }
  const std::string prefix = WriterRecord(writer, 0).substr(0, 3);
  auto records = reader.ScanRecords(RecordKind::kRuns, prefix,
                                    WriterRecord(writer, checked_[writer]));
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(static_cast<int64_t>(records->size()),
            last_[writer] - checked_[writer]);
}

void WriterCheck::CheckSeries(const Reader& reader, int writer, int64_t era,
                              int index) {
  const series::SeriesInfo info = WriterSeries(writer, era, index);
  SCOPED_TRACE(series::FormatSeriesKey(info.key));
  std::vector<int32_t> periods(kWriterPeriods);
  std::iota(periods.begin(), periods.end(), 0);
  NaiveSeries model(periods);
  const int64_t first = std::max<int64_t>(era * kWriterEra, 1);
  const int64_t last = std::min(last_[writer], (era + 1) * kWriterEra - 1);
  for (int64_t number = first; number <= last; ++number) {
    model.Apply(WriterBatch(writer, number).updates[index], number);
  }
  auto entry = reader.FindSeries(info.key);
  if (last < first) {
    ASSERT_EQ(entry.status().code(), absl::StatusCode::kNotFound);
    return;
  }
  ASSERT_TRUE(entry.ok()) << entry.status();
  auto vintages = reader.ListVintages(entry->id);
  ASSERT_TRUE(vintages.ok()) << vintages.status();
  ASSERT_EQ(Difference(*vintages, model), "");
  for (const Vintage& vintage : *vintages) {
    ReadOptions options;
    options.as_of = vintage.known_at;
    auto column = reader.Read(entry->id, options);
    ASSERT_TRUE(column.ok()) << column.status();
    ASSERT_EQ(Difference(*column, model.Read(info.key.frequency, options)), "");
  }
  auto column = reader.Read(entry->id);
  ASSERT_TRUE(column.ok()) << column.status();
  ASSERT_EQ(Difference(*column, model.Read(info.key.frequency, {})), "");
}

}  // namespace headway::store
