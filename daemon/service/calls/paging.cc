#include "daemon/service/calls/paging.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"

namespace headway::service {
namespace {

using messages::FieldError;

constexpr size_t kDigestLength = 16;

// FNV-1a: tokens outlive the process, and absl::Hash does not.
std::string Digest(absl::string_view scope, absl::string_view cursor) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (absl::string_view part : {scope, absl::string_view("\0", 1), cursor}) {
    for (unsigned char c : part) hash = (hash ^ c) * 0x100000001b3u;
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace

std::string MakeToken(absl::string_view scope, absl::string_view cursor) {
  return absl::WebSafeBase64Escape(absl::StrCat(Digest(scope, cursor), cursor));
}

absl::StatusOr<std::string> ParseToken(absl::string_view field,
                                       absl::string_view token,
                                       absl::string_view scope) {
  std::string text;
  if (absl::WebSafeBase64Unescape(token, &text) &&
      text.size() > kDigestLength) {
    std::string cursor = text.substr(kDigestLength);
    if (text.compare(0, kDigestLength, Digest(scope, cursor)) == 0) {
      return cursor;
    }
  }
  return FieldError(
      field, absl::StrCat("\"", token,
                          "\" was not given for this request; leave it out, "
                          "or repeat the request it came from unchanged"));
}

std::string MakeTimeCursor(absl::Time time) {
  return absl::StrCat(absl::ToUnixMicros(time));
}

absl::StatusOr<absl::Time> CursorTime(const Page& page) {
  if (page.cursor.empty()) return absl::InfinitePast();
  int64_t micros = 0;
  if (!absl::SimpleAtoi(page.cursor, &micros)) {
    return absl::InternalError("a page token holds no instant");
  }
  return absl::FromUnixMicros(micros);
}

absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view scope) {
  constexpr int32_t kDefaultSize = 100;
  constexpr int32_t kLargestSize = 1000;
  if (page_size < 0) {
    return FieldError("page_size",
                      absl::StrCat("must not be negative, is ", page_size));
  }
  Page page;
  page.size = page_size == 0 ? kDefaultSize : std::min(page_size, kLargestSize);
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(page.cursor, ParseToken("page_token", page_token, scope));
  }
  return page;
}

}  // namespace headway::service
