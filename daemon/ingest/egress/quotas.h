// How often publishers may be asked, by all plugins together.
//
// A publisher counts the requests of an address, not of a plugin. So the daemon
// counts for its plugins: each asks before it sends a request, and is told how
// long to wait, or that there is none left for now. What is granted is reserved
// at once, so that plugins which ask together are sent one after the other.
// Requests of the last minute are kept in memory, those of a day (of UTC) in a
// ledger, which outlives the daemon.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_QUOTAS_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_QUOTAS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"

namespace headway::ingest {

// What a plugin declares of a host; 0: any number.
struct HostLimit {
  // In lower case.
  std::string host;
  int64_t per_second = 0;
  int64_t per_minute = 0;
  int64_t per_day = 0;
};

// Requests counted on one day.
struct DayCount {
  // Days since 1970-01-01, UTC.
  int64_t day = 0;
  int64_t requests = 0;
};

// Where the counts of days are kept. Thread-safe.
class QuotaLedger {
 public:
  virtual ~QuotaLedger() = default;
  // Absent: nothing was counted yet.
  virtual absl::StatusOr<std::optional<DayCount>> Read(
      const std::string& host) = 0;
  virtual absl::Status Write(const std::string& host,
                             const DayCount& count) = 0;
};

// What becomes of a wish to ask.
struct QuotaAnswer {
  bool is_granted = false;
  // Until the request may be sent, or the wish repeated.
  absl::Duration wait;
  // Of one that is not granted.
  std::string why;
};

class QuotaKeeper {
 public:
  // `ledger` may be null: then days are counted in memory. Both must outlive
  // this.
  QuotaKeeper(Clock* clock, QuotaLedger* ledger)
      : clock_(clock), ledger_(ledger) {}
  // Writes what the ledger does not have exactly.
  ~QuotaKeeper();

  // Reserves so many requests within the limit, if the last of them may be sent
  // within longest_wait; otherwise none. INVALID_ARGUMENT for more than the
  // limit ever allows at once; the ledger's error if it cannot be read.
  absl::StatusOr<QuotaAnswer> Take(const HostLimit& limit, int64_t requests,
                                   absl::Duration longest_wait);

  // What was counted on this day of UTC. After a kill it may be ahead of what
  // was sent.
  absl::StatusOr<int64_t> RequestsToday(const std::string& host);

 private:
  struct Host {
    // When requests of the last minute were or will be sent, in order.
    std::deque<absl::Time> sent;
    DayCount today;
    // What the ledger has: never less than was granted, so that a restart
    // grants nothing twice.
    int64_t written = 0;
    // By how much the ledger is ahead, to be written more rarely.
    int64_t block = 0;
  };

  absl::StatusOr<Host*> Find(const HostLimit& limit, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Count(const HostLimit& limit, int64_t requests, Host& host)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock* const clock_;
  QuotaLedger* const ledger_;
  absl::Mutex mutex_;
  std::map<std::string, Host> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_QUOTAS_H_
