#include "daemon/service/calls/paging.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

absl::Status CheckPageSize(int32_t page_size) {
  if (page_size >= 0) return absl::OkStatus();
  return FieldError("page_size",
                    absl::StrCat("must not be negative, is ", page_size));
}

// The ends of time as the ends of the numbers.
int64_t ToMicros(absl::Time time) {
  if (time == absl::InfiniteFuture()) return INT64_MAX;
  if (time == absl::InfinitePast()) return INT64_MIN;
  return absl::ToUnixMicros(time);
}

absl::Time FromMicros(int64_t micros) {
  if (micros == INT64_MAX) return absl::InfiniteFuture();
  if (micros == INT64_MIN) return absl::InfinitePast();
  return absl::FromUnixMicros(micros);
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

absl::StatusOr<AnswerPage> ParseAnswerPage(int32_t page_size,
                                           absl::string_view page_token,
                                           absl::string_view scope) {
  RETURN_IF_ERROR(CheckPageSize(page_size));
  AnswerPage page;
  if (page_size > 0) page.items = static_cast<size_t>(page_size);
  if (page_token.empty()) return page;
  ASSIGN_OR_RETURN(const std::string cursor,
                   ParseToken("page_token", page_token, scope));
  const std::vector<absl::string_view> parts = absl::StrSplit(cursor, '/');
  int64_t as_of = 0;
  int64_t recorded_by = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &page.first) ||
      !absl::SimpleAtoi(parts[1], &as_of) ||
      !absl::SimpleAtoi(parts[2], &recorded_by)) {
    return absl::InternalError("a page token holds no place");
  }
  page.pin = {FromMicros(as_of), FromMicros(recorded_by)};
  return page;
}

std::string MakeAnswerToken(absl::string_view scope, size_t next,
                            const AnswerPage::Pin& pin) {
  return MakeToken(scope, absl::StrCat(next, "/", ToMicros(pin.as_of), "/",
                                       ToMicros(pin.recorded_by)));
}

absl::StatusOr<std::optional<size_t>> FillPage(
    const AnswerPage& page, size_t count,
    absl::FunctionRef<absl::StatusOr<size_t>(size_t place)> add) {
  size_t bytes = 0;
  for (size_t place = page.first; place < count; ++place) {
    if (place - page.first == page.items || bytes >= kPageBytes) return place;
    ASSIGN_OR_RETURN(const size_t added, add(place));
    bytes += added;
  }
  return std::nullopt;
}

absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view scope) {
  constexpr int32_t kDefaultSize = 100;
  constexpr int32_t kLargestSize = 1000;
  RETURN_IF_ERROR(CheckPageSize(page_size));
  Page page;
  page.size = page_size == 0 ? kDefaultSize : std::min(page_size, kLargestSize);
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(page.cursor, ParseToken("page_token", page_token, scope));
  }
  return page;
}

}  // namespace headway::service
