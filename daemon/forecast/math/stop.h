// How the wish of a caller to give a forecast up reaches the loops that take
// long.
//
// A StopLatch is made for each forecast, and StopRequests, which are as cheap
// as pointers, hand it down to the loops. These ask as they work, and end early
// once the answer is yes. What they then return has the usual shape, but its
// numbers mean nothing, so that whoever made the latch returns GivenUp(). If
// nobody stops, asking changes no bit of an answer.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_STOP_H_
#define HEADWAY_DAEMON_FORECAST_MATH_STOP_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace headway::forecast {

// Holds the first yes of a caller, who is not asked again. Not thread-safe.
class StopLatch {
 public:
  // `stopped` is borrowed and must outlive this; empty: never.
  explicit StopLatch(const std::function<bool()>& stopped)
      : stopped_(stopped) {}

 private:
  friend class StopRequest;

  // The steps of work from one question to the next: some microseconds to half
  // a millisecond, so that an answer that reads a clock costs next to nothing
  // and none comes late. A convention.
  static constexpr size_t kStepsPerAsk = 20'000;

  bool Ask() {
    steps_ = 0;
    requested_ = requested_ || stopped_();
    return requested_;
  }

  const std::function<bool()>& stopped_;
  size_t steps_ = 0;
  bool requested_ = false;
};

class StopRequest {
 public:
  // Never requested.
  StopRequest() = default;
  // `latch` is borrowed and must outlive this.
  explicit StopRequest(StopLatch& latch)
      : latch_(latch.stopped_ ? &latch : nullptr) {}

  // Whether the answer was yes before.
  bool requested() const { return latch_ != nullptr && latch_->requested_; }

  // The same, after `steps` more steps of work: values read, or terms added up.
  // Asks the caller if enough of them have gathered.
  bool RequestedAfter(size_t steps) const {
    if (latch_ == nullptr) return false;
    latch_->steps_ += steps;
    return latch_->steps_ < StopLatch::kStepsPerAsk ? latch_->requested_
                                                    : latch_->Ask();
  }

  // Asks the caller now.
  bool Ask() const { return latch_ != nullptr && latch_->Ask(); }

 private:
  StopLatch* latch_ = nullptr;
};

// CANCELLED: the answer to a caller who stopped.
inline absl::Status GivenUp() {
  return absl::CancelledError("the forecast was given up");
}

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_STOP_H_
