// The real data that the store is measured with, as batches in the order in
// which they would have been delivered: for each vintage of a series all that
// was delivered, changed or not.
#ifndef HEADWAY_TOOLS_BENCH_STORE_REAL_DATA_H_
#define HEADWAY_TOOLS_BENCH_STORE_REAL_DATA_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/store.h"

namespace headway::bench {

using SeriesColumns = std::map<series::SeriesKey, std::map<int32_t, double>>;

// The state after all of the batches: for each series and period the value that
// was delivered last.
SeriesColumns LastState(const std::vector<store::Batch>& batches);

// `directory` holds trade/, chip_sales/ and models/. All of these fail with
// NOT_FOUND where a file is absent.

// US trade by partner in millions: the long history, known a month after its
// last one, and a later vintage.
absl::StatusOr<std::vector<store::Batch>> LoadUsCensus(
    const std::string& directory);

// A long-running tracker: a batch for each instant of retrieval.
absl::StatusOr<std::vector<store::Batch>> LoadTracker(
    const std::string& directory);

// Exports of chips and chip machines to China, by instant of retrieval.
absl::StatusOr<std::vector<store::Batch>> LoadExportsToChina(
    const std::string& directory);

// TSMC's monthly revenue. Month by month, each known since the tenth of the
// next; or all at once.
absl::StatusOr<std::vector<store::Batch>> LoadTsmc(const std::string& directory,
                                                   bool month_by_month);

// Epoch AI's notable models in six vintages and its capability index in four,
// each a snapshot: a series for each figure of a model, with one value.
absl::StatusOr<std::vector<store::Batch>> LoadEpoch(
    const std::string& directory);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_REAL_DATA_H_
