// What the parts of store_bench share.
#ifndef HEADWAY_TOOLS_BENCH_STORE_BENCH_H_
#define HEADWAY_TOOLS_BENCH_STORE_BENCH_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"
#include "tools/bench/store/store_runs.h"
#include "tools/bench/store/synthetic.h"
#include "tools/bench/store/table_files.h"

namespace headway::bench {

// Real data, in the order of delivery.
struct DataSet {
  std::string name;
  std::vector<store::Batch> batches;
};

// The result that a scan of the first `peer_series` series must have.
struct ExpectedScan {
  absl::Time as_of;
  int64_t points = 0;
  double sum = 0;

  // The sum may have been taken in another order.
  bool Agrees(const Scan& scan) const;
};

struct Bench {
  // The parts to run, by name.
  std::set<std::string> parts;
  uint64_t seed = 1;
  // How many synthetic series there are, and how many of them a slow peer gets.
  int series = 0;
  int peer_series = 0;
  // How many series there are of each length of history.
  int history_series = 0;
  // How many reads are timed.
  int reads = 0;
  std::string data_directory;
  TempDirectory directory;
  // Loaded for the part "bytes".
  std::vector<DataSet> data_sets;
  // Set by the part "scan".
  ExpectedScan asof_scan;
  ExpectedScan current_scan;
  Report* report = nullptr;

  bool Does(const std::string& part) const { return parts.count(part) > 0; }

  SyntheticSet Synthetic(int num_series) const {
    SyntheticSet::Options options;
    options.seed = seed;
    options.series = num_series;
    return SyntheticSet(options);
  }
  // Sets with 1, 12 and 120 vintages.
  std::vector<SyntheticSet> Histories() const;
};

// bytes_per_point, bytes_per_point_directory and bytes_per_delivered of the
// data set `name`, of whose `delivered` points `stored` changed the store.
// `what` goes into the note.
void ReportSize(Report& report, const std::string& name, const StoreSize& size,
                int64_t stored, int64_t delivered, const std::string& what,
                std::optional<double> most);

// ingest, unchanged, bytes, reads and scan of the synthetic set.
absl::Status RunSynthetic(Bench& bench);

// reads, as of instants in histories of several lengths.
absl::Status RunHistory(Bench& bench);

// Fills bench.data_sets; a file that is absent leaves out its set, and a line
// of the report says so.
void LoadReal(Bench& bench);

// bytes of the real data.
absl::Status RunReal(Bench& bench);

// The peers, after Headway: each the same work.
absl::Status RunRocks(Bench& bench);
absl::Status RunSqlite(Bench& bench);
absl::Status RunVictoria(Bench& bench);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_BENCH_H_
