// Made-up monthly trade series with a history of revisions.
//
// The first vintage holds the first `first_months` months. Each further one
// adds a month and revises the two before it; one in twelve, the annual
// revision, revises the 24 before it. Values have a level from 10 to 50,000, a
// trend, a season and a noise of some percent, and one or two decimals, as
// trade in millions has. All of it follows from the seed: nothing is kept in
// memory, and batches can be made in any order.
#ifndef HEADWAY_TOOLS_BENCH_STORE_SYNTHETIC_H_
#define HEADWAY_TOOLS_BENCH_STORE_SYNTHETIC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"

namespace headway::bench {

class SyntheticSet {
 public:
  struct Options {
    uint64_t seed = 1;
    std::string metric = "trade_value_musd";
    int series = 1000;
    int first_months = 229;
    int vintages = 12;
    // Batches hold as many whole updates as fit, at least one.
    int points_per_batch = 10000;
  };

  explicit SyntheticSet(Options options) : options_(std::move(options)) {}

  const Options& options() const { return options_; }
  int months() const { return options_.first_months + options_.vintages - 1; }
  // In each series, over all vintages.
  int64_t points_per_series() const;

  series::SeriesInfo Info(int series) const;
  absl::Time KnownAt(int vintage) const;
  // From the first vintage to a month after the last.
  absl::Time InstantInHistory(uint64_t random) const;

  // What became known at `vintage`: the batches from 0 to NumBatches - 1, each
  // with a checkpoint of its own.
  int NumBatches(int vintage) const;
  store::Batch MakeBatch(int vintage, int batch) const;

  // All series whole, as known at the last vintage, delivered again `days`
  // after it.
  int NumWholeBatches() const;
  store::Batch MakeWholeBatch(int batch, int days) const;

 private:
  // The months from `FirstMonth` to `LastMonth` are what `vintage` speaks of.
  int FirstMonth(int vintage) const;
  int LastMonth(int vintage) const {
    return options_.first_months - 1 + vintage;
  }
  double Value(int series, int month, int vintage) const;
  int SeriesPerBatch(int points) const;

  const Options options_;
};

// The observations that a batch delivers.
int64_t NumPoints(const store::Batch& batch);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_SYNTHETIC_H_
