// All that a reader answers, as text: two stores that answer the same are the
// same to whoever reads them.
#ifndef HEADWAY_TESTS_STORE_ANSWERS_H_
#define HEADWAY_TESTS_STORE_ANSWERS_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/store/store.h"

namespace headway::store {

inline std::string VintagesText(const Reader& reader, SeriesId id) {
  std::string text;
  auto vintages = reader.ListVintages(id);
  EXPECT_TRUE(vintages.ok()) << vintages.status();
  for (const Vintage& vintage : *vintages) {
    absl::StrAppend(&text, "  ", absl::ToUnixMicros(vintage.known_at), " ",
                    absl::ToUnixMicros(vintage.recorded_at), " ",
                    vintage.provenance.run, ": ",
                    absl::StrJoin(vintage.ordinals, ","), " = ",
                    absl::StrJoin(vintage.values, ","), " without ",
                    absl::StrJoin(vintage.withdrawn, ","), "\n");
  }
  return text;
}

// `sources` are those whose checkpoints are asked for.
inline std::string AnswersOf(const Reader& reader,
                             const std::vector<std::string>& sources) {
  std::string text = absl::StrCat("commit ", reader.commit(), "\n");
  auto series = reader.SelectSeries(series::Selector());
  EXPECT_TRUE(series.ok()) << series.status();
  for (const SeriesEntry& entry : *series) {
    auto column = reader.Read(entry.id);
    EXPECT_TRUE(column.ok()) << column.status();
    absl::StrAppend(&text, entry.id, " ",
                    series::FormatSeriesKey(entry.info.key), ": ",
                    absl::StrJoin(column->ordinals, ","), " = ",
                    absl::StrJoin(column->values, ","), "\n",
                    VintagesText(reader, entry.id));
  }
  for (const std::string& source : sources) {
    auto checkpoints = reader.GetCheckpoints(source);
    EXPECT_TRUE(checkpoints.ok()) << checkpoints.status();
    for (const Checkpoint& checkpoint : *checkpoints) {
      absl::StrAppend(&text, source, " ", checkpoint.stream, " at ",
                      checkpoint.state, "\n");
    }
  }
  for (RecordKind kind :
       {RecordKind::kForecasts, RecordKind::kRuns, RecordKind::kScores,
        RecordKind::kVerdicts, RecordKind::kState}) {
    auto records = reader.ScanRecords(kind, "");
    EXPECT_TRUE(records.ok()) << records.status();
    for (const auto& [key, value] : *records) {
      absl::StrAppend(&text, static_cast<int>(kind), " ", key, " ", value,
                      "\n");
    }
  }
  auto commits = reader.ListCommits(0, SIZE_MAX);
  EXPECT_TRUE(commits.ok()) << commits.status();
  for (const CommitEntry& commit : *commits) {
    absl::StrAppend(&text, commit.commit, " ",
                    absl::ToUnixMicros(commit.recorded_at), " ", commit.run,
                    " ", absl::StrJoin(commit.changed_series, ","), "\n");
  }
  return text;
}

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_ANSWERS_H_
