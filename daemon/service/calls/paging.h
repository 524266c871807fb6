// Pages of a listing, as in AIP-158.
//
// A page token says where the listing goes on, and is good only for the request
// it was given for: `scope` is the method and every parameter that shapes the
// listing, and a token of another scope, or one that was damaged, is refused.
// Tokens are neither secret nor signed. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::service {

struct Page {
  // 1 to 1,000; 100 if the request asks for 0.
  size_t size = 0;
  // Says which item was the last of the page before; empty for the first page.
  std::string cursor;
};

// Errors name page_size or page_token.
absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view scope);

// The cursor of a listing whose items each have an instant of their own, and
// the instant after which a page goes on: InfinitePast for the first page.
std::string MakeTimeCursor(absl::Time time);
absl::StatusOr<absl::Time> CursorTime(const Page& page);

// A printable token for `cursor`, which must not be empty.
std::string MakeToken(absl::string_view scope, absl::string_view cursor);

// The cursor in a token; an error of `field` if it is not one of that scope.
absl::StatusOr<std::string> ParseToken(absl::string_view field,
                                       absl::string_view token,
                                       absl::string_view scope);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_
