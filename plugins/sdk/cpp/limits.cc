#include "plugins/sdk/cpp/limits.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/url.h"

namespace headway::sdk {

void WaitFor(Clock& clock, absl::Duration duration) {
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  bool never = false;
  const absl::Duration end = clock.Elapsed() + duration;
  for (absl::Duration left = duration; left > absl::ZeroDuration();
       left = end - clock.Elapsed()) {
    clock.AwaitUntil(mutex, absl::Condition(&never), clock.Now() + left);
  }
}

absl::Status Limiter::Await(absl::string_view host, const Keeper& keeper) {
  const auto limit =
      std::find_if(limits_.begin(), limits_.end(), [&](const HostLimit& each) {
        return absl::EqualsIgnoreCase(each.host, host);
      });
  if (limit == limits_.end()) return absl::OkStatus();
  absl::Duration wait;
  if (const char* address = std::getenv("HEADWAY_QUOTA")) {
    const std::string url = UrlWithQuery(
        absl::StrCat(address, "/take"),
        {{"host", std::string(host)},
         {"requests", "1"},
         {"longest_wait", absl::StrCat(absl::ToInt64Seconds(longest_wait_))}});
    ASSIGN_OR_RETURN(wait, keeper(url, host));
  } else {
    wait = TakeOwn(*limit);
  }
  if (wait > longest_wait_) {
    return TransientError(
        absl::StrCat(host, ": the plugin's limit on requests is used up"),
        wait);
  }
  WaitFor(*clock_, wait);
  return absl::OkStatus();
}

absl::Duration Limiter::TakeOwn(const HostLimit& limit) {
  const absl::Time now = clock_->Now();
  std::deque<absl::Time>& asked = asked_[limit.host];
  while (!asked.empty() && asked.front() <= now - absl::Hours(24)) {
    asked.pop_front();
  }
  absl::Time next = now;
  const auto keep = [&](int64_t most, absl::Duration span) {
    if (most <= 0 || static_cast<int64_t>(asked.size()) < most) return;
    next =
        std::max(next, asked[asked.size() - static_cast<size_t>(most)] + span);
  };
  keep(limit.per_second, absl::Seconds(1));
  keep(limit.per_minute, absl::Minutes(1));
  keep(limit.per_day, absl::Hours(24));
  if (next - now <= longest_wait_) asked.push_back(next);
  return next - now;
}

}  // namespace headway::sdk
