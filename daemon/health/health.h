// What is wrong now, in one place: gRPC health, /healthz, /metrics, the command
// line and the pages all show what this says.
//
// A thread looks at everything every few seconds and keeps what it found, so
// that whoever asks whether the daemon is well waits for nothing that may be
// ill. What takes long, the evaluation of indicators, comes last: if it takes
// too long it is given up, which is a problem itself, and what was found of
// them before stands.
#ifndef HEADWAY_DAEMON_HEALTH_HEALTH_H_
#define HEADWAY_DAEMON_HEALTH_HEALTH_H_

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/clock.h"
#include "daemon/health/checks.h"
#include "headway/v1/admin.pb.h"

namespace headway::health {

// Thread-safe.
class Health {
 public:
  // What is looked at outlives this.
  Health(Clock* clock, const Subjects& subjects)
      : clock_(clock), subjects_(subjects) {}
  // Stops.
  ~Health() { Stop(); }

  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // Looks at everything now, keeps what it finds and tells the listener. The
  // only error is that of `check_alive`.
  absl::StatusOr<v1::Health> Look(const CheckAlive& check_alive = {});
  // What the last look found; healthy before the first. Never waits.
  std::shared_ptr<const v1::Health> last() const;

  // Looks now and then every `period`, from a thread of its own, until Stop.
  void Start(absl::Duration period);
  void Stop();

  // Called with what is found, on the thread that looks. Replaces the listener
  // of before; returns when a call under way has ended.
  void SetListener(std::function<void(const v1::Health&)> listener);

 private:
  using Problems = std::vector<v1::HealthProblem>;

  void Loop(absl::Duration period);
  // CANCELLED when it is stopped, DEADLINE_EXCEEDED when it takes too long.
  absl::Status LookInTime();
  // Looks at all but the indicators, keeps that with what is known of them, and
  // tells the listener.
  v1::Health Publish();

  Clock* const clock_;
  const Subjects subjects_;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const v1::Health> last_ ABSL_GUARDED_BY(mutex_);
  // What the last whole look found of the indicators, and whether one was given
  // up since.
  Problems indicators_ ABSL_GUARDED_BY(mutex_);
  Problems given_up_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Held from the look to the listener's call, so that no older finding follows
  // a newer one.
  absl::Mutex publish_mutex_;
  std::function<void(const v1::Health&)> listener_
      ABSL_GUARDED_BY(publish_mutex_);
  std::thread thread_;
};

}  // namespace headway::health

#endif  // HEADWAY_DAEMON_HEALTH_HEALTH_H_
