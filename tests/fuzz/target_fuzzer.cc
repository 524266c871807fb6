// Any target is refused with a reason or taken apart; what decodes is UTF-8
// without NUL, and is the same when it is encoded again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "daemon/base/utf8.h"
#include "daemon/web/http/target.h"
#include "tests/fuzz/require.h"

namespace {

using headway::Require;

std::string Encode(absl::string_view text) {
  std::string encoded;
  for (unsigned char c : text) absl::StrAppendFormat(&encoded, "%%%02X", c);
  return encoded;
}

void RequireText(const std::string& text) {
  Require(headway::IsUtf8(text) && !absl::StrContains(text, '\0'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace web = headway::web;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  web::IsLoopbackAuthority(text);
  const auto parts = web::SplitTarget(text);
  if (!parts.ok()) {
    Require(!parts.status().message().empty());
    return 0;
  }
  Require(absl::StartsWith(parts->path, "/"));
  web::IsLoopbackAuthority(parts->authority);
  const auto path = web::DecodePath(parts->path);
  if (path.ok()) {
    RequireText(*path);
    Require(web::DecodePath(Encode(*path)).value() == *path);
  }
  const auto parameters = web::DecodeQuery(parts->query);
  if (!parameters.ok()) return 0;
  std::string again;
  for (const auto& [name, value] : *parameters) {
    RequireText(name);
    RequireText(value);
    absl::StrAppend(&again, Encode(name), "=", Encode(value), "&");
  }
  Require(web::DecodeQuery(again).value() == *parameters);
  return 0;
}
