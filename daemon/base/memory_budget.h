// A bound on the memory that many calls hold at once.
//
//   MemoryBudget budget("evaluations", 256 << 20);
//   MemoryBudget::Share share(&budget);
//   RETURN_IF_ERROR(share.Grow(bytes));  // given back when `share` goes
//
// Counts what it is told and allocates nothing.
#ifndef HEADWAY_DAEMON_BASE_MEMORY_BUDGET_H_
#define HEADWAY_DAEMON_BASE_MEMORY_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway {

// Thread-safe.
class MemoryBudget {
 public:
  // `holders` names those who share it, for errors.
  MemoryBudget(absl::string_view holders, int64_t bytes)
      : holders_(holders), bytes_(bytes) {}

  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  int64_t used() const { return used_; }

  // What one call holds. Used by one thread at a time; must not outlive the
  // budget, which may be null: nothing is bounded then.
  class Share {
   public:
    explicit Share(MemoryBudget* budget) : budget_(budget) {}
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // RESOURCE_EXHAUSTED, which says to come back later or to ask for less, if
    // the budget has not that many bytes left; the share is then as before.
    absl::Status Grow(int64_t bytes);

   private:
    MemoryBudget* const budget_;
    int64_t held_ = 0;
  };

 private:
  const std::string holders_;
  const int64_t bytes_;
  std::atomic<int64_t> used_ = 0;
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_MEMORY_BUDGET_H_
