// Tells the threads of the soak to end. Thread-safe.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_STOP_SIGN_H_
#define HEADWAY_TOOLS_BENCH_SOAK_STOP_SIGN_H_

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace headway::bench {

class StopSign {
 public:
  void Raise() { raised_.Notify(); }
  bool IsRaised() const { return raised_.HasBeenNotified(); }
  // Waits for it; true as soon as it is raised, false after `time`.
  bool WaitFor(absl::Duration time) const {
    return raised_.WaitForNotificationWithTimeout(time);
  }

 private:
  absl::Notification raised_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_STOP_SIGN_H_
