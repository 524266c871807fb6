// Any bytes are read as CSV or refused with the name and the line; the cells
// never hold more than the text did.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "plugins/sdk/cpp/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  headway::sdk::CsvReader reader(text, "fuzz.csv",
                                 {.max_columns = 64, .max_cell_bytes = 1024});
  size_t bytes = 0;
  int64_t last_line = 0;
  while (true) {
    auto more = reader.Next();
    if (!more.ok()) {
      if (!absl::StartsWith(more.status().message(), "fuzz.csv:")) abort();
      return 0;
    }
    if (!*more) return 0;
    if (reader.line() <= last_line) abort();
    last_line = reader.line();
    for (absl::string_view cell : reader.cells()) bytes += cell.size();
    if (bytes > size) abort();
  }
}
