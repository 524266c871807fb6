// Any text parses or is refused with the column; what parses prints as a text
// that parses to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "daemon/series/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace series = headway::series;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  auto selector = series::ParseSelector(text);
  if (!selector.ok()) {
    if (!absl::StrContains(selector.status().message(), "column ")) abort();
    return 0;
  }
  const std::string printed = series::FormatSelector(*selector);
  auto again = series::ParseSelector(printed);
  if (!again.ok() || again->metric != selector->metric ||
      again->matchers.size() != selector->matchers.size()) {
    abort();
  }
  for (size_t i = 0; i < again->matchers.size(); ++i) {
    if (again->matchers[i].name() != selector->matchers[i].name() ||
        again->matchers[i].op() != selector->matchers[i].op() ||
        again->matchers[i].value() != selector->matchers[i].value()) {
      abort();
    }
  }
  const series::SeriesKey key;
  selector->Matches(key);
  return 0;
}
