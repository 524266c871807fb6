// What one evaluation spends: it asks between its parts whether somebody still
// waits for the answer, and holds its share of the memory of all evaluations.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_EFFORT_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_EFFORT_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/memory_budget.h"

namespace headway::query {

// Belongs to one evaluation, on one thread.
class Effort {
 public:
  // Both are borrowed.
  Effort(const CheckAlive& check_alive, MemoryBudget* budget)
      : check_alive_(check_alive), share_(budget) {}

  // To be called with each column that is worked on. What `check_alive` says,
  // asked about once in a millisecond of work.
  absl::Status Spend(size_t observations) {
    constexpr int64_t kBetweenChecks = 50'000;
    // A column costs something even when it is short.
    constexpr int64_t kColumn = 50;
    spent_ += kColumn + static_cast<int64_t>(observations);
    if (spent_ < kBetweenChecks) return absl::OkStatus();
    spent_ = 0;
    return check_alive_ ? check_alive_() : absl::OkStatus();
  }

  // UNAVAILABLE if the evaluations under way hold too much: it passes, where
  // RESOURCE_EXHAUSTED says that this expression will always be too large.
  absl::Status Hold(int64_t bytes) {
    const absl::Status held = share_.Grow(bytes);
    return held.ok() ? absl::OkStatus()
                     : absl::UnavailableError(held.message());
  }

 private:
  const CheckAlive& check_alive_;
  MemoryBudget::Share share_;
  int64_t spent_ = 0;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_EFFORT_H_
