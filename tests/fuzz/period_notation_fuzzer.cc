// A format in the first line, texts in the others: a text is refused or is a
// period that its own notation gives back; no format lets two readings differ.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"
#include "daemon/tables/periods/format.h"
#include "daemon/tables/periods/notation.h"

namespace {

void Check(const absl::StatusOr<headway::series::Period>& period) {
  if (!period.ok()) return;
  const auto again =
      headway::series::ParsePeriod(headway::series::FormatPeriod(*period));
  if (!again.ok() || *again != *period) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  const auto format = headway::tables::PeriodFormat::Compile(parts.first);
  for (absl::string_view line : absl::StrSplit(parts.second, '\n')) {
    Check(headway::tables::ReadPeriod(line));
    Check(headway::tables::ReadPeriod(line,
                                      headway::series::Frequency::kMonthly));
    if (!format.ok()) continue;
    Check(format->Parse(line));
    Check(format->Parse(line, headway::series::Frequency::kDaily));
  }
  return 0;
}
