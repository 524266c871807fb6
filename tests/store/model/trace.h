// The operations on one series, cut down to those that show a difference
// between the store and the model, for a person to look at.
#ifndef HEADWAY_TESTS_STORE_MODEL_TRACE_H_
#define HEADWAY_TESTS_STORE_MODEL_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/store.h"

namespace headway::store {

// What one commit said of the series.
using SeriesCommit = std::vector<VintageUpdate>;

// Replays the commits on a new store, leaves out whatever need not be there for
// a difference to show, and says what is left and what differs. Empty if they
// show no difference by themselves: reopening, a power cut or another series
// has part in it.
std::optional<std::string> ShortestTrace(std::vector<SeriesCommit> commits,
                                         const std::vector<int32_t>& periods,
                                         int full_block_interval);

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_MODEL_TRACE_H_
