// How often a publisher is asked.
#ifndef HEADWAY_PLUGINS_SDK_CPP_LIMITS_H_
#define HEADWAY_PLUGINS_SDK_CPP_LIMITS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"

namespace headway::sdk {

// How many requests a publisher allows, 0 for any number: of all plugins of a
// daemon together that declare its host.
struct HostLimit {
  // Without a port.
  std::string host;
  int64_t per_second = 0;
  int64_t per_minute = 0;
  int64_t per_day = 0;
};

// Waits on the clock.
void WaitFor(Clock& clock, absl::Duration duration);

// Keeps limits: by what the daemon says, which counts for all its plugins, or
// without a daemon by what it was asked itself. Not thread-safe.
class Limiter {
 public:
  // Asks the daemon at an address, and returns what it says to wait.
  using Keeper = std::function<absl::StatusOr<absl::Duration>(
      const std::string& url, absl::string_view host)>;

  // `clock` must outlive this.
  Limiter(std::vector<HostLimit> limits, absl::Duration longest_wait,
          Clock* clock)
      : limits_(std::move(limits)),
        longest_wait_(longest_wait),
        clock_(clock) {}

  // Returns when the host may be asked. A TransientError with RetryAfter if
  // that is in longer than longest_wait.
  absl::Status Await(absl::string_view host, const Keeper& keeper);

 private:
  absl::Duration TakeOwn(const HostLimit& limit);

  const std::vector<HostLimit> limits_;
  const absl::Duration longest_wait_;
  Clock* const clock_;
  // When each host was asked within a day.
  std::map<std::string, std::deque<absl::Time>> asked_;
};

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_LIMITS_H_
