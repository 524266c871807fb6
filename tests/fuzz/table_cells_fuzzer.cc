// Any bytes are decoded as UTF-8 or refused with the line; their cells hold no
// more than they did, and numbers are finite in every style.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "daemon/base/utf8.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/numbers.h"
#include "daemon/tables/plain_text.h"
#include "daemon/tables/records.h"

namespace tables = headway::tables;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto text = tables::DecodeTable(bytes);
  if (!text.ok()) {
    if (!absl::ascii_isdigit(text.status().message()[0])) abort();
    return 0;
  }
  const tables::NumberStyle styles[] = {
      {},
      {.decimal = ',', .thousands = '.', .parentheses = true},
      {.thousands = ' ', .marks = {"p", "$"}}};
  tables::RecordReader reader(*text, {.comment = "#"});
  while (true) {
    const auto more = reader.Next();
    if (!more.ok()) {
      if (reader.problem_line() < 1 || reader.problem_column() < 1) abort();
      reader.SkipLine();
      continue;
    }
    if (!*more) return 0;
    for (absl::string_view cell : reader.cells()) {
      const std::string plain = tables::PlainText(cell);
      if (plain.size() > cell.size() || !headway::IsUtf8(plain)) abort();
      if (tables::PlainText(plain) != plain) abort();
      (void)tables::StatusOfMark(plain);
      for (const tables::NumberStyle& style : styles) {
        const auto number = tables::ParseNumber(plain, style);
        if (number.ok() && !std::isfinite(*number)) abort();
      }
    }
  }
}
