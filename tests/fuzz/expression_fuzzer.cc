// Any text parses or is refused with the column; what parses can be checked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "daemon/query/query.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  auto expression = headway::query::Parse(text);
  if (!expression.ok()) {
    if (!absl::StrContains(expression.status().message(), "column ")) abort();
    return 0;
  }
  auto type = headway::query::Check(*expression, {}, nullptr);
  if (!type.ok() &&
      type.status().code() != absl::StatusCode::kInvalidArgument) {
    abort();
  }
  return 0;
}
