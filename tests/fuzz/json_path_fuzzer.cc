// Any path is refused at a column or finds what it finds: rows that it names
// lie in the document, and a value from a row is the same at every call. The
// input is a path, a line break, another from the row, a line break, JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/json.h"
#include "plugins/sources/tables/formats/json_path.h"
#include "plugins/sources/tables/formats/json_rows.h"
#include "tests/fuzz/require.h"

namespace formats = headway::formats;
using headway::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<absl::string_view> parts =
      absl::StrSplit(bytes, absl::MaxSplits('\n', 2));
  if (parts.size() < 3) return 0;
  const auto rows = formats::JsonPath::CompileRows(parts[0]);
  const auto value = formats::JsonPath::CompileValue(parts[1]);
  if (!rows.ok()) {
    Require(absl::StrContains(rows.status().message(), "at column "));
    return 0;
  }
  const auto document = formats::ParseJson(parts[2]);
  if (!document.ok()) return 0;
  (void)rows->ForEachRow(*document, [&](const formats::JsonRow& row) {
    Require(row.node.value != nullptr && absl::StartsWith(row.place, "$"));
    if (value.ok()) Require(value->Find(row) == value->Find(row));
    return absl::OkStatus();
  });
  const auto grid = formats::JsonRows(
      *document, {.rows = *rows, .columns = {std::string(parts[1])}});
  if (!grid.ok()) return 0;
  Require(!grid->rows.empty() && grid->rows.size() == grid->places.size());
  for (const auto& row : grid->rows) {
    Require(row.size() == grid->rows[0].size());
  }
  return 0;
}
