// Any text is a period in range, whose own text is the same period, or is
// refused by name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace series = headway::series;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  auto period = series::ParsePeriod(text);
  if (!period.ok()) {
    if (!absl::StrContains(period.status().message(), "period \"")) abort();
    return 0;
  }
  if (series::FormatPeriod(*period) != text) abort();
  if (!(series::PeriodContaining(period->frequency,
                                 series::FirstDay(*period)) == *period)) {
    abort();
  }
  return 0;
}
