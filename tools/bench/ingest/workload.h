// Made-up series as a publisher has them, for whoever delivers them: as batches
// of the store, as lines of JSON, through the SDK. All of it follows from the
// numbers below. A value type; functions are pure.
#ifndef HEADWAY_TOOLS_BENCH_INGEST_WORKLOAD_H_
#define HEADWAY_TOOLS_BENCH_INGEST_WORKLOAD_H_

#include <cstdint>
#include <string>

#include "daemon/series/period.h"
#include "daemon/series/series_info.h"

namespace headway::bench {

struct Workload {
  series::Frequency frequency = series::Frequency::kMonthly;
  int series = 10000;
  // Of each series.
  int values = 120;
  // Delivered between two checkpoints, each of a stream of its own.
  int series_per_commit = 100;
  // Of 1,000 values, how many differ from those of the workload without.
  int revised_per_mille = 0;

  int64_t observations() const { return int64_t{series} * values; }
  int commits() const {
    return (series + series_per_commit - 1) / series_per_commit;
  }
  // The series of a commit are [FirstSeries(commit), FirstSeries(commit + 1)).
  int FirstSeries(int commit) const;

  // "s17": the series within one conversation.
  std::string IdOf(int series) const;
  std::string StreamOf(int commit) const;
  series::SeriesInfo InfoOf(int series) const;
  series::Period PeriodOf(int place) const;
  // With two decimals, of a hundred to ten million.
  double ValueOf(int series, int place) const;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_INGEST_WORKLOAD_H_
