// Any bytes are a table or are refused, in every format: a row stands at a
// place, and the cells of cubes are as many as their header's. The first byte
// chooses the format.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/html.h"
#include "plugins/sources/tables/formats/json.h"
#include "plugins/sources/tables/formats/json_stat.h"
#include "plugins/sources/tables/formats/sdmx_json.h"
#include "plugins/sources/tables/formats/xlsx.h"
#include "tests/fuzz/require.h"

namespace formats = headway::formats;
using headway::Require;

namespace {

absl::StatusOr<formats::Grid> Decode(char format, absl::string_view bytes) {
  const std::vector<std::string> columns = {"FREQ", "UNIT"};
  if (format == 'h') return formats::HtmlRows(bytes, "1", "");
  if (format == 'x') return formats::XlsxRows(bytes, "1");
  const auto document = formats::ParseJson(bytes);
  if (!document.ok()) return document.status();
  return format == 's' ? formats::SdmxJsonRows(*document, columns)
                       : formats::JsonStatRows(*document, columns);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const char format = bytes[0];
  const auto grid = Decode(format, bytes.substr(1));
  if (!grid.ok()) {
    Require(!grid.status().message().empty());
    return 0;
  }
  Require(grid->rows.size() == grid->places.size());
  if (format == 'h' || format == 'x') return 0;
  for (const auto& row : grid->rows) {
    Require(row.size() == grid->rows[0].size());
  }
  return 0;
}
