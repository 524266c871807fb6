// Any text is refused with itself named, or fires after every instant, again
// and again, within a bound, in a zone that changes its clock.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/schedule/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cron = headway::schedule::Cron::Parse(text);
  if (!cron.ok()) {
    if (!absl::StartsWith(cron.status().message(), "cron \"")) abort();
    return 0;
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("America/New_York", &zone)) abort();
  // Half an hour before a repeated hour.
  absl::Time time = absl::FromUnixSeconds(1730608200);
  const absl::Time bound = time + absl::Hours(24 * 366) * 250;
  for (int i = 0; i < 4; ++i) {
    const absl::Time next = cron->NextAfter(time, zone);
    if (next <= time || next > bound) abort();
    time = next;
  }
  return 0;
}
